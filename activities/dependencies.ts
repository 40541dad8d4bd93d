import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { AirbyteClient } from '../src/airbyte/client';
import type { JobWatcher } from '../src/jobs/job-watcher';
import type { SecretResolver } from '../src/secrets/secret-resolver';

/** What the activities of one worker share. */
export interface ActivityDependencies {
  airbyte: AirbyteClient;
  /** Waits for the jobs of that Airbyte; one per worker process. */
  jobs: JobWatcher;
  /**
   * Syncs that the worker has at once, from the start of a job to its end; further ones wait. No limit when left out.
   * Leave the worker some more activities at once (`maxConcurrentActivityTaskExecutions`) than this.
   */
  maxConcurrentSyncs?: number;
  /** How long Airbyte, and what stands between, is given; for tests. */
  patience?: AirbyteTimings;
  /** Resolves `${env:…}` and `${file:…}` where a configuration is sent, and masks what it resolved. */
  secrets: SecretResolver;
}
