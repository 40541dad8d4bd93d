import type { AirbyteClient } from '../src/airbyte/client';
import type { JobWatcher } from '../src/jobs/job-watcher';
import type { SecretResolver } from '../src/pipeline/secrets';

/** What the activities of one worker share. */
export interface ActivityDependencies {
  airbyte: AirbyteClient;
  /** Waits for the jobs of that Airbyte; one per worker process. */
  jobs: JobWatcher;
  /** Resolves `${env:…}` and `${file:…}` where a configuration is sent, and masks what it resolved. */
  secrets: SecretResolver;
}
