import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type WorkflowExecutionDescription } from '@temporalio/client';
import { readPendingWork, syncSnapshot } from '../../../../cli/follow/workflow-progress';
import { pipelineSteps } from '../../../../src/details/pipeline-steps';

const created = { source: true, destination: false, connection: true };

/** Temporal's description of a running workflow; `raw` is the part that matters. */
function described(raw: object): WorkflowExecutionDescription {
  const status = { code: 1, name: 'RUNNING' };
  return { taskQueue: 'airbyte', workflowId: 'airbyte-sync:c', status, raw } as unknown as WorkflowExecutionDescription;
}

describe('the steps of a pipeline', () => {
  it('are done up to the one that runs', () => {
    const applied = { destination: { action: 'change' as const, name: 'lake', id: 'd', changes: [] } };
    const steps = pipelineSteps({ name: 'p', phase: 'connection', created, applied, notes: [], workspaceId: 'ws-1' });
    expect(steps.map(({ state }) => state)).toEqual([...Array<string>(5).fill('done'), 'running', 'to do']);
    expect(steps[0]?.detail).toBe('ws-1');
    expect(steps[4]?.detail).toBe('source created, destination changed');
  });

  it('are all done at the end', () => {
    const steps = pipelineSteps({ name: 'p', phase: 'done', created, notes: [] });
    expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(['done']));
  });

  it('have no sync in a run that only applies', () => {
    const steps = pipelineSteps({ name: 'p', phase: 'done', created, notes: [], sync: null });
    expect(steps.map(({ label }) => label).at(-1)).toBe('set up the connection');
  });

  it('are none while nothing is known', () => {
    expect(pipelineSteps(undefined)).toEqual([]);
  });
});

describe('what is pending', () => {
  const beat = { jobId: 12, status: 'running', recordsSynced: 5, bytesSynced: 50 };
  const heartbeatDetails = { payloads: [defaultPayloadConverter.toPayload(beat)] };

  it('is the job of the last heartbeat', () => {
    const pendingActivities = [{ activityType: { name: 'waitForJob' }, state: 2, heartbeatDetails }];
    expect(readPendingWork(described({ pendingActivities }))).toMatchObject({ job: beat, waitsForWorker: false });
  });

  it('is the failure behind a retry, by its innermost message', () => {
    const lastFailure = { message: 'activity failed', cause: { message: 'connect ECONNREFUSED 10.0.0.1:8001' } };
    const nextAttemptScheduleTime = { seconds: Date.now() / 1_000 + 60 };
    const scheduled = {
      activityType: { name: 'checkSource' },
      state: 1,
      attempt: 4,
      lastFailure,
      nextAttemptScheduleTime,
    };
    const { retry, waitsForWorker } = readPendingWork(described({ pendingActivities: [scheduled] }));
    expect(retry).toMatchObject({ message: 'connect ECONNREFUSED 10.0.0.1:8001', attempt: 4 });
    expect(retry?.nextAttemptInMs).toBeGreaterThan(50_000);
    expect(waitsForWorker).toBe(false);
  });

  it('is still that failure while the next attempt runs, unless the attempt only waits for the job', () => {
    const ofAttempt = (name: string) => {
      const lastFailure = { message: 'The worker shuts down.' };
      return readPendingWork(
        described({ pendingActivities: [{ activityType: { name }, state: 2, attempt: 2, lastFailure }] }),
      ).retry;
    };
    expect(ofAttempt('checkSource')).toMatchObject({ message: 'The worker shuts down.', attempt: 2 });
    expect(ofAttempt('waitForJob')).toBeUndefined();
  });

  it('is a worker, when no worker has taken a task', () => {
    expect(readPendingWork(described({ pendingWorkflowTask: { state: 1 } })).waitsForWorker).toBe(true);
    expect(readPendingWork(described({ pendingActivities: [{ state: 1 }] })).waitsForWorker).toBe(true);
    const due = { state: 1, attempt: 2, lastFailure: { message: 'The worker shuts down.' } };
    expect(readPendingWork(described({ pendingActivities: [due] })).waitsForWorker).toBe(true);
    expect(readPendingWork(described({ pendingWorkflowTask: { state: 2 } })).waitsForWorker).toBe(false);
  });

  it('is an activity that was paused', () => {
    const pendingActivities = [{ activityId: '3', activityType: { name: 'waitForJob' }, state: 4 }];
    expect(readPendingWork(described({ pendingActivities })).stallReason).toBe(
      'its activity waitForJob was paused in Temporal: it continues after `temporal activity unpause --workflow-id airbyte-sync:c --activity-id 3`',
    );
  });

  it('is no job when a heartbeat has another form', () => {
    const details = { payloads: [defaultPayloadConverter.toPayload({ other: true })] };
    const pendingActivities = [{ activityType: { name: 'waitForJob' }, state: 2, heartbeatDetails: details }];
    expect(readPendingWork(described({ pendingActivities })).job).toBeUndefined();
  });
});

describe('how a sync stands', () => {
  const progress = { connectionId: 'c', phase: 'running' as const, attempt: 1, maximumAttempts: 1, jobId: 12 };

  it('takes what was moved from the heartbeat of its job', () => {
    const job = { jobId: 12, status: 'running', recordsSynced: 500, bytesSynced: 9 };
    expect(syncSnapshot({ ...progress, status: 'pending' }, { job }).job).toEqual(job);
  });

  it('does not take the heartbeat of another job', () => {
    const job = { jobId: 11, status: 'running', recordsSynced: 500, bytesSynced: 9 };
    expect(syncSnapshot({ ...progress, status: 'pending' }, { job }).job).toMatchObject({
      jobId: 12,
      status: 'pending',
    });
  });

  it('says when it is being cancelled, when it waits for its turn, and when it tries again', () => {
    const job = { jobId: 12, status: 'running' };
    expect(syncSnapshot({ ...progress, phase: 'cancelling' }, { job }).job?.status).toBe('running, being cancelled');
    expect(syncSnapshot({ ...progress, phase: 'queued' }, { job }).waitingFor).toMatch(/another job/);
    const retrying = { ...progress, phase: 'retrying' as const, attempt: 1, maximumAttempts: 3, lastFailure: 'lost' };
    expect(syncSnapshot(retrying, {}).waitingFor).toMatch(/attempt 1 of 3 failed.*lost/);
  });
});
