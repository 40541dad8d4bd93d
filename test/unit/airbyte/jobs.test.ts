import { describe, expect, it } from '@jest/globals';
import { jobInfoSchema, listedJobSchema, optionalJobSchema } from '../../../src/airbyte/job-responses/job-schemas';
import { isTerminal, type Job } from '../../../src/airbyte/jobs';
import { listResponseSchema } from '../../../src/airbyte/lists/list-responses';

const CONNECTION = '7d1b0c4e-5a1c-4f0f-9a69-0e7a5d1c2b3a';

function listedJobs(response: unknown): Job[] {
  return listResponseSchema('jobs', listedJobSchema).parse(response).items;
}

function jobOf(response: unknown): Job {
  return jobInfoSchema.parse(response);
}

describe('the status of a job', () => {
  it.each(['succeeded', 'failed', 'cancelled'])('%s ends it', (status) => {
    expect(isTerminal(status)).toBe(true);
  });

  it.each(['pending', 'queued', 'running', 'incomplete', 'a_status_of_2027', ''])('"%s" does not end it', (status) => {
    expect(isTerminal(status)).toBe(false);
  });
});

describe('a job that was just triggered', () => {
  it('is read from the four fields of the reference', () => {
    const job = jobOf({ job: { id: 12345, configType: 'sync', status: 'pending', createdAt: 1729108800 } });
    expect(job).toEqual({ jobId: 12345, jobType: 'sync', status: 'pending', createdAt: 1729108800, attempts: [] });
  });

  it('keeps an unknown status', () => {
    expect(jobOf({ job: { id: 1, configType: 'sync', status: 'hibernating' } }).status).toBe('hibernating');
  });

  it('names its connection and has no attempts yet', () => {
    const job = jobOf({
      job: { id: 7, configType: 'sync', configId: CONNECTION, status: 'running', createdAt: 1, updatedAt: 2 },
      attempts: [],
    });
    expect(job).toMatchObject({ jobId: 7, connectionId: CONNECTION, updatedAt: 2 });
    expect(job.recordsSynced).toBeUndefined();
  });

  it('counts null as absent', () => {
    const job = jobOf({
      job: { id: 7, configType: 'sync', status: 'running', startedAt: null, aggregatedStats: null, resetConfig: null },
      attempts: null,
    });
    expect(job.startedAt).toBeUndefined();
    expect(job.attempts).toEqual([]);
  });

  it('has a number as its id also where a gateway made it a string', () => {
    expect(jobOf({ job: { id: '12345', configType: 'sync', status: 'pending' } }).jobId).toBe(12345);
  });

  it.each([[{}], [{ job: {} }], [{ job: { id: 'x', status: 'running' } }], [{ job: { id: 1 } }], [[]], ['running']])(
    'is not read from %j',
    (response) => {
      expect(jobInfoSchema.safeParse(response).success).toBe(false);
    },
  );
});

