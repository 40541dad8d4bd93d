import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { AirbyteClient } from '../src/airbyte/client';
import type { JobWatcher } from '../src/jobs/job-watcher';
import type { SecretResolver } from '../src/secrets/secret-resolver';

/** What the activities of one worker share. */
export interface ActivityDependencies {
  airbyte: AirbyteClient;
  /** Waits for the jobs of this Airbyte. A worker process has one. */
  jobs: JobWatcher;
  /**
   * The limit of concurrent syncs, from the start of a job to its end; further ones wait. By default there is no limit.
   * The worker's `maxConcurrentActivityTaskExecutions` has to be higher.
   */
  maxConcurrentSyncs?: number;
  /** How long to wait for Airbyte and the gateways in front of it. Tests shorten these times. */
  timings?: AirbyteTimings;
  /** Resolves `${env:…}` and `${file:…}` when a configuration is sent, and masks the resolved secrets. */
  secrets: SecretResolver;
}
