import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { describePipeline, describePlan } from '../../cli/render/changes-presentation';
import type { Paint } from '../../cli/render/terminal';
import { pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import { countChanges } from '../../src/contract/pipeline-plan';
import { useBench } from '../unit/activities/activity-bench';
import type { Body } from '../unit/activities/scripted-airbyte';

const bench = useBench();
// So many streams take some seconds of processor time, which other tests take too.
jest.setTimeout(180_000);
const STREAMS = 1_500;
const HISTORY_BYTES = 256_000;

/** Named as the tables of a database with a schema for each of its customers are. */
const stream = (index: number) => ({
  stream: {
    name: `events_${index % 10}`,
    namespace: `customer_${String(Math.floor(index / 10)).padStart(5, '0')}`,
    jsonSchema: { type: 'object', properties: { id: { type: 'integer' }, updated_at: { type: 'string' } } },
    supportedSyncModes: ['full_refresh', 'incremental'],
    sourceDefinedCursor: false,
    sourceDefinedPrimaryKey: [['id']],
  },
  config: {
    syncMode: 'full_refresh',
    destinationSyncMode: 'overwrite',
    cursorField: [],
    primaryKey: [],
    selected: true,
  },
});

const document = pipelineDocumentSchema().parse({
  name: 'events',
  source: { name: 'shop', definition: 'Postgres', configuration: {} },
  destination: { name: 'lake', definition: 'S3', configuration: {} },
  connection: {
    name: 'events',
    schemaChanges: 'propagate',
    streams: [
      {
        ...{ name: 'events_*', namespace: 'customer_*', syncMode: 'incremental', destinationSyncMode: 'append_dedup' },
        ...{ cursorField: 'updated_at' },
      },
    ],
  },
});
const { connection } = document;
const ids = { workspaceId: 'w', sourceId: 's', destinationId: 'd' };

let stored: Body = {};

beforeEach(() => {
  stored = {};
  const streams = Array.from({ length: STREAMS }, (_, index) => stream(index));
  bench().airbyte.on({
    'sources/discover_schema': () => ({ catalogId: 'k', catalog: { streams } }),
    'connections/list': () => ({ connections: 'connectionId' in stored ? [stored] : [] }),
    'connections/get': () => stored,
    'connections/create': (body) => {
      stored = { ...body, connectionId: 'c' };
      return stored;
    },
    'connections/update': (body) => {
      stored = { ...stored, ...body };
      return stored;
    },
  });
});

const plan = () => bench().run('planConnection', { pipeline: 'events', ...ids, connection, sourceChanges: false });
const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const plain: Paint = (_style, text) => text;
const actors = {
  source: { action: 'leave' as const, name: 'shop', id: 's', changes: [] },
  destination: { action: 'leave' as const, name: 'lake', id: 'd', changes: [] },
};
const lines = (planned: Awaited<ReturnType<typeof plan>>) => {
  const counts = countChanges({ ...actors, ...planned });
  return describePlan({ name: 'events', workspaceId: 'w', changes: true, ...actors, ...planned, counts }, plain);
};

describe(`${STREAMS} streams by pattern`, () => {
  it('are planned, applied, and planned again with nothing to do, in payloads that do not grow', async () => {
    const first = await plan();
    expect(first.connection).toMatchObject({ action: 'create', moreStreams: { add: expect.any(Number) } });
    expect((first.connection.streams?.length ?? 0) + (first.connection.moreStreams?.add ?? 0)).toBe(STREAMS);
    expect(sizeOf(first)).toBeLessThan(HISTORY_BYTES);
    expect(lines(first).at(-1)).toMatch(/^ {4}\+ add [\d,]+ more streams$/);

    const applied = await bench().run('applyConnection', { ...ids, connection });
    expect(applied).toMatchObject({ created: true });
    expect(sizeOf(applied)).toBeLessThan(1_000);
    expect((stored['syncCatalog'] as { streams: unknown[] }).streams).toHaveLength(STREAMS);

    const second = await plan();
    expect(second.connection).toMatchObject({ action: 'leave', changes: [] });
    expect(second.connection.streams?.every(({ action }) => action === 'leave')).toBe(true);
    expect(Object.keys(second.connection.moreStreams ?? {})).toEqual(['leave']);
    expect(sizeOf(second)).toBeLessThan(HISTORY_BYTES);
    expect(lines(second).at(-1)).toBe('      leave 1,500 streams');
  });

  it('show the few of them that change first', async () => {
    await bench().run('applyConnection', { ...ids, connection });
    const { streams } = stored['syncCatalog'] as { streams: ReturnType<typeof stream>[] };
    const last = streams.at(-1);
    if (last) last.config.destinationSyncMode = 'append';
    streams.push({ ...stream(0), stream: { ...stream(0).stream, name: 'no_longer_wanted' } });
    const { streams: planned } = (await plan()).connection;
    expect(planned?.slice(0, 3)).toMatchObject([
      { namespace: 'customer_00149', name: 'events_9', action: 'change' },
      { name: 'no_longer_wanted', action: 'remove' },
      { action: 'leave' },
    ]);
  });

  it('come as the first of them and how many there are beyond, as the result of a run has them', async () => {
    const prepared = await bench().run('prepareConnection', {
      ...{ pipeline: 'events', ...ids, connection, sourceChanges: false },
    });
    expect(prepared).toMatchObject({ planned: { streams: [], moreStreams: { add: STREAMS } } });
    expect(sizeOf(prepared)).toBeLessThan(HISTORY_BYTES);
    const found = await bench().run('discoverSchema', { sourceId: 's', streams: connection.streams });
    if (Array.isArray(found)) throw new Error('expected to be told how many there are beyond');
    expect(found.streams.length + (found.moreStreams ?? 0)).toBe(STREAMS);
    expect(sizeOf(found)).toBeLessThan(HISTORY_BYTES);
    const left = { action: 'leave' as const, name: 'events', id: 'c', changes: [], streams: [] };
    const applied = { ...actors, connection: left };
    const created = { source: false, destination: false, connection: false };
    const text = describePipeline(
      document,
      {
        ...{ ...ids, connectionId: 'c', created, sync: null },
        ...{ ...found, schedule: { by: 'nobody', outcome: 'unchanged' } },
        applied: { ...applied, counts: countChanges(applied) },
      },
      plain,
    ).join('\n');
    expect(text).toMatch(/events_0 \(incremental\), .* … and 1,480 more/);
    await bench().run('applyConnection', { ...ids, connection });
    const summary = await bench().run('getConnection', { connectionId: 'c' });
    expect(summary.streams.length + (summary.moreStreams ?? 0)).toBe(STREAMS);
    expect(sizeOf(summary)).toBeLessThan(HISTORY_BYTES);
  });

  it('that the source does not have are named in a failure of bounded length', async () => {
    const named = Array.from({ length: 10_000 }, (_, index) => ({ ...connection.streams[0], name: `no_${index}` }));
    const streams = named as typeof connection.streams;
    const error = await bench()
      .run('discoverSchema', { sourceId: 's', streams })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect((error as Error).message.length).toBeLessThan(11_000);
  });
});