describe('the counts of a job', () => {
  it("are the summary's where the server gives one", () => {
    const job = jobOf({
      job: {
        id: 12345,
        configType: 'sync',
        status: 'succeeded',
        summary: { recordsSynced: 150000, bytesSynced: 52428800 },
      },
    });
    expect(job).toMatchObject({ recordsSynced: 150000, bytesSynced: 52428800 });
  });

  it("are what Airbyte added up over the job's attempts", () => {
    const job = jobOf({
      job: {
        id: 1,
        configType: 'sync',
        status: 'succeeded',
        aggregatedStats: {
          recordsEmitted: 13,
          bytesEmitted: 1300,
          recordsCommitted: 12,
          bytesCommitted: 1200,
          recordsRejected: 1,
        },
        streamAggregatedStats: [
          {
            streamName: 'orders',
            streamNamespace: 'public',
            recordsEmitted: 13,
            bytesEmitted: 1300,
            recordsCommitted: 12,
            bytesCommitted: 1200,
            recordsRejected: 1,
          },
        ],
      },
      attempts: [{ id: 0, status: 'succeeded', totalStats: { recordsCommitted: 99 } }],
    });
    expect(job).toMatchObject({ recordsSynced: 12, bytesSynced: 1200, recordsRejected: 1 });
    expect(job.streams).toEqual([
      { name: 'orders', namespace: 'public', recordsSynced: 12, bytesSynced: 1200, recordsRejected: 1 },
    ]);
  });

  it('of a stream are those of all attempts together, from a server that does not add them up (0.50)', () => {
    const stream = (recordsCommitted: number, bytesCommitted: number) => ({
      streamName: 'orders',
      streamNamespace: 'public',
      stats: { recordsCommitted, bytesCommitted },
    });
    const job = jobOf({
      job: { id: 1, configType: 'sync', status: 'succeeded' },
      attempts: [
        { id: 0, status: 'failed', streamStats: [stream(5, 500)] },
        { id: 1, status: 'succeeded', streamStats: [stream(7, 700), { streamName: 'customers', stats: {} }] },
      ],
    });
    expect(job.streams).toEqual([
      { name: 'orders', namespace: 'public', recordsSynced: 12, bytesSynced: 1200 },
      { name: 'customers' },
    ]);
  });

  it('are zero, not unknown, when nothing had to be moved', () => {
    const job = jobOf({
      job: {
        id: 1,
        configType: 'sync',
        status: 'succeeded',
        aggregatedStats: { recordsCommitted: 0, bytesCommitted: 0 },
      },
    });
    expect(job).toMatchObject({ recordsSynced: 0, bytesSynced: 0 });
  });

  it('are added up over the attempts where Airbyte does not, since an attempt continues from the one before', () => {
    const job = jobOf({
      job: { id: 1, configType: 'sync', status: 'succeeded' },
      attempts: [
        {
          attempt: {
            id: 0,
            status: 'failed',
            recordsSynced: 70,
            totalStats: { recordsEmitted: 70, recordsCommitted: 40, bytesCommitted: 400 },
            failureSummary: { failures: [], partialSuccess: true },
          },
          logs: { logLines: [] },
        },
        {
          attempt: {
            id: 1,
            status: 'succeeded',
            recordsSynced: 60,
            bytesSynced: 600,
            totalStats: { recordsEmitted: 60, recordsCommitted: 60, bytesEmitted: 610 },
          },
          logs: { logLines: [] },
        },
      ],
    });
    expect(job).toMatchObject({ recordsSynced: 100, bytesSynced: 1000 });
  });

  it("are the last attempt's where only emitted records are known", () => {
    const job = jobOf({
      job: { id: 1, configType: 'sync', status: 'succeeded' },
      attempts: [
        { id: 0, status: 'failed', recordsSynced: 70, bytesSynced: 700 },
        { id: 1, status: 'succeeded', recordsSynced: 100, bytesSynced: 1000 },
      ],
    });
    expect(job).toMatchObject({ recordsSynced: 100, bytesSynced: 1000 });
  });
});

