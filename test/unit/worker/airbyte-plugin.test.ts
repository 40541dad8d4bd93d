import { describe, expect, it } from '@jest/globals';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { InvalidEnvironmentError } from '../../../src/configuration/read-variable';
import { AirbytePlugin, type AirbytePluginOptions } from '../../../worker/airbyte-plugin';

const ENV = { AIRBYTE_URL: 'http://127.0.0.1:1/api/v1' };

const configure = (options: Partial<WorkerOptions> = {}, plugin: AirbytePluginOptions = {}) =>
  new AirbytePlugin({ env: ENV, ...plugin }).configureWorker({
    taskQueue: 'mine',
    connection: connectionTo({ nexus: true }),
    ...options,
  });

/** A connection to a server that has the search attributes, and that may support Nexus. */
function connectionTo(server: { nexus: boolean }): NativeConnection {
  const workflowService = {
    getSystemInfo: async () => ({ capabilities: server }),
    countWorkflowExecutions: async () => ({}),
  };
  const withDeadline = (_: unknown, call: () => Promise<unknown>) => call();
  return { workflowService, withDeadline } as unknown as NativeConnection;
}

const own = async () => {};

describe('the plugin', () => {
  it('adds its activities to those of the worker', async () => {
    const { activities } = await configure({ activities: { own } });
    expect(activities).toMatchObject({ own, checkSource: expect.any(Function), waitForJob: expect.any(Function) });
  });

  it('rejects an activity with a name that the plugin uses', async () => {
    await expect(configure({ activities: { own, cancelJob: own } })).rejects.toThrow(
      'Activities of this worker have names that temporal-airbyte uses: cancelJob.',
    );
  });

  it('brings its workflows where the worker has none, and leaves those that it has to be bundled with them', async () => {
    expect(Object.keys(await configure())).toEqual(expect.arrayContaining([expect.stringMatching(/^workflow/)]));
    const options = await configure({ workflowsPath: '/mine/workflows.js' });
    expect(options).toMatchObject({ workflowsPath: '/mine/workflows.js' });
    expect(options.workflowBundle).toBeUndefined();
  });

  it('bundles its workflows again for a worker with its own interceptors or converter', async () => {
    const options = await configure({ interceptors: { workflowModules: ['/mine/interceptors.js'] } });
    expect(options.workflowBundle).toBeUndefined();
    expect(options.workflowsPath).toMatch(/workflows.index/);
  });

  it('needs few activity slots, however many syncs may run', async () => {
    expect(await configure({}, { maxConcurrentSyncs: 10_000 })).toMatchObject({
      maxConcurrentActivityTaskExecutions: 200,
    });
  });

  it('gives each worker an identity of its own', async () => {
    const [one, other] = [await configure({ identity: 'mine' }), await configure({ identity: 'mine' })];
    expect(one.identity).toMatch(/^mine#[0-9a-f]{12} airbyte=/);
    expect(other.identity).not.toBe(one.identity);
  });

  it('keeps to what the worker says about its activities and heartbeats', async () => {
    expect(
      await configure({ maxConcurrentActivityTaskExecutions: 20, maxHeartbeatThrottleInterval: '1s' }),
    ).toMatchObject({ maxConcurrentActivityTaskExecutions: 20, maxHeartbeatThrottleInterval: '1s' });
    expect((await configure()).maxHeartbeatThrottleInterval).toBe(5_000);
  });

  it.each([
    ['where the server has Nexus', {}, { nexus: true }, ['airbyte']],
    ['not where the server has none', {}, { nexus: false }, []],
    ['not where the options say no', { nexus: false }, { nexus: true }, []],
  ])('serves its Nexus service %s', async (_, options, server, services) => {
    const { nexusServices = [] } = await configure({ connection: connectionTo(server) }, options);
    expect(nexusServices.map(({ definition }) => definition.name)).toEqual(services);
  });

  it('rejects an invalid environment in its constructor', () => {
    expect(() => new AirbytePlugin({ env: {} })).toThrow(InvalidEnvironmentError);
    expect(() => new AirbytePlugin({ env: { ...ENV, AIRBYTE_POLL_INTERVAL: 'often' } })).toThrow(/POLL_INTERVAL/);
    expect(() => new AirbytePlugin({ env: {}, airbyte: { url: ENV.AIRBYTE_URL } })).not.toThrow();
  });
});
