import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeSync, describeWarnings } from '../../cli/follow/sync-run';
import { readSyncInput } from '../../cli/sync-options';
import { AirbyteError, type Job } from '../../src/airbyte';
import { searchAttributeKeys as keys } from '../../src/contract/search-attribute-keys';
import { type SyncConnectionInput, syncConnectionInputSchema } from '../../src/contract/sync-options';
import type { SyncProgress } from '../../src/contract/sync-progress';
import { describeZodError } from '../../src/contract/validation/schema-problems';
import { syncDetails } from '../../src/details/run-details';
import { parseFleetDocument, parsePipelineDocument } from '../../src/documents/parse-document';
import { readOutcome } from '../../src/jobs/job-outcome';
import { evaluateOutcome, warningsOf } from '../../src/jobs/sync-verdict';
import { failureOf, type Stack, startStack } from '../support/stack';
import type { ScriptedResponse } from '../unit/airbyte/scripted-airbyte';
import { jobOf, NO_STATS, read } from './job-responses';

describe('a job without rows of statistics', () => {
  const succeeded = { id: 0, status: 'succeeded', endedAt: 9 };

  it.each([
    ['in a list', { aggregatedStats: NO_STATS, streamAggregatedStats: [] }, [{ ...succeeded, totalStats: {} }]],
    ['by itself', { aggregatedStats: NO_STATS, streamAggregatedStats: [] }, [succeeded]],
    ['with its logs', { streamAggregatedStats: [] }, [succeeded]],
    ['on a server of 0.50', {}, [{ ...succeeded, streamStats: [] }]],
    ['on a server that says nothing', {}, []],
  ])('has moved an unknown number of records, which is not 0: %s', async (_, job, attempts) => {
    const outcome = readOutcome(await jobOf({ status: 'succeeded', ...job }, attempts));
    expect(outcome).toMatchObject({ status: 'succeeded', recordsSynced: null, bytesSynced: null });
  });

  it('has none in the public API either, where the response does not say them', async () => {
    const body = { jobId: 7, status: 'succeeded', jobType: 'sync', startTime: '2026-09-07T17:49:45Z' };
    const job = await read('public', { body }, (client) => client.jobs.get(7));
    expect(readOutcome(job)).toMatchObject({ recordsSynced: null, bytesSynced: null });
    const counted = { ...body, rowsSynced: 0, bytesSynced: 0 };
    const zero = await read('public', { body: counted }, (client) => client.jobs.get(7));
    expect(readOutcome(zero)).toMatchObject({ recordsSynced: 0, bytesSynced: 0 });
  });
});

describe('0 records', () => {
  it.each([
    [
      'by the total, with streams',
      { aggregatedStats: NO_STATS, streamAggregatedStats: [{ streamName: 'orders', ...NO_STATS }] },
      [],
    ],
    ['by the total of a server that counts no streams', { aggregatedStats: NO_STATS }, []],
    [
      'by an attempt',
      { aggregatedStats: NO_STATS, streamAggregatedStats: [] },
      [{ id: 0, totalStats: { recordsEmitted: 0, recordsCommitted: 0 } }],
    ],
    ['by an attempt of 0.39', {}, [{ id: 0, recordsSynced: 0, bytesSynced: 0 }]],
  ])('are 0 where they were measured: %s', async (_, job, attempts) => {
    const outcome = readOutcome(await jobOf({ status: 'succeeded', ...job }, attempts));
    expect(outcome.recordsSynced).toBe(0);
  });

  it('are not what was committed where the server adds up counts that were never made', async () => {
    const job = await jobOf(
      {
        status: 'succeeded',
        aggregatedStats: { ...NO_STATS, recordsEmitted: 13 },
        streamAggregatedStats: [{ streamName: 'orders', recordsEmitted: 13, recordsCommitted: 0 }],
      },
      [{ id: 0, status: 'succeeded', totalStats: { recordsEmitted: 13 } }],
    );
    expect(job.recordsSynced).toBe(13);
  });
});

