import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { AirbyteClient, AirbyteClientOptions } from '../src/airbyte/client';
import type { JobWatcher } from '../src/jobs/job-watcher';
import type { SecretResolver } from '../src/secrets/secret-resolver';
import type { WebhookSettings } from '../src/webhooks/webhook-settings';

/** Options that are left out come from the environment, as for `temporal-airbyte worker`. */
export interface AirbytePluginOptions {
  /** Replaces the process's environment. */
  env?: NodeJS.ProcessEnv;
  /** A client, which you close yourself, or the options of one that the plugin opens and closes. */
  airbyte?: AirbyteClient | AirbyteClientOptions;
  /** Waits for the jobs of that Airbyte; default: a watcher that the plugin creates. */
  jobs?: JobWatcher;
  /** Resolves `${env:…}` and `${file:…}` in pipeline documents. */
  secrets?: SecretResolver;
  /** Polling interval: the time between two polls for the jobs that syncs wait for, in milliseconds. */
  pollIntervalMs?: number;
  /**
   * How many syncs the worker runs concurrently; further ones wait. A sync takes no activity slot while its job runs, so
   * `maxConcurrentActivityTaskExecutions` may be lower; by default the plugin sets it to 200.
   */
  maxConcurrentSyncs?: number;
  /** Requests per second to Airbyte from all workers of the task queue together; default: no limit. */
  maxRequestsPerSecond?: number;
  /** A name for the Airbyte, where workers of one task queue reach it through different addresses. */
  airbyteName?: string;
  /** How long to wait for Airbyte and the gateways in front of it. Tests shorten these times. */
  timings?: AirbyteTimings;
  /** Where the worker listens for notifications from Airbyte, and which workflows it starts when syncs have ended. */
  webhook?: WebhookSettings;
  /** Whether the worker registers missing search attributes before it polls; default: true. */
  registerSearchAttributes?: boolean;
  /** Whether the worker serves the Nexus service; default: if the Temporal server supports Nexus. */
  nexus?: boolean;
}
