import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Client, ScheduleExecutionResult } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { WorkflowProgressReader } from '../../cli/follow/workflow-progress';
import { startOrAttach } from '../../cli/follow/workflow-start';
import { readScheduleRun } from '../../cli/lookup/schedule-runs';
import { syncWorkflowId } from '../../src/contract/workflow-ids';
import type { TemporalClient } from '../../src/temporal/connection';
import { describeStatus, hasEnded, stallReasonOf } from '../../src/temporal/run-status';
import { runningSyncs } from '../../src/temporal/running-syncs';
import { devServerEnvironment } from '../../tools/dev-server';
import { CliCommand, CliProcess } from '../integration/cli-command';
import { temporalWithPauses } from '../support/temporal';

const TASK_QUEUE = 'no-worker-polls-here';

describe('a workflow that was paused in Temporal', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => {
    env = await temporalWithPauses();
  });
  afterAll(() => env?.teardown());

  /** A sync that was paused, with how the CLI is to say so. */
  async function pausedSync() {
    const connectionId = randomUUID();
    const workflowId = syncWorkflowId(connectionId, TASK_QUEUE);
    const handle = await env.client.workflow.start('syncConnection', {
      ...{ workflowId, taskQueue: TASK_QUEUE, args: [{ connectionId }] },
    });
    const { namespace } = env.client.options;
    await env.connection.workflowService.pauseWorkflowExecution({ namespace, workflowId, reason: 'maintenance' });
    const unpause = `\`temporal workflow unpause --workflow-id ${workflowId}\``;
    return { connectionId, workflowId, handle, unpause };
  }

  const shell = () => ({
    ...devServerEnvironment(env.address, { PATH: process.env['PATH'], HOME: process.env['HOME'] }),
    AIRBYTE_TASK_QUEUE: TASK_QUEUE,
  });

  it('is followed by `sync`, which says that it is paused and how to continue it, and ends with Ctrl-C', async () => {
    const { connectionId, unpause } = await pausedSync();
    const command = new CliCommand(['sync', connectionId], shell());
    const [said] = await command.said(/was paused in Temporal.*/);
    expect(said).toContain('(maintenance)');
    expect(said).toContain(unpause);
    await command.said(/^! Waiting: .*was paused in Temporal/m);
    command.interrupt('SIGINT');
    expect(await command.exited).toBe(130);
  });

  it('is cancelled by `cancel` once it is unpaused, which says so', async () => {
    const { connectionId, handle, unpause } = await pausedSync();
    const command = new CliProcess(['cancel', connectionId], shell());
    const [said] = await command.said(/The cancel has no effect yet: .*/);
    expect(said).toContain(unpause);
    command.kill('SIGINT');
    await command.exited;
    const { raw } = await handle.describe();
    expect(raw.workflowExtendedInfo?.cancelRequested).toBe(true);
  });

  it('is waited for without constant attempts to start, where the new workflow must follow it', async () => {
    const { connectionId, workflowId, handle } = await pausedSync();
    const start = jest.spyOn(env.client.workflow, 'start');
    const notes: string[] = [];
    let isWaiting: (value: unknown) => void = () => undefined;
    const waiting = new Promise((resolve) => {
      isWaiting = resolve;
    });
    const started = startOrAttach({ client: env.client } as TemporalClient, {
      ...{ workflowType: 'syncConnection', workflowIds: [workflowId], taskQueue: TASK_QUEUE, input: { connectionId } },
      ...{ staticSummary: 'a sync', staticDetails: '' },
      onRunning: () => 'wait',
      onOtherTaskQueue: () => 'separate',
      waiting: 'WAITING',
      note: (message) => {
        notes.push(message);
        if (message === 'WAITING') isWaiting(undefined);
      },
    });
    await waiting;
    expect(notes[0]).toContain('was paused in Temporal');
    expect(start).toHaveBeenCalledTimes(1);
    await handle.terminate();
    expect(await started).toMatchObject({ attached: false });
    start.mockRestore();
  });

  it('shows as paused among the runs of a schedule, with how to continue it', async () => {
    const { workflowId, handle, unpause } = await pausedSync();
    const action = { type: 'startWorkflow', workflow: { workflowId, firstExecutionRunId: handle.firstExecutionRunId } };
    const run = { scheduledAt: new Date(), takenAt: new Date(), action } as ScheduleExecutionResult;
    expect(await readScheduleRun(env.client, run)).toMatchObject({ outcome: 'paused', failure: null });
    const temporal = { client: env.client, connection: env.connection } as TemporalClient;
    const snapshot = await new WorkflowProgressReader(temporal, { workflowId }, 'sync').read();
    expect(snapshot?.waitingFor).toContain(unpause);
  });

  it('is among the syncs of its connection that have not ended', async () => {
    const { connectionId, workflowId, handle } = await pausedSync();
    const ids = async () => (await runningSyncs(env.client, connectionId, TASK_QUEUE)).map((sync) => sync.workflowId);
    expect(await ids()).toEqual([workflowId]);
    await handle.terminate();
    expect(await ids()).toEqual([]);
  });
});

describe('an unknown status', () => {
  const unknown = { workflowId: 'w', runId: 'r', status: { code: 42, name: 'UNKNOWN' }, raw: {} } as never;

  it('is shown by its number, and means that the run has not ended', () => {
    const status = { code: 42, name: 'UNKNOWN' } as const;
    expect(hasEnded(status)).toBe(false);
    expect(describeStatus(status)).toBe('status 42');
    expect(stallReasonOf(unknown)).toContain('has the status 42 in Temporal');
  });

  it.each(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT', 'CONTINUED_AS_NEW'] as const)(
    'is not %s, which has ended',
    (name) => {
      expect(hasEnded({ code: 0, name })).toBe(true);
    },
  );

  it('is that of a run which a schedule has started, and is not waited for', async () => {
    const handle = { describe: async () => ({ ...(unknown as object), typedSearchAttributes: new Map() }) };
    const client = { workflow: { getHandle: () => handle } } as unknown as Client;
    const action = { workflow: { workflowId: 'w', firstExecutionRunId: 'r' } };
    const run = { scheduledAt: new Date(), takenAt: new Date(), action } as unknown as ScheduleExecutionResult;
    expect(await readScheduleRun(client, run)).toMatchObject({ outcome: 'status 42' });
  });
});
