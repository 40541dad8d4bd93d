import { hostname } from 'node:os';
import {
  type BundleOptions,
  type BundlerPlugin,
  NativeConnection,
  type ReplayWorkerOptions,
  Runtime,
  type Worker,
  type WorkerOptions,
  type WorkerPlugin,
} from '@temporalio/worker';
import { type Activities, createActivities } from '../activities';
import { DetachedWaits } from '../activities/detached-waits';
import { STICKY_TIMEOUT_MS } from '../activities/sticky-queue';
import { normalizeAirbyteUrl } from '../src/airbyte/airbyte-url';
import { AirbyteClient, type AirbyteClientOptions } from '../src/airbyte/client';
import { airbyteOptionsFromEnvironment } from '../src/configuration/client-options';
import { type WorkerSettings, workerSettings } from '../src/configuration/worker-settings';
import { encryptingDataConverter, FAILURE_CONVERTER_PATH } from '../src/encryption/data-converter';
import { type EncryptionKeys, encryptionKeysFromEnvironment } from '../src/encryption/encryption-keys';
import { JobWatcher } from '../src/jobs/job-watcher';
import { SyncSlots } from '../src/jobs/sync-slots';
import { type SecretResolver, secretResolverFromEnvironment } from '../src/secrets/secret-resolver';
import { registerSearchAttributes, requireSearchAttributes } from '../src/temporal/search-attributes';
import { withStartId } from '../src/temporal/worker-presence';
import { type WebhookSettings, webhookSettings } from '../src/webhooks/webhook-settings';
import { withActivityLogFields } from './activity-log-fields';
import { describeAirbyte, identityWithAirbyte, type ServedAirbyte } from './airbyte-identity';
import { type AirbyteMismatchError, AirbyteMismatchGuard } from './airbyte-mismatch-guard';
import type { AirbytePluginOptions } from './airbyte-plugin-options';
import { AirbyteReach } from './airbyte-reach';
import { logMasking } from './logger';
import {
  clientMetrics,
  notificationMetrics,
  pollMetrics,
  type WorkerMetrics,
  workerMetrics,
} from './metrics/worker-metrics';
import { warnOfMixedBuilds } from './mixed-build-warning';
import { airbyteServiceHandler } from './nexus/handlers';
import { shareRequests } from './request-share';
import { requestTracerOfProcess } from './tracing/tracing';
import { keepWaits } from './wait-takeover';
import { WebhookService } from './webhooks/webhook-service';
import { withAirbyteWorkflows, workflowsFor } from './workflow-bundle';

export type { AirbytePluginOptions } from './airbyte-plugin-options';

/** Waiting syncs take no activity slots, so these are for calls to Airbyte and for syncs that wait for the start of their job. */
const ACTIVITY_SLOTS = 200;

/** The share of the activity slots in which syncs may wait for their start. So a worker at its limit can still cancel. */
const QUEUED_SHARE = 0.5;

/**
 * The minimum interval between two heartbeats. They carry the progress of a sync and bring back a cancellation. With the SDK's
 * default, 80 % of the heartbeat timeout, the user would see no progress for most of a minute.
 */
const HEARTBEAT_INTERVAL_MS = 5_000;

const NOT_CONFIGURED =
  'A worker with this plugin must be created by Worker.create, keep the identity that the plugin gives it, and can run only once.';

/** What the plugin keeps of a worker that it has configured, until the worker runs. */
interface ConfiguredWorker {
  waits: DetachedWaits;
  slots: SyncSlots;
  metrics: WorkerMetrics;
}

/** What the workers of one plugin share while at least one of them exists. */
interface SharedResources {
  airbyte: AirbyteClient;
  reach: AirbyteReach;
  jobs: JobWatcher;
  webhooks: WebhookService;
  workers: number;
}