describe('what a job that was retried has moved', () => {
  const stats = (recordsEmitted: number, recordsCommitted: number) => ({
    recordsEmitted,
    recordsCommitted,
    bytesEmitted: recordsEmitted * 10,
  });

  it('is the total of the server, which starts from 0 where the streams do', async () => {
    const total = { recordsEmitted: 100, bytesEmitted: 1_000, recordsCommitted: 100, bytesCommitted: 1_000 };
    const job = await jobOf(
      { status: 'succeeded', aggregatedStats: total, streamAggregatedStats: [{ streamName: 'orders', ...total }] },
      [
        { id: 1, status: 'succeeded', totalStats: stats(100, 100), bytesSynced: 1_000 },
        { id: 0, status: 'failed', totalStats: stats(60, 60), bytesSynced: 600 },
      ],
    );
    expect(job).toMatchObject({ recordsSynced: 100, bytesSynced: 1_000 });
  });

  it.each([
    [
      'committed by each attempt',
      [
        { totalStats: stats(60, 40), bytesSynced: 400 },
        { totalStats: stats(60, 60), bytesSynced: 600 },
      ],
      100,
      1_000,
    ],
    [
      'all of what was sent',
      [
        { totalStats: stats(60, 60), bytesSynced: 600 },
        { totalStats: stats(40, 40), bytesSynced: 400 },
      ],
      100,
      1_000,
    ],
    [
      'nothing of the first attempt, whose bytes were sent only',
      [
        { totalStats: stats(60, 0), bytesSynced: 600 },
        { totalStats: stats(100, 100), bytesSynced: 1_000 },
      ],
      100,
      1_000,
    ],
    [
      'unknown bytes of an attempt that committed a part of what it sent',
      [
        { totalStats: stats(60, 40), bytesSynced: 600 },
        { totalStats: stats(60, 60), bytesSynced: 600 },
      ],
      100,
      undefined,
    ],
  ])(
    'is added up over the attempts where the server does not, bytes as records: %s',
    async (_, attempts, recordsSynced, bytesSynced) => {
      const job = await jobOf(
        { status: 'succeeded' },
        attempts.map((attempt, id) => ({ id, ...attempt })),
      );
      expect([job.recordsSynced, job.bytesSynced]).toEqual([recordsSynced, bytesSynced]);
    },
  );

  it('is taken by stream from the attempts, where the list of the total is empty', async () => {
    const stream = (streamName: string, records: number) => ({ streamName, stats: stats(records, records) });
    const job = await jobOf({ status: 'succeeded', streamAggregatedStats: [] }, [
      {
        id: 1,
        status: 'succeeded',
        totalStats: stats(7, 7),
        streamStats: [stream('orders', 3), stream('customers', 4)],
      },
      { id: 0, status: 'failed', totalStats: stats(5, 5), streamStats: [stream('orders', 5)] },
    ]);
    expect(job.streams).toMatchObject([
      { name: 'orders', recordsSynced: 8, bytesSynced: 80 },
      { name: 'customers', recordsSynced: 4, bytesSynced: 40 },
    ]);
  });
});

describe('why a job failed', () => {
  const failing = async (failure: object) => {
    const job = await jobOf({ status: 'failed' }, [
      { id: 0, status: 'failed', failureSummary: { failures: [failure] } },
    ]);
    return readOutcome(job).failure?.message;
  };

  it.each([
    [
      "Checking source connection failed - please review this connection's configuration to prevent future syncs from failing",
      'FATAL: password authentication failed',
      'Checking source connection failed: FATAL: password authentication failed',
    ],
    [
      'Something went wrong within the source connector',
      'Source process exited with code 137\n\tat X',
      'Something went wrong within the source connector: Source process exited with code 137',
    ],
    [
      'Something went wrong during replication',
      'no space left',
      'Something went wrong during replication: no space left',
    ],
    [
      'Something went wrong within the airbyte platform',
      'activity timed out',
      'Something went wrong within the airbyte platform: activity timed out',
    ],
    ['An unknown failure occurred', 'no route to host', 'An unknown failure occurred: no route to host'],
  ])(
    'is in the internal message where the one for people says nothing: %s',
    async (externalMessage, internalMessage, expected) => {
      expect(await failing({ externalMessage, internalMessage })).toBe(expected);
      expect(await failing({ externalMessage, internalMessage: null })).toBe(externalMessage);
    },
  );

  it('is the message for people where that says it, and nothing internal', async () => {
    expect(
      await failing({ externalMessage: 'The bucket lake does not exist.', internalMessage: 'S3Exception: 404' }),
    ).toBe('The bucket lake does not exist.');
  });

  it('is the last attempt’s, whichever the server gives first', async () => {
    const attempt = (id: number, externalMessage: string) => ({
      id,
      status: 'failed',
      failureSummary: { failures: [{ externalMessage }] },
    });
    const job = await jobOf({ status: 'failed' }, [attempt(1, 'the disk is full'), attempt(0, 'reset by peer')]);
    expect(readOutcome(job).failure?.message).toBe('the disk is full');
  });
});

