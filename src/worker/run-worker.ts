import { GracefulShutdownPeriodExpiredError, Runtime } from '@temporalio/worker';
import { airbyteOptionsFromEnvironment } from '../airbyte/environment';
import { secretResolverFromEnvironment } from '../pipeline/secrets';
import { connectTemporal } from '../temporal/connection';
import { registerSearchAttributes } from '../temporal/search-attributes';
import { connectTemporalWorker } from '../temporal/worker-connection';
import { boundMemory } from './process-memory';
import { createWorker } from './worker';
import { workerSettings } from './worker-settings';

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
 * Runs a worker as the environment says, until SIGTERM or SIGINT; a second signal ends the process at once. Airbyte may
 * be out of reach when it starts, Temporal may not.
 *
 * @throws InvalidEnvironmentError, TemporalConfigurationError or SecretError when a variable cannot be used
 * @throws TemporalUnreachableError when Temporal does not answer
 * @throws SearchAttributesError when search attributes are missing and may not be registered
 */
export async function runWorker({ env = process.env, onReady }: RunWorkerOptions = {}): Promise<void> {
  const parts = {
    ...workerSettings(env),
    airbyte: airbyteOptionsFromEnvironment(env),
    secrets: secretResolverFromEnvironment(env),
  };
  const registeredSearchAttributes = await prepareNamespace(env);
  const { connection, address, namespace, close } = await connectTemporalWorker({ env });
  const unbound = boundMemory(Runtime.instance().logger);
  try {
    const worker = await createWorker({ connection, namespace, ...parts });
    onReady?.({ address, namespace, taskQueue: parts.taskQueue, registeredSearchAttributes });
    await worker.run();
  } catch (error) {
    if (!(error instanceof GracefulShutdownPeriodExpiredError)) throw error;
    Runtime.instance().logger.warn(
      'Some calls to Airbyte had not ended when the time to shut down was over. Another worker takes them up.',
    );
  } finally {
    unbound();
    await close();
  }
}

async function prepareNamespace(env: NodeJS.ProcessEnv): Promise<string[]> {
  const { connection, namespace, close } = await connectTemporal({ env });
  try {
    return await registerSearchAttributes(connection, namespace);
  } finally {
    await close();
  }
}
