import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  type ReplayWorkerOptions,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { AirbyteClient } from '../../src/airbyte/client';
import { searchAttributeKeys } from '../../src/contract/search-attribute-keys';
import { AirbytePlugin, type AirbytePluginOptions } from '../../worker/airbyte-plugin';
import { type Stack, startStack } from '../support/stack';
import { newNamespace, uniqueName, workflowBundle } from '../support/temporal';

const USER_WORKFLOWS = require.resolve('../support/host-worker-workflows');
const HISTORY = join(__dirname, '../replay/histories/sync-succeeded.json');

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ worker: false });
});
afterAll(() => stack?.stop());
afterEach(() => {
  jest.restoreAllMocks();
});

const plugin = (options: AirbytePluginOptions = {}) =>
  new AirbytePlugin({ env: { AIRBYTE_URL: stack.sandbox.url, AIRBYTE_POLL_INTERVAL: '20ms' }, ...options });

/** Our workflows, bundled once: to bundle takes seconds of processor time. */
const bundled = async () => ({ workflowBundle: await workflowBundle() });

/** Runs a worker with the plugin while something is done with a client of its namespace. */
async function withWorker<T>(
  options: Partial<WorkerOptions> & { plugins: AirbytePlugin[] },
  use: (client: Client, taskQueue: string) => Promise<T>,
): Promise<T> {
  const { nativeConnection, connection, namespace } = stack.temporal;
  const taskQueue = uniqueName('plugin');
  const worker = await Worker.create({ connection: nativeConnection, namespace, taskQueue, ...options });
  const client = new Client({ connection, namespace: options.namespace ?? namespace });
  return worker.runUntil(() => use(client, taskQueue));
}

const replay = (options: ReplayWorkerOptions) =>
  Worker.runReplayHistory({ ...options, plugins: [plugin()] }, JSON.parse(readFileSync(HISTORY, 'utf8')), 'replayed');

describe("a user's own worker, with the plugin", () => {
  it('runs its own workflows and ours, and one as the child of the other', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 6 });
    const options = { workflowsPath: USER_WORKFLOWS, plugins: [plugin()] };
    await withWorker(options, async ({ workflow }, taskQueue) => {
      const run = (type: string, ...args: unknown[]) =>
        workflow.execute(type, { taskQueue, workflowId: uniqueName(type), args });
      expect(await run('greet', 'Airbyte')).toBe('Hello Airbyte');
      expect(await run('syncAndCount', connectionId)).toBe(6);
      expect(await run('syncConnection', { connectionId })).toMatchObject({ connectionId, status: 'succeeded' });
    });
  });

  it('runs and replays what bundleWorkflowCode has bundled with the plugin', async () => {
    const bundle = await bundleWorkflowCode({
      workflowsPath: USER_WORKFLOWS,
      plugins: [plugin()],
      logger: new DefaultLogger('WARN'),
    });
    const connectionId = await stack.caller.simulatedConnection({ records: 8 });
    const count = await withWorker({ workflowBundle: bundle, plugins: [plugin()] }, ({ workflow }, taskQueue) =>
      workflow.execute('syncAndCount', { taskQueue, workflowId: uniqueName('bundled'), args: [connectionId] }),
    );
    expect(count).toBe(8);
    await expect(replay({ workflowBundle: bundle })).resolves.toBeUndefined();
  });

  it('registers the missing search attributes before it starts to poll', async () => {
    const namespace = await newNamespace(stack.temporal);
    const connectionId = await stack.caller.simulatedConnection({ records: 1 });
    const sync = await withWorker(
      { ...(await bundled()), namespace, plugins: [plugin()] },
      async ({ workflow }, taskQueue) => {
        const handle = await workflow.start('syncConnection', {
          ...{ taskQueue, workflowId: uniqueName('registered'), args: [{ connectionId }] },
        });
        await handle.result();
        return handle.describe();
      },
    );
    expect(sync.typedSearchAttributes.get(searchAttributeKeys.recordsSynced)).toBe(1);
  });

  it('does not start without the search attributes where it may not register them, and says how to', async () => {
    const { nativeConnection: connection } = stack.temporal;
    const namespace = await newNamespace(stack.temporal);
    const unregistered = plugin({ registerSearchAttributes: false });
    await expect(
      unregistered.configureWorker({ ...(await bundled()), connection, namespace, taskQueue: uniqueName('plugin') }),
    ).rejects.toThrow(/lacks search attributes.*registerSearchAttributes\(connection, namespace\)/);
  });

  it('closes the client that it has opened once the worker has stopped, and not one that it was given', async () => {
    const given = new AirbyteClient({ url: stack.sandbox.url });
    const close = jest.spyOn(AirbyteClient.prototype, 'close');
    const workflows = await bundled();
    await withWorker({ ...workflows, plugins: [plugin({ airbyte: given })] }, async () => undefined);
    expect(close).not.toHaveBeenCalled();
    await withWorker({ ...workflows, plugins: [plugin()] }, async () => {
      expect(close).not.toHaveBeenCalled();
    });
    expect(close).toHaveBeenCalledTimes(1);
    await given.close();
  });

  it('shares its client between its workers until the last of them has stopped', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 3 });
    const options = { ...(await bundled()), plugins: [plugin()] };
    await withWorker(options, async ({ workflow }, taskQueue) => {
      await withWorker(options, async () => undefined);
      const run = { taskQueue, workflowId: uniqueName('shared'), args: [{ connectionId }] };
      expect(await workflow.execute('syncConnection', run)).toMatchObject({ recordsSynced: 3 });
    });
  });

  it('replays recorded histories of our workflows without workflows of its own', async () => {
    await expect(replay({})).resolves.toBeUndefined();
  });
});