it('a problem document says what was not found by its data, and what is wrong with the request', async () => {
  const problem = (title: string, data: object) => ({
    status: 400,
    body: {
      type: 'https://reference.airbyte.com/reference/errors',
      title,
      status: 400,
      detail: 'Submitted value could not be found',
      data,
    },
  });
  const messageOf = async (response: ScriptedResponse) => {
    const error = await read('public', response, (client) =>
      client.sources.get('s').catch((reason: unknown) => reason),
    );
    return error instanceof AirbyteError ? error.message : '';
  };
  expect(await messageOf(problem('value-not-found', { type: 'Source', value: '1111-2222' }))).toContain(
    'value-not-found: Submitted value could not be found: Source 1111-2222.',
  );
  expect(
    await messageOf(
      problem('deferred', { reason: 'secret_input_not_allowed', issues: [{ path: '/key', code: 'omit_secret' }] }),
    ),
  ).toContain('deferred: secret_input_not_allowed: /key omit_secret.');
});

describe('a sync that succeeded', () => {
  const outcome = (counts: object) => ({
    ...readOutcome({ jobId: 7, jobType: 'sync', status: 'succeeded', attempts: [] }),
    ...counts,
  });
  const options = (given: object) => syncConnectionInputSchema().parse({ connectionId: 'c1', ...given });
  const verdict = (counts: object, given: object = {}) => evaluateOutcome(outcome(counts), options(given));
  const stream = (name: string, recordsSynced: number | null, namespace?: string) => ({
    name,
    namespace,
    recordsSynced,
    bytesSynced: null,
    recordsRejected: 0,
  });

  it('fails with both numbers when records were sent and none was committed', () => {
    expect(verdict({ recordsSynced: 0, recordsEmitted: 520, recordsRejected: 2 })).toMatchObject({
      type: 'AirbyteSyncFailed',
      message:
        'The sync of connection c1 (job 7) succeeded, but of the 520 records that the source has sent, 0 were committed in the destination (2 were rejected).',
      details: [{ recordsSynced: 0, recordsEmitted: 520 }],
    });
  });

  it.each([
    [{ recordsSynced: 0, recordsEmitted: 0 }],
    [{ recordsSynced: 0 }],
    [{ recordsSynced: 520, recordsEmitted: 520 }],
    [{ recordsSynced: null, recordsEmitted: 520 }],
  ])('is none that lost records: %j', (counts) => {
    expect(verdict(counts)).toBeUndefined();
  });

  it('warns, fails or says nothing where nothing was measured, as unmeasured wants', () => {
    const counts = { recordsSynced: null };
    const told =
      'The sync of connection c1 (job 7) succeeded, but Airbyte has not measured how many records it has moved';
    expect(verdict(counts)).toBeUndefined();
    expect(warningsOf(outcome(counts), options({}))).toEqual([`${told}; whether it has moved anything is not known.`]);
    expect(warningsOf(outcome(counts), options({ unmeasured: 'accept' }))).toEqual([]);
    expect(verdict(counts, { unmeasured: 'accept' })).toBeUndefined();
    expect(verdict(counts, { unmeasured: 'fail' })).toMatchObject({ type: 'AirbyteSyncFailed', message: `${told}.` });
    expect(warningsOf(outcome({ recordsSynced: 0 }), options({}))).toEqual([]);
  });

  it.each(['reset', 'clear'])('is not measured as a %s, which neither fails nor warns', (jobType) => {
    expect(verdict({ recordsSynced: null }, { jobType, unmeasured: 'fail', minimumRecords: 5 })).toBeUndefined();
    expect(warningsOf(outcome({ recordsSynced: null }), options({ jobType }))).toEqual([]);
  });

  const streams = [
    stream('orders', 10, 'public'),
    stream('customers', 2),
    stream('orders', 4, 'archive'),
    stream('events', null),
  ];

  it.each([
    [
      10,
      { recordsSynced: null },
      'Airbyte has not measured how many records it has moved, and minimumRecords asks for 10',
    ],
    [{ total: 10 }, { recordsSynced: 9 }, 'synced 9 records, fewer than the 10 of minimumRecords'],
    [{ total: 10 }, { recordsSynced: 10 }, undefined],
    [{ streams: { customers: 2, 'public.orders': 10 } }, { recordsSynced: 16, streams }, undefined],
    [
      { streams: { customers: 3 } },
      { recordsSynced: 16, streams },
      'the stream customers synced 2 records, fewer than the 3 of minimumRecords',
    ],
    [
      { streams: { orders: 5 } },
      { recordsSynced: 16, streams },
      'the stream archive.orders synced 4 records, fewer than the 5 of minimumRecords',
    ],
    [{ streams: { events: 0 } }, { recordsSynced: 16, streams }, 'the records of the stream events were not measured'],
    [
      { streams: { invoices: 1 } },
      { recordsSynced: 16, streams: [] },
      'the records of the stream invoices were not measured (minimumRecords: 1)',
    ],
  ])('has to reach minimumRecords, of all streams or of each: %j of %j', (minimumRecords, counts, shortfall) => {
    const message = shortfall && `The sync of connection c1 (job 7) succeeded, but ${shortfall}.`;
    expect(verdict(counts, { minimumRecords })?.message).toBe(message);
  });

  it('tells the streams of minimumRecords however many others there are', () => {
    const many = Array.from({ length: 300 }, (_, index) => ({ name: `s${index}`, recordsSynced: 1_000 - index }));
    const job: Job = { jobId: 7, jobType: 'sync', status: 'succeeded', attempts: [], streams: many };
    const told = readOutcome(job, ['s299', 'none']);
    expect(told.streams).toHaveLength(101);
    expect(told.streams.at(-1)).toMatchObject({ name: 's299', recordsSynced: 701 });
    expect(told.moreStreams).toBe(199);
  });
});

