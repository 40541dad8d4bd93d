import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { Activities } from '../../activities';
import type { checkAirbyte } from '../../workflows';
import { failureOf } from '../support/stack';
import { timeSkippingTemporal, uniqueName, workflowBundle } from '../support/temporal';

const TASK_QUEUE = 'check-airbyte';

describe('checkAirbyte', () => {
  let env: TestWorkflowEnvironment;
  let stop: () => Promise<void>;
  let available: boolean[];
  let findWorkspace: () => Promise<{ workspaceId: string; name: string }>;

  const activities: Partial<Activities> = {
    checkHealth: async () => ({ available: available.length > 1 ? available.shift() === true : available[0] === true }),
    findWorkspace: () => findWorkspace(),
  };

  beforeAll(async () => {
    env = await timeSkippingTemporal();
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle: await workflowBundle(),
      activities,
    });
    const running = worker.run();
    stop = async () => {
      worker.shutdown();
      await running;
    };
  });
  afterAll(async () => {
    await stop?.();
    await env?.teardown();
  });
  beforeEach(() => {
    available = [true];
    findWorkspace = async () => ({ workspaceId: 'w', name: 'Default Workspace' });
  });

  const start = () =>
    env.client.workflow.start<typeof checkAirbyte>('checkAirbyte', {
      taskQueue: TASK_QUEUE,
      workflowId: uniqueName('check'),
      args: [],
    });

  it('succeeds with the workspace that the credentials may read', async () => {
    expect(await (await start()).result()).toEqual({ workspace: 'Default Workspace' });
  });

  it('waits for an Airbyte that is not available yet', async () => {
    available = [false, false, true];
    expect(await (await start()).result()).toEqual({ workspace: 'Default Workspace' });
  });

  it('fails after five minutes in which Airbyte was not available', async () => {
    available = [false];
    const check = await start();
    expect(await failureOf(check)).toMatchObject({ type: 'AirbyteUnavailable' });
    const { startTime, closeTime } = await check.describe();
    expect((closeTime?.getTime() ?? 0) - startTime.getTime()).toBeGreaterThanOrEqual(5 * 60_000);
  });

  it('fails when the credentials may read no workspace', async () => {
    findWorkspace = () => Promise.reject(ApplicationFailure.nonRetryable('There is none.', 'AirbyteNotFound'));
    expect(await failureOf(await start())).toMatchObject({ type: 'AirbyteNotFound', message: 'There is none.' });
  });

  it('succeeds on an Airbyte that does not list its workspaces', async () => {
    findWorkspace = () => Promise.reject(ApplicationFailure.nonRetryable('No list.', 'AirbyteUnsupported'));
    expect(await (await start()).result()).toEqual({ workspace: null });
  });
});
