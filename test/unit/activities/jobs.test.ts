import { describe, expect, it, jest } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import { failureOf, useBench } from './activity-bench';
import { notFound, Reply } from './scripted-airbyte';

const bench = useBench();

const job = (status: string, fields: object = {}) => ({
  job: {
    id: 7,
    configType: 'sync',
    configId: 'c',
    status,
    createdAt: 1_700_000_000,
    updatedAt: 1_700_000_060,
    ...fields,
  },
});

const failedAttempt = {
  id: 0,
  status: 'failed',
  endedAt: 1_700_000_050,
  failureSummary: {
    failures: [
      { failureOrigin: 'replication' },
      { failureOrigin: 'source', failureType: 'config_error', externalMessage: 'password authentication failed' },
    ],
    partialSuccess: true,
  },
};

const moved = (records: number) => ({ aggregatedStats: { recordsCommitted: records, bytesCommitted: records * 10 } });

describe('waitForJob', () => {
  it('waits through every status that does not end a job, and reports each in its heartbeats', async () => {
    const states = [
      job('pending'),
      job('queued'),
      job('running', moved(10)),
      job('running', moved(20)),
      job('incomplete', moved(20)),
      job('a status of tomorrow', moved(20)),
      job('succeeded', moved(30)),
    ];
    bench().airbyte.on({ 'jobs/get_without_logs': () => (states.length > 1 ? states.shift() : states[0]) });
    const environment = bench().environment();
    const heartbeats: unknown[] = [];
    environment.on('heartbeat', (details) => heartbeats.push(details));

    const outcome = await bench().run('waitForJob', { jobId: 7 }, environment);

    expect(outcome).toEqual({
      jobId: 7,
      status: 'succeeded',
      recordsSynced: 30,
      bytesSynced: 300,
      recordsRejected: 0,
      streams: [],
      jobAttempts: 0,
      startedAt: '2023-11-14T22:13:20.000Z',
      endedAt: '2023-11-14T22:14:20.000Z',
      partialSuccess: false,
    });
    expect(heartbeats).toMatchObject([
      { jobId: 7, status: 'pending' },
      { jobId: 7, status: 'queued' },
      { jobId: 7, status: 'running', recordsSynced: 10, bytesSynced: 100, updatedAt: 1_700_000_060 },
      { jobId: 7, status: 'running', recordsSynced: 20, bytesSynced: 200 },
      { jobId: 7, status: 'incomplete' },
      { jobId: 7, status: 'a status of tomorrow' },
      { jobId: 7, status: 'succeeded', recordsSynced: 30, bytesSynced: 300 },
    ]);
  });

  it('reads no log while it waits', async () => {
    bench().airbyte.on({ 'jobs/get_without_logs': () => job('succeeded') });
    await bench().run('waitForJob', { jobId: 7 });
    expect(bench().airbyte.bodies('jobs/get')).toEqual([]);
  });

  it("gives Airbyte's reason of a failed job, and the last lines of its log", async () => {
    const logLines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    bench().airbyte.on({
      'jobs/get_without_logs': () => job('failed'),
      'jobs/get': () => ({ ...job('failed'), attempts: [{ attempt: failedAttempt, logs: { logLines } }] }),
    });
    const outcome = await bench().run('waitForJob', { jobId: 7 });
    expect(outcome).toMatchObject({
      status: 'failed',
      jobAttempts: 1,
      endedAt: '2023-11-14T22:14:10.000Z',
      partialSuccess: true,
      failure: { origin: 'source', type: 'config_error', message: 'password authentication failed' },
    });
    expect(outcome.logLines).toEqual(['line 35', 'line 36', 'line 37', 'line 38', 'line 39']);
  });

  it('reports how a job failed also when its log cannot be read', async () => {
    bench().airbyte.on({
      'jobs/get_without_logs': () => ({ ...job('failed'), attempts: [{ attempt: failedAttempt }] }),
      'jobs/get': () => new Reply(500, { message: 'no such log file' }),
    });
    const outcome = await bench().run('waitForJob', { jobId: 7 });
    expect(outcome).toMatchObject({ status: 'failed', failure: { message: 'password authentication failed' } });
    expect(bench().warnings()).toEqual(['Job 7 failed, and its log cannot be read']);
  });

  it('counts a failed job as Airbyte does where it gives no log', async () => {
    const counts = { recordsCommitted: 30, bytesCommitted: 300, recordsRejected: 2 };
    const counted = {
      aggregatedStats: counts,
      streamAggregatedStats: [{ streamName: 'orders', streamNamespace: 'public', ...counts }],
    };
    bench().airbyte.on({
      'jobs/get_without_logs': () => job('failed', counted),
      'jobs/get': () => ({ ...job('failed'), attempts: [{ attempt: failedAttempt, logs: { logLines: ['the end'] } }] }),
    });
    const moved = { recordsSynced: 30, bytesSynced: 300, recordsRejected: 2 };
    expect(await bench().run('waitForJob', { jobId: 7 })).toMatchObject({
      ...moved,
      streams: [{ name: 'orders', namespace: 'public', ...moved }],
      logLines: ['the end'],
    });
  });

  it('continues from the last heartbeat of another worker', async () => {
    const wait = jest.spyOn(bench().jobs, 'wait');
    bench().airbyte.on({ 'jobs/get_without_logs': () => job('succeeded') });
    const heartbeatDetails = { jobId: 7, status: 'running', updatedAt: 1_700_000_030 };
    const takeover = () => bench().environment({ attempt: 2, heartbeatDetails });
    await bench().run('waitForJob', { jobId: 7, since: 1_700_000_000 }, takeover());
    await bench().run('waitForJob', { jobId: 7, since: 1_700_000_050 }, takeover());
    await bench().run('waitForJob', { jobId: 7 });
    expect(wait.mock.calls.map(([watched]) => watched)).toEqual([
      { jobId: 7, since: 1_700_000_030 },
      { jobId: 7, since: 1_700_000_050 },
      { jobId: 7, since: undefined },
    ]);
  });

  it('ends with a job that has stalled, since the last move that the worker before has seen', async () => {
    bench().airbyte.on({ 'jobs/get_without_logs': () => job('running', moved(10)) });
    const input = { jobId: 7, stallTimeoutMs: 100 };
    const environment = bench().environment();
    const heartbeats: { lastMove?: { movedAt: string } }[] = [];
    environment.on('heartbeat', (details) => heartbeats.push(details));
    const first = await bench().run('waitForJob', input, environment);
    expect(first).toMatchObject({ status: 'running', endedAt: null, stalledSince: heartbeats[0]?.lastMove?.movedAt });

    const heartbeatDetails = structuredClone(heartbeats[0]);
    const takeover = bench().environment({ attempt: 2, heartbeatDetails });
    expect(await bench().run('waitForJob', input, takeover)).toEqual(first);
  });

  it('keeps the heartbeats of concurrent waits apart', async () => {
    const reads = new Map<unknown, number>();
    bench().airbyte.on({
      'jobs/get_without_logs': ({ id }) => {
        reads.set(id, (reads.get(id) ?? 0) + 1);
        return job(reads.get(id) === 1 ? 'running' : 'succeeded', { id });
      },
    });
    const reports = [1, 2, 3].map((jobId) => {
      const environment = bench().environment();
      const heard: unknown[] = [];
      environment.on('heartbeat', (details: { jobId: number }) => heard.push(details.jobId));
      return { waiting: bench().run('waitForJob', { jobId }, environment), heard };
    });
    await Promise.all(reports.map(({ waiting }) => waiting));
    expect(reports.map(({ heard }) => heard)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it('waits until an overloaded Airbyte responds again', async () => {
    const replies = [new Reply(503), new Reply(401), new Reply(500), job('running'), new Reply(502), job('succeeded')];
    bench().airbyte.on({ 'jobs/get_without_logs': () => (replies.length > 1 ? replies.shift() : replies[0]) });
    expect(await bench().run('waitForJob', { jobId: 7 })).toMatchObject({ status: 'succeeded' });
  });

  it('fails when Airbyte has lost the job', async () => {
    const now = performance.now.bind(performance);
    let passed = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + passed);
    const missing = () => {
      passed += 60_000;
      return notFound();
    };
    bench().airbyte.on({ 'jobs/get_without_logs': missing, 'jobs/list': () => ({ jobs: [] }) });
    const failure = await failureOf(bench().run('waitForJob', { jobId: 7, connectionId: 'c' }));
    clock.mockRestore();
    expect(failure).toMatchObject({ type: 'AirbyteNotFound', nonRetryable: true });
    expect(failure.message).toContain('Airbyte has lost job 7');
  });

  it('ends with its worker or its workflow, and does not cancel the job', async () => {
    const environment = bench().environment();
    bench().airbyte.on({ 'jobs/get_without_logs': () => job('running') });
    environment.on('heartbeat', () => environment.cancel('WORKER_SHUTDOWN'));
    await expect(bench().run('waitForJob', { jobId: 7 }, environment)).rejects.toBeInstanceOf(CancelledFailure);
    expect(bench().airbyte.bodies('jobs/cancel')).toEqual([]);
  });
});

describe('cancelJob', () => {
  it('cancels a running job, and returns its outcome', async () => {
    bench().airbyte.on({
      'jobs/get_without_logs': () => job('running'),
      'jobs/cancel': () => job('cancelled'),
    });
    expect(await bench().run('cancelJob', { jobId: 7 })).toMatchObject({ jobId: 7, status: 'cancelled' });
    expect(bench().airbyte.bodies('jobs/cancel')).toEqual([{ id: 7 }]);
  });

  it.each(['succeeded', 'failed', 'cancelled'])(
    'leaves a job alone that has %s: another may run there',
    async (status) => {
      bench().airbyte.on({ 'jobs/get_without_logs': () => job(status), 'jobs/cancel': () => job('cancelled') });
      expect(await bench().run('cancelJob', { jobId: 7 })).toMatchObject({ status });
      expect(bench().airbyte.bodies('jobs/cancel')).toEqual([]);
    },
  );

  it.each([409, 403, 503])('accepts a job that has ended when Airbyte responds with %i', async (status) => {
    const states = [job('running'), job('succeeded')];
    bench().airbyte.on({
      'jobs/get_without_logs': () => states.shift(),
      'jobs/cancel': () => new Reply(status),
    });
    expect(await bench().run('cancelJob', { jobId: 7 })).toMatchObject({ status: 'succeeded' });
  });

  it('fails with Airbyte’s error response while the job still runs', async () => {
    bench().airbyte.on({ 'jobs/get_without_logs': () => job('running'), 'jobs/cancel': () => new Reply(403) });
    const failure = await failureOf(bench().run('cancelJob', { jobId: 7 }));
    expect(failure).toMatchObject({ type: 'AirbyteUnauthorized', nonRetryable: true });
  });
});

describe('the jobs of a connection', () => {
  it('are listed with the newest first, and no more than requested, whatever the server does', async () => {
    const listed = [1, 3, 2].map((id) => job('succeeded', { id }).job);
    bench().airbyte.on({ 'jobs/list': () => ({ jobs: listed }) });
    const jobs = await bench().run('listJobs', { connectionId: 'c', pageSize: 2 });
    expect(jobs.map(({ jobId }) => jobId)).toEqual([3, 2]);
    expect(bench().airbyte.bodies('jobs/list')).toMatchObject([{ configId: 'c', configTypes: ['sync'] }]);
  });

  it('are listed without their streams, which could be too many for a history', async () => {
    const streamAggregatedStats = [{ streamName: 'orders', recordsCommitted: 5 }];
    bench().airbyte.on({ 'jobs/list': () => ({ jobs: [job('succeeded', { streamAggregatedStats }).job] }) });
    expect(await bench().run('listJobs', { connectionId: 'c' })).toMatchObject([{ jobId: 7, streams: [] }]);
  });

  it('end in the newest one, or in none', async () => {
    bench().airbyte.on({ 'jobs/get_last_replication_job': () => job('running') });
    expect(await bench().run('getLastReplicationJob', { connectionId: 'c' })).toMatchObject({
      jobId: 7,
      endedAt: null,
    });
    bench().airbyte.on({ 'jobs/get_last_replication_job': () => ({}) });
    expect(await bench().run('getLastReplicationJob', { connectionId: 'c' })).toBeNull();
  });

  it('are read one by one with getJob', async () => {
    bench().airbyte.on({
      'jobs/get': () => job('succeeded', { summary: { recordsSynced: 150000, bytesSynced: 52428800 } }),
    });
    expect(await bench().run('getJob', { jobId: 7 })).toMatchObject({ recordsSynced: 150000, bytesSynced: 52428800 });
  });
});