describe('minimumRecords and unmeasured', () => {
  const flags = (minimumRecords: string[], unmeasured?: string) =>
    readSyncInput('c1', { minimumRecords, ...(unmeasured !== undefined && { unmeasured }) });

  it('are flags of the command line, one of which can be repeated', () => {
    expect(flags(['5'])).toMatchObject({ minimumRecords: 5, unmeasured: 'warn' });
    expect(flags(['orders=10', '5', 'public.a=b=1'], 'fail')).toMatchObject({
      minimumRecords: { total: 5, streams: { orders: 10, 'public.a=b': 1 } },
      unmeasured: 'fail',
    });
    expect(() => flags(['orders=many'])).toThrow('--minimum-records: expected a whole number');
    expect(() => flags(['=1'])).toThrow('--minimum-records: expected the name of a stream');
    expect(() => flags(['orders=1', 'orders=2'])).toThrow('--minimum-records: given more than once for orders');
  });

  it('stand in pipeline documents, their schedules by Temporal, and fleet documents', () => {
    const sync = 'sync: { minimumRecords: { total: 5, streams: { orders: 10 } }, unmeasured: fail }';
    const expected = { minimumRecords: { total: 5, streams: { orders: 10 } }, unmeasured: 'fail' };
    const pipeline = `
name: shop
source: { name: shop, definition: Simulated, configuration: {} }
destination: { name: lake, definition: Simulated, configuration: {} }
connection:
  schedule: { by: temporal, every: 6h }
  streams: [{ name: orders, syncMode: full_refresh, destinationSyncMode: append }]
${sync}`;
    const document = parsePipelineDocument(pipeline, 'shop.yaml');
    expect(document.sync).toMatchObject(expected);
    expect(document.connection.schedule).toMatchObject({ sync: expected });
    expect(parseFleetDocument(`fleet: nightly\nconnections: [a]\n${sync}`).sync).toMatchObject(expected);
  });

  it.each([
    [{ minimumRecords: -1 }, 'minimumRecords expected at least 0'],
    [{ minimumRecords: { streams: { orders: -1 } } }, 'minimumRecords.streams.orders expected at least 0'],
    [{ minimumRecords: { stream: { orders: 1 } } }, 'minimumRecords.stream is not a known key; did you mean streams?'],
    [{ minimumRecords: 'many' }, 'minimumRecords expected a whole number, or { total, streams }'],
    [{ unmeasured: 'ignore' }, 'unmeasured expected one of accept, warn, fail'],
  ])('are rejected otherwise: %j', (given, problem) => {
    const { error } = syncConnectionInputSchema().safeParse({ connectionId: 'c1', ...given });
    expect(error && describeZodError(error)).toBe(problem);
  });
});

