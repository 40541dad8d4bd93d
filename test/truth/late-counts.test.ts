import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AirbyteError, type Job } from '../../src/airbyte';
import type { AirbyteFlavour } from '../../src/airbyte/airbyte-url';
import { DEFAULT_COUNTS_PATIENCE, readLateCounts } from '../../src/jobs/late-counts';
import { failureOf, JOB_POLL_CALL, type Stack, startStack } from '../support/stack';
import { useBench } from '../unit/activities/activity-bench';
import { jobOf, NO_STATS, read } from './job-responses';

describe('the counts of a job that failed or was cancelled', () => {
  const ended: Job = { jobId: 7, jobType: 'sync', status: 'failed', attempts: [] };

  it('may follow where the server counts and there is something to count, and only there', async () => {
    const attempt = { id: 0, status: 'failed' };
    const failedCheck = { externalMessage: 'Checking source connection failed - please review', internalMessage: 'x' };
    const cases: [object, object[], Job['countsMayFollow']][] = [
      [{ status: 'failed', aggregatedStats: NO_STATS, streamAggregatedStats: [] }, [attempt], 'within a minute'],
      [{ status: 'cancelled', streamAggregatedStats: [] }, [attempt], 'within a minute'],
      [{ status: 'failed' }, [{ ...attempt, streamStats: [] }], 'within a minute'],
      [{ status: 'failed' }, [{ ...attempt, createdAt: 1 }], 'in a moment'],
      [{ status: 'failed' }, [attempt], undefined],
      [{ status: 'failed', streamAggregatedStats: [] }, [{ ...attempt, recordsSynced: 0 }], 'may grow'],
      [{ status: 'cancelled', aggregatedStats: { recordsCommitted: 4 } }, [attempt], 'may grow'],
      [{ status: 'failed', summary: { recordsSynced: 4 } }, [], 'may grow'],
      [
        { status: 'failed', aggregatedStats: NO_STATS },
        [{ ...attempt, failureSummary: { failures: [failedCheck] } }],
        undefined,
      ],
      [{ status: 'cancelled', streamAggregatedStats: [] }, [], undefined],
      [{ status: 'succeeded', streamAggregatedStats: [] }, [attempt], undefined],
      [{ status: 'failed', configType: 'reset_connection', streamAggregatedStats: [] }, [attempt], undefined],
    ];
    for (const [job, attempts, expected] of cases) expect((await jobOf(job, attempts)).countsMayFollow).toBe(expected);
  });

  it.each([
    [{ status: 'failed' }, 'within a minute'],
    [{ status: 'failed', rowsSynced: 0 }, 'within a minute'],
    [{ status: 'cancelled', rowsSynced: 4 }, 'may grow'],
    [{ status: 'succeeded' }, undefined],
    [{ status: 'running', rowsSynced: 4 }, undefined],
    [{ status: 'failed', jobType: 'clear' }, undefined],
  ])('may follow in the public API, which says 0 before it has counted: %j', async (fields, expected) => {
    const body = { jobId: 7, jobType: 'sync', ...fields };
    const job = await read('public', { body }, (client) => client.jobs.get(7));
    expect(job.countsMayFollow).toBe(expected);
  });

  /** What becomes of a job whose reads show these numbers of records one after the other, the last one from then on. */
  async function counted(first: Partial<Job>, reads: (number | Error | undefined)[], options: object = {}) {
    let made = 0;
    const job = { ...ended, ...first };
    const read = async () => {
      const records = reads[Math.min(made++, reads.length - 1)];
      if (records instanceof Error) throw records;
      const known = { recordsSynced: records, countsMayFollow: 'may grow' as const };
      return records === undefined ? job : { ...ended, ...known };
    };
    const last = await readLateCounts(job, read, {
      ...{ withinMs: 60_000, patience: { ...DEFAULT_COUNTS_PATIENCE, pausesMs: [0, 0, 0, 0, 0] } },
      ...options,
    });
    return { records: last.recordsSynced, reads: made };
  }
  const uncounted = { countsMayFollow: 'within a minute' as const };
  const four = { recordsSynced: 4, countsMayFollow: 'may grow' as const };

  it('are read again until they come and then stay as they are, and a read that fails fails nothing', async () => {
    const failed = { call: 'jobs/get', message: '', retryable: true, effect: 'none' } as const;
    const outOfReach = new AirbyteError({ type: 'AirbyteUnavailable', ...failed });
    expect(await counted(uncounted, [undefined, outOfReach, 3])).toEqual({ records: 3, reads: 3 + 3 });
    expect(await counted(four, [4, 8, 8, 9])).toEqual({ records: 9, reads: 4 + 3 });
  });

  it('are taken for the last ones after three reads without a change, and for none after two or five', async () => {
    expect(await counted(four, [4])).toEqual({ records: 4, reads: 3 });
    expect(await counted(uncounted, [undefined])).toEqual({ records: undefined, reads: 5 });
    expect(await counted({ countsMayFollow: 'in a moment' }, [undefined])).toEqual({ records: undefined, reads: 2 });
    expect(await counted({}, [8])).toEqual({ records: undefined, reads: 0 });
  });

  it('are waited for a minute where there are none, and 11 seconds where they stay as they are', () => {
    const { pausesMs, unchangedReads } = DEFAULT_COUNTS_PATIENCE;
    const secondsOf = (reads: number) => pausesMs.slice(0, reads).reduce((sum, pauseMs) => sum + pauseMs, 0) / 1_000;
    expect(secondsOf(unchangedReads['within a minute'])).toBe(60);
    expect(secondsOf(unchangedReads['may grow'])).toBe(11);
    expect(secondsOf(unchangedReads['in a moment'])).toBe(6);
  });

  it('are the last ones a minute after the end by the server’s clock', async () => {
    const reads = async (ageS: number, mayBeOld: boolean) => {
      let made = 0;
      const now = 1_800_000_000;
      const job = { ...ended, ...four, updatedAt: now - ageS };
      await readLateCounts(
        job,
        async ({ onResponse }) => {
          made += 1;
          onResponse?.({ tookMs: 1, serverTimeMs: now * 1_000 });
          return job;
        },
        { withinMs: 60_000, mayBeOld, patience: { ...DEFAULT_COUNTS_PATIENCE, pausesMs: [0, 0, 0] } },
      );
      return made;
    };
    expect(await reads(61, true)).toBe(1);
    expect(await reads(59, true)).toBe(3);
    // What was seen running a moment ago has ended since, whatever the server's clock says.
    expect(await reads(61, false)).toBe(3);
  });

  it('are read behind a cancel of the public API, whose response has none', async () => {
    const job = { jobId: 7, status: 'cancelled', jobType: 'sync', startTime: '2026-09-07T17:49:45Z' };
    const counted = { ...job, rowsSynced: 3, bytesSynced: 30 };
    const cancelled = await read(
      'public',
      (response, { method }) => response.end(JSON.stringify(method === 'DELETE' ? job : counted)),
      (client) => client.jobs.cancel(7),
    );
    expect(cancelled).toMatchObject({ status: 'cancelled', recordsSynced: 3, bytesSynced: 30 });
  });

  it('are waited for no longer than there is time, and not after the wait was aborted', async () => {
    const pauses = { patience: { ...DEFAULT_COUNTS_PATIENCE, pausesMs: [60_000] } };
    expect(await counted(uncounted, [8], { ...pauses, withinMs: 5_000 })).toEqual({ records: undefined, reads: 0 });
    const aborted = { ...pauses, signal: AbortSignal.abort() };
    expect(await counted(uncounted, [8], aborted)).toEqual({ records: undefined, reads: 0 });
  });
});

