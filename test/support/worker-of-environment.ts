import { airbyteOptionsFromEnvironment } from '../../src/configuration/client-options';
import { workerSettings } from '../../src/configuration/worker-settings';
import { secretResolverFromEnvironment } from '../../src/secrets/secret-resolver';
import { connectTemporalWorker } from '../../src/temporal/worker-connection';
import { webhookSettings } from '../../src/webhooks/webhook-settings';
import { createWorker } from '../../worker/create-worker';
import { type SharedTemporal, workflowBundle } from './temporal';

/**
 * Runs a worker that is configured by an environment, as `temporal-airbyte worker` does, in the test's own process. It has a
 * connection of its own: on one connection there can be only one worker of a task queue.
 *
 * @returns stops it
 */
export async function startWorkerOfEnvironment(
  temporal: SharedTemporal,
  env: NodeJS.ProcessEnv,
): Promise<() => Promise<void>> {
  const { connection, namespace, close } = await connectTemporalWorker({ env: temporal.environment(env) });
  try {
    const worker = await createWorker({
      ...{ connection, namespace, env },
      ...workerSettings(env),
      airbyte: airbyteOptionsFromEnvironment(env),
      secrets: secretResolverFromEnvironment(env),
      webhook: webhookSettings(env),
      workflows: {
        workflowBundle: await workflowBundle(undefined, { encrypts: Boolean(env['AIRBYTE_CODEC_KEYS_FILE']) }),
      },
    });
    const running = worker.run();
    return async () => {
      worker.shutdown();
      await running;
      await close();
    };
  } catch (error) {
    await close();
    throw error;
  }
}
