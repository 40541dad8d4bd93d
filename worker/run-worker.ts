import { GracefulShutdownPeriodExpiredError, IllegalStateError, Runtime } from '@temporalio/worker';
import { AirbyteClient } from '../src/airbyte/client';
import { airbyteOptionsFromEnvironment, proxyNote } from '../src/configuration/client-options';
import { metricsSettings } from '../src/configuration/metrics-settings';
import { workerSettings } from '../src/configuration/worker-settings';
import { secretResolverFromEnvironment } from '../src/secrets/secret-resolver';
import { connectTemporal } from '../src/temporal/connection';
import { registerSearchAttributes } from '../src/temporal/search-attributes';
import { connectTemporalWorker } from '../src/temporal/worker-connection';
import { webhookSettings } from '../src/webhooks/webhook-settings';
import { describeAirbyte } from './airbyte-identity';
import { createWorker } from './create-worker';
import { openMetricsEndpoint } from './metrics/metrics-endpoint';
import type { SdkMetrics } from './metrics/sdk-metrics';
import { WorkerHealth } from './metrics/worker-health';
import { clientMetrics } from './metrics/worker-metrics';
import { limitMemory } from './process-memory';
import { requestTracerOfProcess, startTracing, type Tracing } from './tracing/tracing';

/** The Temporal server, the task queue and the Airbyte of a worker that has started. */
export interface RunningWorker {
  /** `host:port` of Temporal */
  address: string;
  namespace: string;
  taskQueue: string;
  /** The Airbyte that it serves: `http://airbyte:8001/api/v1 (production)`. */
  airbyte: string;
  /** Why Airbyte does not respond; undefined if it does. */
  airbyteProblem: string | undefined;
  /** Search attributes that were missing in the namespace and that this worker has registered. */
  registeredSearchAttributes: string[];
}

export interface RunWorkerOptions {
  /** Replaces the process's environment. */
  env?: NodeJS.ProcessEnv;
  /** Called when the worker is about to poll for tasks. */
  onReady?: (worker: RunningWorker) => void;
  /** Reads the metrics that the worker serves if `AIRBYTE_METRICS_ADDRESS` is set. */
  readMetrics?: SdkMetrics['read'] | undefined;
}

/**
 * Runs a worker that is configured by the environment, until SIGTERM or SIGINT. At its start Temporal must be reachable;
 * Airbyte need not be: `onReady` says whether it is.
 *
 * @throws InvalidEnvironmentError, TemporalConfigurationError or SecretError when a variable is invalid
 * @throws TemporalUnreachableError when Temporal does not respond
 * @throws SearchAttributesError when search attributes are missing and the worker may not register them
 * @throws WebhookListenError when the worker cannot listen for notifications from Airbyte
 * @throws MetricsListenError when the worker cannot serve its metrics
 * @throws AirbyteMismatchError when workers of the task queue serve another Airbyte
 */
export async function runWorker({ env = process.env, onReady, readMetrics }: RunWorkerOptions = {}): Promise<void> {
  const { address } = metricsSettings(env);
  const options = airbyteOptionsFromEnvironment(env);
  const { logger, metricMeter } = Runtime.instance();
  const onWarning = (message: string) => logger.warn(message);
  const tracing = startTracing(env, onWarning);
  const tracer = requestTracerOfProcess(env);
  const observer = clientMetrics(metricMeter);
  const airbyte = new AirbyteClient({ onWarning, observer, ...(tracer && { tracer }), ...options });
  const health = new WorkerHealth(airbyte);
  try {
    const closeEndpoint = address && (await openMetricsEndpoint({ address, health, readMetrics }));
    if (address) logger.info(`Serves the health and the metrics of the worker at ${address.host}:${address.port}`);
    try {
      await connectAndRun({ env, airbyte, health, tracing, onReady });
    } finally {
      await closeEndpoint?.();
    }
  } finally {
    await airbyte.close();
    await tracing?.shutdown();
  }
}

interface RunOptions {
  env: NodeJS.ProcessEnv;
  airbyte: AirbyteClient;
  health: WorkerHealth;
  tracing: Tracing | undefined;
  onReady: RunWorkerOptions['onReady'];
}

async function connectAndRun({ env, airbyte, health, tracing, onReady }: RunOptions): Promise<void> {
  const checked = health.check('airbyte');
  const parts = {
    env,
    ...workerSettings(env),
    airbyte,
    secrets: secretResolverFromEnvironment(env),
    webhook: webhookSettings(env),
  };
  const registeredSearchAttributes = await prepareNamespace(env);
  const { connection, address, namespace, close } = await connectTemporalWorker({ env });
  const stopLimitingMemory = limitMemory();
  try {
    const worker = await createWorker({ connection, namespace, tracing, ...parts });
    health.serve(worker);
    const note = proxyNote(env);
    if (note !== undefined) Runtime.instance().logger.info(note);
    const { taskQueue, airbyteName: name } = parts;
    const served = describeAirbyte({ url: airbyte.url, ...(name !== undefined && { name }) });
    const airbyteProblem = await checked;
    onReady?.({ address, namespace, taskQueue, airbyte: served, airbyteProblem, registeredSearchAttributes });
    await worker.run();
  } catch (error) {
    if (!isForcedShutdown(error)) throw error;
    Runtime.instance().logger.warn(
      'Some calls to Airbyte had not ended when the shutdown time was over. Another worker takes them over within a minute, and first checks their effect in Airbyte.',
    );
  } finally {
    stopLimitingMemory();
    // Its warnings are lost once the connection and the runtime's log are closed.
    await tracing?.shutdown();
    await close();
  }
}

/**
 * Whether the shutdown time was over before every activity had ended. The SDK reports that with its own error, or with another
 * one while its native part still waits for those activities.
 */
function isForcedShutdown(error: unknown): boolean {
  return (
    error instanceof GracefulShutdownPeriodExpiredError ||
    (error instanceof IllegalStateError && error.message.startsWith('Worker still in use'))
  );
}

async function prepareNamespace(env: NodeJS.ProcessEnv): Promise<string[]> {
  const { connection, namespace, close } = await connectTemporal({ env });
  try {
    return await registerSearchAttributes(connection, namespace);
  } finally {
    await close();
  }
}
