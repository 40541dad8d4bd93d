import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { AirbyteClient } from '../src/airbyte/client';
import type { JobWatcher } from '../src/jobs/job-watcher';
import type { SyncSlots } from '../src/jobs/sync-slots';
import type { SecretResolver } from '../src/secrets/secret-resolver';
import type { DetachedWaits } from './detached-waits';

/** What the activities of one worker share. */
export interface ActivityDependencies {
  airbyte: AirbyteClient;
  /** Waits for the jobs of this Airbyte. A worker process has one. */
  jobs: JobWatcher;
  /** Limits the concurrent syncs, from the start of a job to its end; further ones wait. By default there is no limit. */
  slots?: SyncSlots;
  /** Called when a trigger adopts a job that an earlier request of it, whose response was lost, had started. */
  onJobAdopted?: (() => void) | undefined;
  /**
   * Takes the waits for jobs, so that they take no activity slots. The plugin of the worker sets it; without it, each wait takes
   * a slot.
   */
  waits?: DetachedWaits | undefined;
  /** How long to wait for Airbyte and the gateways in front of it. Tests shorten these times. */
  timings?: AirbyteTimings;
  /** Resolves `${env:…}` and `${file:…}` when a configuration is sent, and masks the resolved secrets. */
  secrets: SecretResolver;
}