/**
 * Adds temporal-airbyte to your own worker: its activities, its workflows in addition to yours, its search attributes, its Nexus
 * service, and the worker options that it needs. It closes its client when the worker has stopped.
 *
 * The plugin bundles your workflows from `workflowsPath`. If you pass a `workflowBundle`, give the plugin to `bundleWorkflowCode`
 * too.
 *
 * @example
 * const worker = await Worker.create({
 *   connection,
 *   taskQueue: 'mine',
 *   workflowsPath: require.resolve('./workflows'),
 *   plugins: [new AirbytePlugin()],
 * });
 */
export class AirbytePlugin implements WorkerPlugin, BundlerPlugin {
  readonly name = 'temporal-airbyte';
  readonly #options: AirbytePluginOptions;
  readonly #settings: WorkerSettings;
  readonly #airbyte: AirbyteClient | AirbyteClientOptions;
  readonly #secrets: SecretResolver;
  readonly #keys: EncryptionKeys | undefined;
  readonly #webhook: WebhookSettings;
  readonly #served: ServedAirbyte;
  readonly #guards = new Map<string, AirbyteMismatchGuard>();
  /** The workers that do not run yet, by their identity. */
  readonly #configured = new Map<string, ConfiguredWorker>();
  #shared: SharedResources | undefined;

  /** @throws InvalidEnvironmentError or SecretError when a required variable is missing or invalid */
  constructor(options: AirbytePluginOptions = {}) {
    const { env = process.env } = options;
    this.#options = options;
    this.#settings = workerSettings(env);
    this.#airbyte = options.airbyte ?? airbyteOptionsFromEnvironment(env);
    this.#secrets = options.secrets ?? secretResolverFromEnvironment(env);
    this.#keys = encryptionKeysFromEnvironment(env);
    this.#webhook = options.webhook ?? webhookSettings(env);
    const name = options.airbyteName ?? this.#settings.airbyteName;
    this.#served = { url: normalizeAirbyteUrl(this.#airbyte.url).url, ...(name !== undefined && { name }) };
  }

