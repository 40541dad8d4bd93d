import { describe, expect, it } from '@jest/globals';
import { airbyteFailure } from '../workflow/scripted-airbyte';
import { ScriptedWorkflows } from './scripted-workflows';

const PIPELINE = {
  name: 'shop',
  source: { name: 'shop', definition: 'Postgres', configuration: {} },
  destination: { name: 'lake', definition: 'S3', configuration: {} },
  connection: { streams: [{ name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }] },
};

/** Each workflow type with a progress query, with an input by which it syncs the connection `orders`. */
const KINDS = [
  ['syncConnection', { connectionId: 'orders' }],
  ['runPipeline', PIPELINE],
  ['syncFleet', { connections: ['orders'] }],
] as const;

describe('the progress', () => {
  const workflows = new ScriptedWorkflows();

  it('of a running job has the status running, though the response to its trigger came before it began', async () => {
    const sync = await workflows.start('syncConnection', { connectionId: 'orders' });
    await workflows.jobs.waitedFor('orders');
    expect(await sync.query('progress')).toMatchObject({ phase: 'running', status: 'running', jobId: 1 });
    workflows.jobs.end('orders');
    await sync.result();
    expect(await sync.query('progress')).toMatchObject({ phase: 'done', status: 'succeeded' });
  });

  it.each(KINDS)('of %s ends with the phase done', async (workflowType, input) => {
    workflows.jobs.ends.set('orders', { status: 'succeeded' });
    const handle = await workflows.start(workflowType, input);
    await handle.result();
    expect(await handle.query('progress')).toMatchObject({ phase: 'done' });
  });

  it.each(KINDS)('of %s ends with the phase failed when its job has failed', async (workflowType, input) => {
    workflows.jobs.ends.set('orders', { status: 'failed' });
    const handle = await workflows.start(workflowType, input);
    await expect(handle.result()).rejects.toThrow();
    expect(await handle.query('progress')).toMatchObject({ phase: 'failed' });
  });

  it.each(KINDS)('of %s ends with the phase cancelled when it was cancelled', async (workflowType, input) => {
    const handle = await workflows.start(workflowType, input);
    await workflows.jobs.waitedFor('orders');
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(await handle.query('progress')).toMatchObject({ phase: 'cancelled' });
  });

  it.each(KINDS)(
    'of %s ends with the phase failed when its job could not be cancelled',
    async (workflowType, input) => {
      workflows.jobs.onCancel = () => {
        throw airbyteFailure('AirbyteUnauthorized', 'jobs/cancel responded with 403.');
      };
      const handle = await workflows.start(workflowType, input);
      await workflows.jobs.waitedFor('orders');
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
      expect((await handle.describe()).status.name).toBe('FAILED');
      expect(await handle.query('progress')).toMatchObject({ phase: 'failed' });
    },
  );

  it('of a sync whose time is over ends with the phase failed', async () => {
    const sync = await workflows.start('syncConnection', { connectionId: 'orders', timeout: '2s' });
    await expect(sync.result()).rejects.toMatchObject({ cause: { type: 'AirbyteSyncTimedOut' } });
    expect(await sync.query('progress')).toMatchObject({ phase: 'failed' });
  });

  it('of a pipeline that has failed names the step that it did not get beyond', async () => {
    workflows.pipeline = {
      prepareConnection: async () => {
        throw airbyteFailure('AirbyteInvalidRequest', 'There are no streams.');
      },
    };
    const pipeline = await workflows.start('runPipeline', PIPELINE);
    await expect(pipeline.result()).rejects.toThrow();
    expect(await pipeline.query('progress')).toMatchObject({ phase: 'failed', failedStep: 'discovery' });
  });

  it('of a fleet whose connections cannot be found ends with the phase failed', async () => {
    workflows.jobs.onFind = async () => {
      throw airbyteFailure('AirbyteNotFound', 'There is no such connection.');
    };
    const fleet = await workflows.start('syncFleet', { connections: ['orders'] });
    await expect(fleet.result()).rejects.toThrow();
    expect(await fleet.query('progress')).toMatchObject({ phase: 'failed' });
  });
});