describe('a cancelled job', () => {
  const bench = useBench();

  /** The job as the server shows it after its cancel: with a count of a while before, then with the last one. */
  function cancelledWithLateCounts() {
    let reads = 0;
    const job = (recordsCommitted: number) => ({
      job: { id: 7, configType: 'sync', configId: 'c', status: 'cancelled', aggregatedStats: { recordsCommitted } },
      attempts: [{ attempt: { id: 0, status: 'failed' } }],
    });
    bench().airbyte.on({ 'jobs/get_without_logs': () => job(reads++ < 2 ? 4 : 8) });
  }

  it('is waited for until its counts are the last ones where they are requested, and not by a caller that waits for its end', async () => {
    cancelledWithLateCounts();
    expect(await bench().run('cancelJob', { jobId: 7 })).toMatchObject({ recordsSynced: 4 });
    cancelledWithLateCounts();
    expect(await bench().run('cancelJob', { jobId: 7, untilCounted: true })).toMatchObject({ recordsSynced: 8 });
  });
});

describe.each<[AirbyteFlavour, string]>([
  ['config', JOB_POLL_CALL],
  ['public', 'public/jobs/{jobId}'],
])('through a worker and the %s API', (flavour, look) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ sandbox: { countsIntervalMs: 50 }, airbyte: { flavour } });
  });
  afterAll(() => stack?.stop());

  const lost = { records: 520, bytes: 5_200, outcome: 'failed', failure_message: 'the disk is full' };

  it('a failed job has its counts, which come after its end', async () => {
    const failure = await failureOf(
      await stack.startSync({ connectionId: await stack.caller.simulatedConnection(lost) }),
    );
    expect(failure.type).toBe('AirbyteSyncFailed');
    expect(failure.details).toMatchObject([{ recordsSynced: 520, bytesSynced: 5_200 }]);
  });

  it.each([
    ['failed', 'AirbyteSyncFailed'],
    ['cancelled', 'AirbyteJobCancelled'],
  ] as const)('a job that %s has its last counts, and not those of a while before its end', async (end, type) => {
    const connectionId = await stack.caller.simulatedConnection({ ...lost, hold: true });
    const sync = await stack.startSync({ connectionId });
    const { id } = await stack.sandbox.jobs.created(connectionId);
    const { requests, store, jobs } = stack.sandbox;
    const saved = () => store.job(id).attempts[0]?.counts().total?.recordsCommitted;
    while (saved() === undefined) await requests.reached(look, requests.count(look) + 1);
    expect(saved()).toBe(260);
    await jobs.finish(id, end);
    expect(saved()).toBe(260);
    const failure = await failureOf(sync);
    expect(failure.type).toBe(type);
    expect(failure.details).toMatchObject([{ recordsSynced: 520, bytesSynced: 5_200 }]);
  });
});
