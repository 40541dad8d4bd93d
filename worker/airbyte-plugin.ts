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
import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import { normalizeAirbyteUrl } from '../src/airbyte/airbyte-url';
import { AirbyteClient, type AirbyteClientOptions } from '../src/airbyte/client';
import { airbyteOptionsFromEnvironment } from '../src/configuration/client-options';
import { type WorkerSettings, workerSettings } from '../src/configuration/worker-settings';
import { JobWatcher } from '../src/jobs/job-watcher';
import { type SecretResolver, secretResolverFromEnvironment } from '../src/secrets/secret-resolver';
import { registerSearchAttributes } from '../src/temporal/search-attributes';
import { identityWithAirbyte, type ServedAirbyte } from '../src/temporal/worker-airbyte-identity';
import { type AirbyteMismatchError, AirbyteMismatchGuard } from './airbyte-mismatch-guard';
import { logMasking } from './logger';
import { warnOfMixedBuilds } from './mixed-build-warning';
import { airbyteServiceHandler } from './nexus/handlers';
import { shareRequests } from './request-share';
import { WORKFLOWS_PATH, withAirbyteWorkflows, workflowSource } from './workflow-bundle';

/**
 * Activities that run at once beside those of the syncs that have a place: calls, and syncs that wait for a place. So a
 * worker with all its activitySlots taken can still cancel.
 */
const NON_SYNC_ACTIVITY_SLOTS = 1_000;

/** The part of a worker's activities that syncs may take up, where somebody else has decided how many run at once. */
const MAXIMUM_SYNC_SHARE = 0.9;

/**
 * Heartbeats go out this often at most. They carry what a sync has moved so far, and bring back a cancellation; the
 * SDK's own choice, 80 % of the heartbeat time-out, shows a person nothing for most of a minute.
 */
const HEARTBEAT_INTERVAL_MS = 5_000;

/** What is left out is what the environment says, as for the worker of the command line. */
export interface AirbytePluginOptions {
  /** Read instead of the process's environment. */
  env?: NodeJS.ProcessEnv;
  /** A client of yours, which stays yours to close; or the options of one that the plugin opens and closes. */
  airbyte?: AirbyteClient | AirbyteClientOptions;
  /** Waits for the jobs of that Airbyte, for whoever has a client and a watcher already. */
  jobs?: JobWatcher;
  /** Resolves `${env:…}` and `${file:…}` in pipeline documents. */
  secrets?: SecretResolver;
  /** Time between two looks at Airbyte for the jobs that are waited for, in milliseconds. */
  pollIntervalMs?: number;
  /**
   * Syncs that the worker has at once; further ones wait. Each of them is one activity. Where the worker's options set
   * `maxConcurrentActivityTaskExecutions`, at most nine tenths of that; else the plugin sets it to this and 1,000 more.
   */
  maxConcurrentSyncs?: number;
  /** Requests a second to Airbyte of all workers of the task queue together; no limit when nothing sets one. */
  maxRequestsPerSecond?: number;
  /** What you call the Airbyte, where workers of one task queue reach it by different addresses. */
  airbyteName?: string;
  /** How long Airbyte, and what stands between, is given; for tests. */
  patience?: AirbyteTimings;
  /** Whether the worker registers the search attributes that its namespace lacks before it takes up work; default: true. */
  registerSearchAttributes?: boolean;
  /** Whether the worker serves the Nexus service; default: wherever the Temporal server has Nexus. */
  nexus?: boolean;
}

/** What the workers of one plugin share while one of them is there. */
interface SharedResources {
  airbyte: AirbyteClient;
  jobs: JobWatcher;
  workers: number;
}