describe('the attempts of a job', () => {
  const attempt = {
    id: 0,
    status: 'failed',
    createdAt: 100,
    updatedAt: 130,
    endedAt: 130,
    failureSummary: {
      failures: [
        {
          failureOrigin: 'source',
          failureType: 'config_error',
          externalMessage: 'FATAL: password authentication failed for user "airbyte"',
          internalMessage: 'org.postgresql.util.PSQLException: FATAL',
          stacktrace: 'at org.postgresql.Driver.connect(Driver.java:1)',
          timestamp: 1,
        },
      ],
      partialSuccess: false,
    },
  };

  it('say why they failed in the message for users, and never with a stack', () => {
    const job = jobOf({ job: { id: 1, configType: 'sync', status: 'failed' }, attempts: [attempt] });
    expect(job.attempts).toEqual([
      {
        attemptNumber: 0,
        status: 'failed',
        createdAt: 100,
        endedAt: 130,
        partialSuccess: false,
        failures: [
          {
            origin: 'source',
            type: 'config_error',
            message: 'FATAL: password authentication failed for user "airbyte"',
          },
        ],
      },
    ]);
    expect(JSON.stringify(job)).not.toContain('Driver.java');
  });

  it.each([undefined, null, ''])(
    'fall back to the first line of the internal message when there is %j',
    (externalMessage) => {
      const reason = {
        failureOrigin: 'replication',
        externalMessage,
        internalMessage: 'java.io.IOException: gone\n\tat X',
      };
      const job = jobOf({
        job: { id: 1, configType: 'sync', status: 'failed' },
        attempts: [{ ...attempt, failureSummary: { failures: [reason] } }],
      });
      expect(job.attempts[0]?.failures).toEqual([{ origin: 'replication', message: 'java.io.IOException: gone' }]);
    },
  );

  it('keep the last lines of a plain log, without its colours', () => {
    const logLines = Array.from(
      { length: 100 },
      (_, line) => `\u001b[32mINFO\u001b[m line ${line} ${'more '.repeat(1000)}`,
    );
    const job = jobOf({
      job: { id: 1, configType: 'sync', status: 'failed' },
      attempts: [{ attempt, logs: { logLines } }],
    });
    const lines = job.attempts[0]?.logLines ?? [];
    expect(lines).toHaveLength(20);
    expect(lines.at(-1)).toMatch(/^INFO line 99 (more )+…$/);
    expect(lines.at(-1)?.length).toBeLessThanOrEqual(501);
  });

  it('keep the last events of a structured log, level first', () => {
    const job = jobOf({
      job: { id: 1, configType: 'sync', status: 'failed' },
      attempts: [
        {
          attempt,
          logType: 'structured',
          logs: {
            events: [{ timestamp: 1, message: 'Reading orders', level: 'info', logSource: 'source' }],
            version: '1',
          },
        },
      ],
    });
    expect(job.attempts[0]?.logLines).toEqual(['INFO Reading orders']);
  });

  it('have no log lines where the server sent no logs', () => {
    const job = jobOf({ job: { id: 1, configType: 'sync', status: 'failed' }, attempts: [{ attempt }] });
    expect(job.attempts[0]).not.toHaveProperty('logLines', expect.anything());
  });
});

describe('a list of jobs', () => {
  it('is read from jobs with their attempts', () => {
    const jobs = listedJobs({
      jobs: [
        {
          job: { id: 2, configType: 'sync', configId: CONNECTION, status: 'running', createdAt: 2, updatedAt: 3 },
          attempts: [{ id: 0, status: 'running', createdAt: 2, updatedAt: 3 }],
        },
      ],
      totalJobCount: 1,
    });
    expect(jobs).toEqual([
      {
        jobId: 2,
        jobType: 'sync',
        connectionId: CONNECTION,
        status: 'running',
        createdAt: 2,
        updatedAt: 3,
        attempts: [{ attemptNumber: 0, status: 'running', createdAt: 2, failures: [] }],
      },
    ]);
  });

  it('is read from the flat jobs of the reference', () => {
    const jobs = listedJobs({
      jobs: [
        { id: 2, status: 'running' },
        { id: 1, configType: 'sync', status: 'succeeded', summary: { recordsSynced: 10, bytesSynced: 100 } },
      ],
    });
    expect(jobs).toEqual([
      { jobId: 2, jobType: 'sync', status: 'running', attempts: [] },
      { jobId: 1, jobType: 'sync', status: 'succeeded', recordsSynced: 10, bytesSynced: 100, attempts: [] },
    ]);
  });

  it('may be empty', () => {
    expect(listedJobs({ jobs: [], totalJobCount: 0 })).toEqual([]);
  });
});

describe('a job that may not exist', () => {
  it.each([[{}], [{ job: null }]])('does not in %j', (response) => {
    expect(optionalJobSchema.parse(response)).toBeUndefined();
  });

  it('does where there is one', () => {
    expect(optionalJobSchema.parse({ job: { id: 4, configType: 'clear', status: 'running' } })).toMatchObject({
      jobId: 4,
      jobType: 'clear',
    });
  });

  it('is not read from a job without a status', () => {
    expect(optionalJobSchema.safeParse({ job: { id: 4 } }).error?.issues[0]?.path).toEqual(['job', 'status']);
  });
});