  /**
   * @throws SearchAttributesError when search attributes are missing and the worker may not, or is not to, register them
   * @throws AirbyteMismatchError when workers of the task queue serve another Airbyte
   * @throws WebhookListenError when the worker cannot listen for notifications
   * @throws TypeError when the `workflowBundle` was built without this plugin, and so lacks the workflows or, where there are
   *   encryption keys, the converter of failures
   */
  async configureWorker(given: WorkerOptions): Promise<WorkerOptions> {
    const options = { ...given, dataConverter: encryptingDataConverter(this.#keys, given.dataConverter) };
    const { maxConcurrentActivityTaskExecutions: activitySlots, tuner, nexusServices = [] } = options;
    const maxConcurrentSyncs = this.#options.maxConcurrentSyncs ?? this.#settings.maxConcurrentSyncs;
    const slots = new SyncSlots(maxConcurrentSyncs, Math.floor((activitySlots ?? ACTIVITY_SLOTS) * QUEUED_SHARE));
    const identity = identityWithAirbyte(withStartId(options.identity ?? `${process.pid}@${hostname()}`), this.#served);
    const { logger, metricMeter } = Runtime.instance();
    const waits = new DetachedWaits(logger);
    const { namespace = 'default', taskQueue } = options;
    // The SDK's own metrics of a worker have the same labels.
    const metrics = workerMetrics(metricMeter.withTags({ namespace, task_queue: taskQueue }));
    this.#configured.set(identity, { waits, slots, metrics });
    const { hasNexus } = await this.#prepareServer(options);
    const workflows = await this.#workflowsFor(given);
    const warning = this.#secrets.warning?.();
    if (warning !== undefined) logger.warn(warning);
    const { airbyte, jobs } = await this.#acquireShared();
    const activities = createActivities({
      ...{ airbyte, jobs, secrets: this.#secrets, slots, waits, onJobAdopted: metrics.onJobAdopted },
      ...(this.#options.timings !== undefined && { timings: this.#options.timings }),
    });
    logMasking.add(airbyte.masking.known);
    for (const { name, problem } of airbyte.masking.newWeakSecrets()) {
      logger.warn(`The secret ${name} ${problem}.`);
    }
    return {
      maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS,
      stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT_MS,
      ...(tuner === undefined && { maxConcurrentActivityTaskExecutions: ACTIVITY_SLOTS }),
      ...workflows,
      ...options,
      identity,
      interceptors: {
        ...options.interceptors,
        activity: [...(options.interceptors?.activity ?? []), withActivityLogFields(activities)],
      },
      activities: { ...requireDistinctActivityNames(activities, options.activities), ...activities },
      nexusServices: (this.#options.nexus ?? hasNexus) ? [...nexusServices, airbyteServiceHandler()] : nexusServices,
    };
  }

  async configureReplayWorker(options: ReplayWorkerOptions): Promise<ReplayWorkerOptions> {
    const dataConverter = encryptingDataConverter(this.#keys, options.dataConverter);
    return { ...(await this.#workflowsFor(options)), ...options, dataConverter };
  }

  configureBundler(options: BundleOptions): BundleOptions {
    const failureConverterPath = options.failureConverterPath ?? (this.#keys && FAILURE_CONVERTER_PATH);
    return withAirbyteWorkflows({ ...options, ...(failureConverterPath !== undefined && { failureConverterPath }) });
  }

  async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    // worker.runUntil() expects the worker to run immediately, so nothing is awaited before next().
    const shared = this.#requireShared();
    const sharing = this.#shareRequests(worker, shared);
    const endBuildWatch = this.#warnOfMixedBuilds(worker);
    const configured = this.#configured.get(worker.options.identity);
    if (configured === undefined) throw new Error(NOT_CONFIGURED);
    this.#configured.delete(worker.options.identity);
    const { waits, metrics } = configured;
    const { reach } = shared;
    reach.start();
    const passOnWaits = keepWaits(worker, waits, reach, metrics.onPassedOn);
    const endSamples = metrics.sample({ ...configured, reach });
    let mismatch: AirbyteMismatchError | undefined;
    const { connection, options } = worker;
    shared.webhooks.serve(worker);
    const guard = this.#guards.get(options.taskQueue);
    const endGuard =
      connection &&
      guard?.whileRunning(connection, (error) => {
        if (worker.getState() !== 'RUNNING') return;
        mismatch = error;
        worker.shutdown();
      });
    try {
      await next(worker);
    } finally {
      endGuard?.();
      endBuildWatch?.();
      shared.webhooks.leave(worker);
      await passOnWaits();
      endSamples();
      (await sharing)();
      await this.#releaseShared();
    }
    if (mismatch) throw mismatch;
  }

  #workflowsFor(given: Partial<WorkerOptions>): Promise<Partial<WorkerOptions>> {
    return workflowsFor(given, this.#keys !== undefined);
  }

  /** Versioned workers may be of several builds, because Temporal keeps each workflow on one version. */
  #warnOfMixedBuilds({ connection, options }: Worker): (() => void) | undefined {
    if (connection === undefined || options.workerDeploymentOptions?.useWorkerVersioning) return undefined;
    const { namespace, taskQueue } = options;
    return warnOfMixedBuilds({ connection, namespace, taskQueue, logger: Runtime.instance().logger });
  }

  #requireShared(): SharedResources {
    if (this.#shared === undefined) throw new Error(NOT_CONFIGURED);
    return this.#shared;
  }

  #shareRequests({ connection, options }: Worker, { airbyte }: SharedResources): Promise<() => void> {
    if (connection === undefined) throw new Error(NOT_CONFIGURED);
    const { namespace, taskQueue, identity } = options;
    const { logger } = Runtime.instance();
    const maxRequestsPerSecond = this.#options.maxRequestsPerSecond ?? this.#settings.maxRequestsPerSecond;
    return shareRequests({
      ...{ connection, namespace, taskQueue, identity, airbyte, logger },
      ...(maxRequestsPerSecond !== undefined && { maxRequestsPerSecond }),
    });
  }

  /** Prepares the Temporal server of the worker before the worker is created. */
  async #prepareServer({
    connection,
    namespace = 'default',
    taskQueue,
    dataConverter = {},
  }: WorkerOptions): Promise<{ hasNexus: boolean }> {
    const server = connection ?? (await NativeConnection.connect());
    try {
      if (this.#options.registerSearchAttributes ?? true) {
        const registered = await registerSearchAttributes(server, namespace);
        if (registered.length > 0) {
          Runtime.instance().logger.info(`Registered the search attributes ${registered.join(', ')}`);
        }
      } else {
        await requireSearchAttributes(server, namespace);
      }
      const { logger } = Runtime.instance();
      const guard = new AirbyteMismatchGuard({ namespace, taskQueue, dataConverter, served: this.#served, logger });
      await guard.beforeStart(server);
      this.#guards.set(taskQueue, guard);
      // A worker that polls for Nexus tasks fails on a server without Nexus.
      const { capabilities } = await server.workflowService.getSystemInfo({});
      return { hasNexus: capabilities?.nexus === true };
    } finally {
      if (server !== connection) await server.close();
    }
  }

  async #acquireShared(): Promise<SharedResources> {
    if (!this.#shared) {
      const { logger, metricMeter } = Runtime.instance();
      const onWarning = (message: string) => logger.warn(message);
      const tracer = requestTracerOfProcess(this.#options.env ?? process.env);
      const airbyte =
        this.#airbyte instanceof AirbyteClient
          ? this.#airbyte
          : new AirbyteClient({
              ...{ onWarning, observer: clientMetrics(metricMeter) },
              ...(tracer && { tracer }),
              ...this.#airbyte,
            });
      const reach = new AirbyteReach({ airbyte, name: describeAirbyte(this.#served), logger });
      const countPoll = pollMetrics(metricMeter);
      const onPoll = (hasSucceeded: boolean, durationMs: number) => {
        reach.notePoll(hasSucceeded);
        countPoll(hasSucceeded, durationMs);
      };
      const pollIntervalMs = this.#options.pollIntervalMs ?? this.#settings.pollIntervalMs;
      const jobs = this.#options.jobs ?? new JobWatcher({ airbyte, pollIntervalMs, logger, onPoll });
      const onNotification = notificationMetrics(metricMeter);
      const webhooks = new WebhookService({ ...this.#webhook, airbyte, jobs, pollIntervalMs, logger, onNotification });
      this.#shared = { airbyte, reach, jobs, webhooks, workers: 0 };
    }
    const shared = this.#shared;
    shared.workers += 1;
    try {
      await shared.webhooks.listen();
    } catch (error) {
      await this.#releaseShared();
      throw error;
    }
    return shared;
  }

  async #releaseShared(): Promise<void> {
    const opened = this.#shared;
    if (!opened) return;
    opened.workers -= 1;
    if (opened.workers > 0) return;
    this.#shared = undefined;
    opened.reach.end();
    await opened.webhooks.close();
    logMasking.remove(opened.airbyte.masking.known);
    if (opened.airbyte !== this.#airbyte) await opened.airbyte.close();
  }
}

/** @throws TypeError when the worker's own activities use a name of ours: only one of the two would be called */
function requireDistinctActivityNames(ours: Activities, own: object = {}): object {
  const taken = Object.keys(own).filter((name) => Object.hasOwn(ours, name));
  if (taken.length > 0) {
    throw new TypeError(
      `Activities of this worker have names that temporal-airbyte uses: ${taken.join(', ')}. Rename them, or run temporal-airbyte in a separate worker.`,
    );
  }
  return own;
}