/**
 * Makes a worker of yours one of temporal-airbyte as well: its activities, its workflows beside your own, its search
 * attributes, its Nexus service, and the options that matter. Its client is closed when the worker has stopped.
 *
 * Your workflows are those of `workflowsPath`. Who passes a `workflowBundle` gives the plugin to `bundleWorkflowCode` too.
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
  readonly #served: ServedAirbyte;
  readonly #guards = new Map<string, AirbyteMismatchGuard>();
  #shared: SharedResources | undefined;

  /** @throws InvalidEnvironmentError or SecretError when a variable that is needed is missing or cannot be used */
  constructor(options: AirbytePluginOptions = {}) {
    const { env = process.env } = options;
    this.#options = options;
    this.#settings = workerSettings(env);
    this.#airbyte = options.airbyte ?? airbyteOptionsFromEnvironment(env);
    this.#secrets = options.secrets ?? secretResolverFromEnvironment(env);
    const name = options.airbyteName ?? this.#settings.airbyteName;
    this.#served = { url: normalizeAirbyteUrl(this.#airbyte.url).url, ...(name !== undefined && { name }) };
  }

  /**
   * @throws SearchAttributesError when search attributes are missing and may not be registered
   * @throws AirbyteMismatchError when workers of the task queue serve another Airbyte
   */
  async configureWorker(options: WorkerOptions): Promise<WorkerOptions> {
    const { maxConcurrentActivityTaskExecutions: activitySlots, tuner, nexusServices = [] } = options;
    const requestedSyncs = this.#options.maxConcurrentSyncs ?? this.#settings.maxConcurrentSyncs;
    const maxConcurrentSyncs =
      activitySlots === undefined
        ? requestedSyncs
        : Math.min(requestedSyncs, Math.max(1, Math.floor(activitySlots * MAXIMUM_SYNC_SHARE)));
    const { hasNexus } = await this.#prepareServer(options);
    const workflows = await workflowsFor(options);
    const warning = this.#secrets.warning?.();
    if (warning !== undefined) Runtime.instance().logger.warn(warning);
    const { airbyte, jobs } = this.#acquireShared();
    const activities = createActivities({
      ...{ airbyte, jobs, secrets: this.#secrets, maxConcurrentSyncs },
      ...(this.#options.patience !== undefined && { patience: this.#options.patience }),
    });
    logMasking.add(airbyte.masking.known);
    for (const { name, problem } of airbyte.masking.newWeakSecrets()) {
      Runtime.instance().logger.warn(`The secret ${name} ${problem}.`);
    }
    return {
      maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS,
      ...(activitySlots === undefined &&
        tuner === undefined && {
          maxConcurrentActivityTaskExecutions: maxConcurrentSyncs + NON_SYNC_ACTIVITY_SLOTS,
        }),
      ...workflows,
      ...options,
      identity: identityWithAirbyte(options.identity ?? `${process.pid}@${hostname()}`, this.#served),
      activities: { ...requireDistinctActivityNames(activities, options.activities), ...activities },
      nexusServices: (this.#options.nexus ?? hasNexus) ? [...nexusServices, airbyteServiceHandler()] : nexusServices,
    };
  }

  async configureReplayWorker(options: ReplayWorkerOptions): Promise<ReplayWorkerOptions> {
    return { ...(await workflowsFor(options)), ...options };
  }

  configureBundler(options: BundleOptions): BundleOptions {
    return withAirbyteWorkflows(options);
  }

  async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    // Whoever runs a worker until something is done takes it for running from the first moment on: nothing comes before.
    const sharing = this.#shareRequests(worker);
    const endBuildWatch = this.#warnOfMixedBuilds(worker);
    let mismatch: AirbyteMismatchError | undefined;
    const { connection, options } = worker;
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
      (await sharing)();
      await this.#releaseShared();
    }
    if (mismatch) throw mismatch;
  }

  /** Workers that have versions may be of several builds: Temporal keeps each workflow to one of them. */
  #warnOfMixedBuilds({ connection, options }: Worker): (() => void) | undefined {
    if (connection === undefined || options.workerDeploymentOptions?.useWorkerVersioning) return undefined;
    const { namespace, taskQueue } = options;
    return warnOfMixedBuilds({ connection, namespace, taskQueue, logger: Runtime.instance().logger });
  }

  #shareRequests({ connection, options }: Worker): Promise<() => void> {
    const airbyte = this.#shared?.airbyte;
    if (connection === undefined || airbyte === undefined) {
      throw new Error('A worker with this plugin is made by Worker.create, and runs once.');
    }
    const { namespace, taskQueue, identity } = options;
    const { logger } = Runtime.instance();
    const maxRequestsPerSecond = this.#options.maxRequestsPerSecond ?? this.#settings.maxRequestsPerSecond;
    return shareRequests({
      ...{ connection, namespace, taskQueue, identity, airbyte, logger },
      ...(maxRequestsPerSecond !== undefined && { maxRequestsPerSecond }),
    });
  }

  /** What has to be asked of the server before there is a worker; the same server that the worker connects to. */
  async #prepareServer({
    connection,
    namespace = 'default',
    taskQueue,
  }: WorkerOptions): Promise<{ hasNexus: boolean }> {
    const server = connection ?? (await NativeConnection.connect());
    try {
      if (this.#options.registerSearchAttributes ?? true) {
        const registered = await registerSearchAttributes(server, namespace);
        if (registered.length > 0) {
          Runtime.instance().logger.info(`Registered the search attributes ${registered.join(', ')}`);
        }
      }
      const { logger } = Runtime.instance();
      const guard = new AirbyteMismatchGuard({ namespace, taskQueue, served: this.#served, logger });
      await guard.beforeStart(server);
      this.#guards.set(taskQueue, guard);
      // A worker that asks a server without Nexus for Nexus tasks fails.
      const { capabilities } = await server.workflowService.getSystemInfo({});
      return { hasNexus: capabilities?.nexus === true };
    } finally {
      if (server !== connection) await server.close();
    }
  }

  #acquireShared(): SharedResources {
    if (!this.#shared) {
      const { logger } = Runtime.instance();
      const onWarning = (message: string) => logger.warn(message);
      const airbyte =
        this.#airbyte instanceof AirbyteClient ? this.#airbyte : new AirbyteClient({ onWarning, ...this.#airbyte });
      const pollIntervalMs = this.#options.pollIntervalMs ?? this.#settings.pollIntervalMs;
      const jobs = this.#options.jobs ?? new JobWatcher({ airbyte, pollIntervalMs, logger });
      this.#shared = { airbyte, jobs, workers: 0 };
    }
    this.#shared.workers += 1;
    return this.#shared;
  }

  async #releaseShared(): Promise<void> {
    const opened = this.#shared;
    if (!opened) return;
    opened.workers -= 1;
    if (opened.workers > 0) return;
    this.#shared = undefined;
    logMasking.remove(opened.airbyte.masking.known);
    if (opened.airbyte !== this.#airbyte) await opened.airbyte.close();
  }
}

/** Our workflows, where a worker has none of its own; those of its own are joined by ours as they are bundled. */
async function workflowsFor(options: Partial<WorkerOptions>): Promise<Partial<WorkerOptions>> {
  if (options.workflowsPath !== undefined || options.workflowBundle !== undefined) return {};
  const { bundlerOptions, interceptors, dataConverter } = options;
  const made =
    bundlerOptions ??
    interceptors?.workflowModules ??
    dataConverter?.payloadConverterPath ??
    dataConverter?.failureConverterPath;
  // A bundle that is there already has nothing of what is asked for.
  return made === undefined ? workflowSource() : { workflowsPath: WORKFLOWS_PATH };
}

/** The worker's own activities, none of which may go by a name of ours: one of the two would not be called. */
function requireDistinctActivityNames(ours: Activities, own: object = {}): object {
  const taken = Object.keys(own).filter((name) => Object.hasOwn(ours, name));
  if (taken.length > 0) {
    throw new TypeError(
      `Activities of this worker have names that temporal-airbyte uses: ${taken.join(', ')}. Rename them, or run temporal-airbyte in a worker of its own.`,
    );
  }
  return own;
}
