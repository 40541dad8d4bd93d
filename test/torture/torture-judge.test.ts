import { describe, expect, it } from '@jest/globals';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { msNumberToTs } from '@temporalio/common/lib/time';
import type { SandboxJob } from '../../bench/sandbox-process';
import { type CaseOutcome, hasHeld, judge as judgeOutcome, type SyncEnd } from '../../bench/torture/judge';
import { takeoverDelays } from '../../bench/torture/takeovers';

const job = (jobId: number, connectionId: string, fields: Partial<SandboxJob> = {}): SandboxJob => ({
  ...{ jobId, connectionId, status: 'succeeded', createdAtMs: 1_000, endedAtMs: 2_000 },
  ...fields,
});
const sync = (connectionId: string, fields: Partial<SyncEnd> = {}): SyncEnd => ({
  ...{ workflowId: `airbyte-sync:${connectionId}`, connectionId, status: 'COMPLETED' },
  ...fields,
});

const judge = (outcome: Omit<CaseOutcome, 'takeoverDelaysMs'> & Partial<CaseOutcome>) =>
  judgeOutcome({ takeoverDelaysMs: [], ...outcome });

describe('the judge of the torture', () => {
  it('passes a correct run: one job for each connection, with its outcome in each of its syncs', () => {
    const ends = [sync('a'), sync('b', { status: 'CANCELLED', cancelled: true }), sync('c'), sync('c')];
    const jobs = [job(1, 'a'), job(2, 'b', { status: 'cancelled' }), job(3, 'c')];
    const verdict = judge({ ends, jobs, leaks: [] });
    expect(verdict).toMatchObject({ syncs: 4, jobs: 3, doubled: 0, lost: 0, leftRunning: 0, leaked: 0, findings: [] });
    expect(hasHeld(verdict)).toBe(true);
  });

  it('fails when a job is doubled', () => {
    const verdict = judge({ ends: [sync('a'), sync('b')], jobs: [job(1, 'a'), job(2, 'b'), job(3, 'b')], leaks: [] });
    expect(verdict).toMatchObject({ doubled: 1, lost: 0 });
    expect(verdict.findings).toEqual(['The connection b has had the jobs 2 (succeeded), 3 (succeeded).']);
    expect(hasHeld(verdict)).toBe(false);
  });

  it.each([
    ['has not ended', sync('a', { status: 'RUNNING' }), [job(1, 'a')]],
    ['has failed although its job succeeded', sync('a', { status: 'FAILED' }), [job(1, 'a')]],
    ['has succeeded although its job was cancelled', sync('a'), [job(1, 'a', { status: 'cancelled' })]],
    ['has succeeded without a job', sync('a'), []],
    ['is cancelled although no cancel was requested', sync('a', { status: 'CANCELLED' }), [job(1, 'a')]],
  ])('fails when a sync %s', (_, end, jobs) => {
    const verdict = judge({ ends: [end], jobs, leaks: [] });
    expect(verdict).toMatchObject({ lost: 1, doubled: 0 });
    expect(hasHeld(verdict)).toBe(false);
  });

  it('fails when a job still runs after a cancel', () => {
    const { endedAtMs: _, ...goesOn } = job(1, 'a', { status: 'running' });
    const ends = [sync('a', { status: 'CANCELLED', cancelled: true })];
    const verdict = judge({ ends, jobs: [goesOn], leaks: [] });
    expect(verdict).toMatchObject({ lost: 0, leftRunning: 1, findings: ['Job 1 is still running.'] });
    expect(hasHeld(verdict)).toBe(false);
  });

  it('fails when a secret is in a history or a log', () => {
    const verdict = judge({ ends: [sync('a')], jobs: [job(1, 'a')], leaks: ['a line of workers.log'] });
    expect(verdict).toMatchObject({ leaked: 1, findings: ['A secret stands in a line of workers.log.'] });
    expect(hasHeld(verdict)).toBe(false);
  });

  it('fails when the waits of dead workers end late', () => {
    const outcome = { ends: [sync('a')], jobs: [job(1, 'a')], leaks: [], takeoverDelaysMs: [500, 31_000] };
    const verdict = judge({ ...outcome, maximumTakeoverMs: 30_000 });
    expect(verdict).toMatchObject({ takenOver: 2, takeoverP99Ms: 31_000 });
    expect(verdict.findings).toEqual(['The waits of dead workers ended 31000 ms after their jobs (p99).']);
    expect(hasHeld(verdict)).toBe(false);
    expect(hasHeld(judge({ ...outcome, maximumTakeoverMs: 31_000 }))).toBe(true);
    expect(hasHeld(judge(outcome))).toBe(true);
  });
});

describe('the delays of waits that were taken over', () => {
  const history = (attempt: number, activity = 'waitForJob') => {
    const { events } = historyFromJSON({
      events: [
        {
          eventId: '5',
          eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
          activityTaskScheduledEventAttributes: { activityType: { name: activity } },
        },
        {
          eventId: '6',
          eventType: 'EVENT_TYPE_ACTIVITY_TASK_STARTED',
          activityTaskStartedEventAttributes: { scheduledEventId: '5', attempt },
        },
        {
          eventId: '7',
          eventType: 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED',
          activityTaskCompletedEventAttributes: { scheduledEventId: '5' },
        },
      ],
    });
    return { events: events?.map((event) => ({ ...event, eventTime: msNumberToTs(9_005) })) ?? [] };
  };

  it('count from the end of the job to the end of the wait, if it had a second attempt', () => {
    const histories = new Map([
      ['airbyte-sync:a', history(2)],
      ['airbyte-sync:b', history(1)],
      ['airbyte-sync:c', history(2, 'startJob')],
    ]);
    const jobs = ['a', 'b', 'c'].map((connectionId, index) => job(index, connectionId));
    expect(takeoverDelays([sync('a'), sync('b'), sync('c')], histories, jobs)).toEqual([7_005]);
  });
});
