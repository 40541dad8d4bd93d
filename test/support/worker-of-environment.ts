import { airbyteOptionsFromEnvironment } from '../../src/configuration/client-options';
import { workerSettings } from '../../src/configuration/worker-settings';
import { secretResolverFromEnvironment } from '../../src/secrets/secret-resolver';
import { webhookSettings } from '../../src/webhooks/webhook-settings';
import { createWorker } from '../../worker/create-worker';
import { type SharedTemporal, workflowBundle } from './temporal';

/**
 * Runs a worker that is configured by an environment, as `temporal-airbyte worker` does, in the test's own process.
 *
 * @returns stops it
 */
export async function startWorkerOfEnvironment(
  { nativeConnection, namespace }: SharedTemporal,
  env: NodeJS.ProcessEnv,
): Promise<() => Promise<void>> {
  const worker = await createWorker({
    ...{ connection: nativeConnection, namespace },
    ...workerSettings(env),
    airbyte: airbyteOptionsFromEnvironment(env),
    secrets: secretResolverFromEnvironment(env),
    webhook: webhookSettings(env),
    workflows: { workflowBundle: await workflowBundle() },
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
  };
}
