import { GracefulShutdownPeriodExpiredError, IllegalStateError, Runtime } from '@temporalio/worker';
import { airbyteOptionsFromEnvironment, proxyNote } from '../src/configuration/client-options';
import { workerSettings } from '../src/configuration/worker-settings';
import { secretResolverFromEnvironment } from '../src/secrets/secret-resolver';
import { connectTemporal } from '../src/temporal/connection';
import { registerSearchAttributes } from '../src/temporal/search-attributes';
import { connectTemporalWorker } from '../src/temporal/worker-connection';
import { createWorker } from './create-worker';
import { limitMemory } from './process-memory';

/** What a worker that has started serves. */
export interface RunningWorker {
  /** `host:port` of Temporal */
  address: string;
  namespace: string;
  taskQueue: string;
  /** Search attributes that the namespace lacked, and that this worker has registered. */
  registeredSearchAttributes: string[];
}

export interface RunWorkerOptions {
  /** Read instead of the process's environment. */
  env?: NodeJS.ProcessEnv;
  /** Called when the worker is about to take up work. */
  onReady?: (worker: RunningWorker) => void;
}

/**
 * Runs a worker as the environment says, until SIGTERM or SIGINT. Airbyte may
 * be out of reach when it starts, Temporal may not.
 *
 * @throws InvalidEnvironmentError, TemporalConfigurationError or SecretError when a variable cannot be used
 * @throws TemporalUnreachableError when Temporal does not answer
 * @throws SearchAttributesError when search attributes are missing and may not be registered
 * @throws AirbyteMismatchError when workers of the task queue serve another Airbyte
 */
export async function runWorker({ env = process.env, onReady }: RunWorkerOptions = {}): Promise<void> {
  const parts = {
    ...workerSettings(env),
    airbyte: airbyteOptionsFromEnvironment(env),
    secrets: secretResolverFromEnvironment(env),
  };
  const registeredSearchAttributes = await prepareNamespace(env);
  const { connection, address, namespace, close } = await connectTemporalWorker({ env });
  const unbound = limitMemory(Runtime.instance().logger);
  try {
    const worker = await createWorker({ connection, namespace, ...parts });
    const note = proxyNote(env);
    if (note !== undefined) Runtime.instance().logger.info(note);
    onReady?.({ address, namespace, taskQueue: parts.taskQueue, registeredSearchAttributes });
    await worker.run();
  } catch (error) {
    if (!isForcedShutdown(error)) throw error;
    Runtime.instance().logger.warn(
      'Some calls to Airbyte had not ended when the time to shut down was over. Another worker takes them up within a minute, and looks first what has become of them.',
    );
  } finally {
    unbound();
    await close();
  }
}

/**
 * Whether the time to shut down was over before every activity had ended. The SDK says so by an error of its own, which it
 * replaces by another one while its native part still waits for those activities.
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
