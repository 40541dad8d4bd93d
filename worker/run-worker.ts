import { GracefulShutdownPeriodExpiredError, IllegalStateError, Runtime } from '@temporalio/worker';
import { airbyteOptionsFromEnvironment, proxyNote } from '../src/configuration/client-options';
import { workerSettings } from '../src/configuration/worker-settings';
import { secretResolverFromEnvironment } from '../src/secrets/secret-resolver';
import { connectTemporal } from '../src/temporal/connection';
import { registerSearchAttributes } from '../src/temporal/search-attributes';
import { connectTemporalWorker } from '../src/temporal/worker-connection';
import { webhookSettings } from '../src/webhooks/webhook-settings';
import { createWorker } from './create-worker';
import { limitMemory } from './process-memory';

/** The Temporal server and task queue of a worker that has started. */
export interface RunningWorker {
  /** `host:port` of Temporal */
  address: string;
  namespace: string;
  taskQueue: string;
  /** Search attributes that were missing in the namespace and that this worker has registered. */
  registeredSearchAttributes: string[];
}

export interface RunWorkerOptions {
  /** Replaces the process's environment. */
  env?: NodeJS.ProcessEnv;
  /** Called when the worker is about to poll for tasks. */
  onReady?: (worker: RunningWorker) => void;
}

/**
 * Runs a worker that is configured by the environment, until SIGTERM or SIGINT. At its start Temporal must be reachable;
 * Airbyte need not be.
 *
 * @throws InvalidEnvironmentError, TemporalConfigurationError or SecretError when a variable is invalid
 * @throws TemporalUnreachableError when Temporal does not respond
 * @throws SearchAttributesError when search attributes are missing and the worker may not register them
 * @throws WebhookListenError when the worker cannot listen for notifications from Airbyte
 * @throws AirbyteMismatchError when workers of the task queue serve another Airbyte
 */
export async function runWorker({ env = process.env, onReady }: RunWorkerOptions = {}): Promise<void> {
  const parts = {
    ...workerSettings(env),
    airbyte: airbyteOptionsFromEnvironment(env),
    secrets: secretResolverFromEnvironment(env),
    webhook: webhookSettings(env),
  };
  const registeredSearchAttributes = await prepareNamespace(env);
  const { connection, address, namespace, close } = await connectTemporalWorker({ env });
  const stopLimitingMemory = limitMemory();
  try {
    const worker = await createWorker({ connection, namespace, ...parts });
    const note = proxyNote(env);
    if (note !== undefined) Runtime.instance().logger.info(note);
    onReady?.({ address, namespace, taskQueue: parts.taskQueue, registeredSearchAttributes });
    await worker.run();
  } catch (error) {
    if (!isForcedShutdown(error)) throw error;
    Runtime.instance().logger.warn(
      'Some calls to Airbyte had not ended when the shutdown time was over. Another worker takes them over within a minute, and first checks their effect in Airbyte.',
    );
  } finally {
    stopLimitingMemory();
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