describe('through a worker', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ sandbox: { countsIntervalMs: 50 } });
  });
  afterAll(() => stack?.stop());

  const start = async (simulation: object, options: Partial<SyncConnectionInput> = {}) =>
    stack.startSync({ connectionId: await stack.caller.simulatedConnection(simulation), ...options });

  it('a sync of which nothing was measured succeeds with a warning, and is found by no count', async () => {
    const sync = await start({ unmeasured: true, records: 5 });
    const result = await sync.result();
    const warnings = [expect.stringContaining('has not measured how many records')];
    expect(result).toMatchObject({ status: 'succeeded', recordsSynced: null, bytesSynced: null, warnings });
    expect(await sync.query<SyncProgress, []>('progress')).toMatchObject({ recordsSynced: null, warnings });
    const { typedSearchAttributes } = await sync.describe();
    expect(typedSearchAttributes.get(keys.jobStatus)).toBe('succeeded');
    expect([keys.recordsSynced, keys.bytesSynced].map((key) => typedSearchAttributes.get(key))).toEqual([
      undefined,
      undefined,
    ]);
    expect(describeSync(result)).toMatch(/^job \d+ succeeded: records not measured/);
    expect(describeWarnings(result)).toEqual([expect.stringContaining('warning: The sync of connection')]);
    const details = syncDetails(await sync.query('progress'), { namespace: 'n', workflowId: 'w', runId: 'r' });
    expect(details).toContain('**Moved**: records not measured');
    expect(details).toContain('**Warning**: The sync of connection');
  });

  it('a sync of which nothing was measured fails where it is to, with the reason in its details', async () => {
    const failure = await failureOf(await start({ unmeasured: true }, { unmeasured: 'fail' }));
    expect(failure.type).toBe('AirbyteSyncFailed');
    expect(failure.message).toContain('Airbyte has not measured how many records it has moved');
    expect(failure.details).toMatchObject([{ recordsSynced: null, bytesSynced: null }]);
  });

  it('a job that committed nothing of what was sent fails with both numbers', async () => {
    const failure = await failureOf(await start({ records: 520, bytes: 5_200, records_committed: 0 }));
    expect(failure.type).toBe('AirbyteSyncFailed');
    expect(failure.message).toContain('of the 520 records that the source has sent, 0 were committed');
  });

  it('a job with nothing to move is well, and a reset of a server that measures nothing too', async () => {
    expect(await (await start({ records: 0 })).result()).toMatchObject({ recordsSynced: 0, status: 'succeeded' });
    const reset = await (await start({ unmeasured: true }, { jobType: 'reset' })).result();
    expect(reset).toMatchObject({ status: 'succeeded', recordsSynced: null });
    expect(reset).not.toHaveProperty('warnings');
  });

  it('a job that fails says its reason and what it has moved', async () => {
    const failure = await failureOf(
      await start({
        records: 520,
        bytes: 5_200,
        outcome: 'failed',
        failure_message: 'Something went wrong within the source connector',
        failure_internal_message: 'relation "orders" does not exist',
      }),
    );
    expect(failure.message).toContain(
      'Something went wrong within the source connector: relation "orders" does not exist',
    );
    expect(failure.message).toContain('Part of it is in the destination: 520 records');
    expect(failure.details).toMatchObject([{ recordsSynced: 520, bytesSynced: 5_200 }]);
  });

  it('each stream has to reach its own minimum', async () => {
    const simulation = { records: 5, streams: ['events', 'orders'] };
    const moved = await (await start(simulation, { minimumRecords: { streams: { events: 5 } } })).result();
    expect(moved.recordsSynced).toBe(5);
    const failure = await failureOf(
      await start(simulation, { minimumRecords: { total: 5, streams: { events: 6, orders: 1 } } }),
    );
    expect(failure.message).toContain(
      'the stream events synced 5 records, fewer than the 6 of minimumRecords, the records of the stream orders were not measured',
    );
  });
});
