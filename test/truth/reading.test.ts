import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AirbyteClient, AirbyteError } from '../../src/airbyte';
import { isPartiallyRead } from '../../src/airbyte/lists/list-responses';
import { type ReceivedRequest, ScriptedAirbyte } from '../unit/airbyte/scripted-airbyte';

const WORKSPACE = '2de688a6-94ee-463a-949b-5a8e808641c0';
const CONNECTION = '337a8bf3-230f-4928-bb4d-ed510d7a211b';
const UPDATED = new Date('2026-09-01T00:00:00Z');

let airbyte: ScriptedAirbyte;
let warnings: string[];
const clients: AirbyteClient[] = [];

beforeEach(async () => {
  airbyte = await ScriptedAirbyte.start();
  warnings = [];
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await airbyte.stop();
});

/** A client of one of the APIs, whose every call gets this response. */
function clientOf(
  flavour: 'config' | 'public',
  body: unknown | ((request: ReceivedRequest) => unknown),
): AirbyteClient {
  airbyte.script = (request) => ({ body: typeof body === 'function' ? body(request) : body });
  const url = flavour === 'config' ? airbyte.url : `${airbyte.origin}/api/public/v1`;
  const client = new AirbyteClient({ url, onWarning: (warning) => warnings.push(warning) });
  clients.push(client);
  return client;
}

/** Every list of each flavour, and the field that holds it. */
const LISTS: [string, 'config' | 'public', string, (client: AirbyteClient) => Promise<unknown[]>][] = (
  [
    ['workspaces', 'workspaces', (client) => client.workspaces.list()],
    ['source definitions', 'sourceDefinitions', (client) => client.sourceDefinitions.list(WORKSPACE)],
    ['destination definitions', 'destinationDefinitions', (client) => client.destinationDefinitions.list(WORKSPACE)],
    ['sources', 'sources', (client) => client.sources.list(WORKSPACE)],
    ['destinations', 'destinations', (client) => client.destinations.list(WORKSPACE)],
    ['connections', 'connections', (client) => client.connections.list(WORKSPACE)],
    ['jobs', 'jobs', (client) => client.jobs.list({ connectionId: CONNECTION, jobTypes: ['sync'] })],
    [
      'jobs of workspaces',
      'jobs',
      (client) =>
        client.jobs.listForWorkspaces({ workspaceIds: [WORKSPACE], jobTypes: ['sync'], updatedAtStart: UPDATED }),
    ],
  ] as [string, string, (client: AirbyteClient) => Promise<unknown[]>][]
).flatMap(([what, field, list]) => [
  [what, 'config', field, list],
  [what, 'public', 'data', list],
]);

describe('an empty list', () => {
  it.each(LISTS)('of %s in the %s API is read from {}, and from null', async (_, flavour, field, list) => {
    expect(await list(clientOf(flavour, {}))).toEqual([]);
    expect(await list(clientOf(flavour, { [field]: null }))).toEqual([]);
    expect(await list(clientOf(flavour, { [field]: [] }))).toEqual([]);
  });

  it.each(LISTS)('of %s in the %s API is not read from a response that says something else', async (...args) => {
    const [, flavour, field, list] = args;
    await expect(list(clientOf(flavour, { message: 'Not Found' }))).rejects.toThrow(`${field}: `);
  });

  it('of tags may also be the response of the public API', async () => {
    expect(await clientOf('public', {}).tags.list(WORKSPACE)).toEqual([]);
  });
});

describe('one odd item of a list', () => {
  const named = (name: string) => ({ name, workspaceId: WORKSPACE });

  it.each([
    ['timeUnit: null', { scheduleType: 'basic', scheduleData: { basicSchedule: { units: 24, timeUnit: null } } }],
    ['units: null', { scheduleType: 'basic', scheduleData: { basicSchedule: { units: null, timeUnit: 'hours' } } }],
    ['no units', { scheduleType: 'basic', scheduleData: { basicSchedule: { timeUnit: 'hours' } } }],
    ['an old schedule of nulls', { schedule: { units: null, timeUnit: null } }],
    ['schedule: null', { schedule: null }],
    ['scheduleData: null', { scheduleType: 'manual', scheduleData: null }],
    ['basicSchedule: null', { scheduleType: 'basic', scheduleData: { basicSchedule: null, cron: null } }],
    [
      'cronExpression: null',
      { scheduleType: 'cron', scheduleData: { cron: { cronExpression: null, cronTimeZone: 'UTC' } } },
    ],
  ])('hides no other connection, nor itself: %s', async (_, schedule) => {
    const odd = { connectionId: CONNECTION, ...named('odd'), ...schedule };
    const client = clientOf('config', ({ path }: ReceivedRequest) =>
      path.endsWith('/get') ? odd : { connections: [odd, { connectionId: 'other', ...named('other') }] },
    );
    expect((await client.connections.list(WORKSPACE)).map(({ name }) => name)).toEqual(['odd', 'other']);
    const { scheduleData, schedule: old } = await client.connections.get(CONNECTION);
    expect([scheduleData?.basicSchedule, scheduleData?.cron, old]).toEqual([undefined, undefined, undefined]);
    expect(warnings).toEqual([]);
  });

  it('is read without the field that is odd, with a warning that names both; asked for itself, it fails and names it', async () => {
    const odd = { connectionId: CONNECTION, name: 'odd', status: 'active', syncCatalog: { streams: [{}] } };
    const client = clientOf('config', ({ path }: ReceivedRequest) =>
      path.endsWith('/get') ? odd : { connections: [odd, { connectionId: 'other', name: 'other' }] },
    );
    const [read, other] = await client.connections.list(WORKSPACE);
    await client.connections.list(WORKSPACE);
    expect(read).toEqual({ connectionId: CONNECTION, name: 'odd', status: 'active', workspaceId: WORKSPACE });
    expect([read, other].map((each) => each && isPartiallyRead(each))).toEqual([true, false]);
    expect(other).toMatchObject({ name: 'other' });
    expect(warnings).toEqual([
      `connections/list at ${client.url}: 'odd' (${CONNECTION}) cannot be read ` +
        '(syncCatalog.streams.0.stream: Invalid input: expected object, received undefined): it is read without that field.',
    ]);
    await expect(client.connections.get(CONNECTION)).rejects.toThrow('syncCatalog.streams.0.stream');
  });

  it.each([
    ['workspaces', 'workspaceId', (client: AirbyteClient) => client.workspaces.list()],
    ['sources', 'sourceId', (client: AirbyteClient) => client.sources.list(WORKSPACE)],
    ['destinations', 'destinationId', (client: AirbyteClient) => client.destinations.list(WORKSPACE)],
    ['sourceDefinitions', 'sourceDefinitionId', (client: AirbyteClient) => client.sourceDefinitions.list(WORKSPACE)],
  ])('of %s is left out with a warning when it has no id', async (field, idField, list) => {
    const client = clientOf('config', { [field]: [{ name: 'odd' }, { [idField]: 'other', ...named('other') }] });
    expect(await list(client)).toMatchObject([{ name: 'other' }]);
    expect(warnings).toEqual([
      expect.stringMatching(new RegExp(`'odd' cannot be read .${idField}: .*: it is left out`)),
    ]);
  });

  it('of the public API is treated the same', async () => {
    const client = clientOf('public', {
      data: [
        { connectionId: CONNECTION, name: 'odd', configurations: { streams: [{ syncMode: 'full_refresh_append' }] } },
        { name: 'without an id' },
        { connectionId: 'other', name: 'other' },
      ],
    });
    expect((await client.connections.list(WORKSPACE)).map(({ name }) => name)).toEqual(['odd', 'other']);
    expect(warnings).toHaveLength(2);
  });

  it('of the jobs of a server ends the waiting for no other', async () => {
    const config = { jobs: [{ job: { id: 'x' } }, { job: { id: 2, status: 'running' }, attempts: [] }] };
    const request = { jobTypes: ['sync'], updatedAtStart: UPDATED };
    expect(await clientOf('config', config).jobs.list(request)).toMatchObject([{ jobId: 2, status: 'running' }]);
    const data = [{ status: 'pending' }, { jobId: 2, jobType: 'sync', status: 'running' }];
    expect(await clientOf('public', { data }).jobs.list(request)).toMatchObject([{ jobId: 2, status: 'running' }]);
  });

  it('that is the only one is no list of Airbyte: objects that cannot be read must not seem to be missing', async () => {
    const client = clientOf('config', { sources: [{ sourceId: 7 }] });
    const error = await client.sources.list(WORKSPACE).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AirbyteError);
    expect(String(error)).toContain('sources.0.sourceId');
  });
});

describe('numbers', () => {
  it('are read where they come as strings: ids, times, counts, units, page sizes', async () => {
    const stats = { recordsEmitted: '13', bytesEmitted: '1300', recordsCommitted: '12', bytesCommitted: '1200' };
    const info = {
      job: {
        ...{ id: '9', configType: 'sync', status: 'succeeded', createdAt: '1690785044', updatedAt: '1690785097' },
        aggregatedStats: stats,
        streamAggregatedStats: [{ streamName: 'orders', ...stats }],
      },
      attempts: [{ attempt: { id: '0', status: 'succeeded', endedAt: '1690785097', totalStats: stats } }],
    };
    expect(await clientOf('config', info).jobs.getWithoutLogs(9)).toMatchObject({
      ...{ jobId: 9, createdAt: 1690785044, updatedAt: 1690785097, recordsSynced: 12, bytesSynced: 1200 },
      streams: [{ name: 'orders', recordsSynced: 12, bytesSynced: 1200 }],
      attempts: [{ attemptNumber: 0, endedAt: 1690785097 }],
    });
    const job = { jobId: '9', status: 'succeeded', startTime: '1690785044', rowsSynced: '12', bytesSynced: '1200' };
    expect(await clientOf('public', job).jobs.get(9)).toMatchObject({
      ...{ jobId: 9, createdAt: 1690785044, recordsSynced: 12, bytesSynced: 1200 },
    });
    const schedule = { units: '24', timeUnit: 'hours' };
    expect(await clientOf('config', { connectionId: 'c', schedule }).connections.get('c')).toMatchObject({
      schedule: { units: 24, timeUnit: 'hours' },
    });
    const page = (cursor: unknown) => [{ sourceId: cursor === undefined ? 'one' : 'two', name: 'a source' }];
    const paged = clientOf('config', ({ body }: ReceivedRequest) => ({
      sources: page((body as { cursor?: string }).cursor),
      page_size: '1',
    }));
    expect((await paged.sources.list(WORKSPACE)).map(({ sourceId }) => sourceId)).toEqual(['one', 'two']);
  });
});

describe('the attempts of a job', () => {
  const attempt = (id: number | undefined, createdAt: number, message: string) => ({
    attempt: {
      ...{ id, status: 'failed', createdAt, endedAt: createdAt + 5 },
      failureSummary: { failures: [{ externalMessage: message }] },
    },
  });

  it.each([
    ['by number', [attempt(2, 30, 'last'), attempt(0, 10, 'first'), attempt(1, 20, 'second')]],
    [
      'by time where they have no numbers',
      [attempt(undefined, 30, 'last'), attempt(undefined, 10, 'first'), attempt(undefined, 20, 'second')],
    ],
  ])('are in order, however the server gives them: %s', async (_, attempts) => {
    const client = clientOf('config', { job: { id: 1, status: 'failed' }, attempts });
    const job = await client.jobs.getWithoutLogs(1);
    expect(job.attempts.map(({ failures }) => failures[0]?.message)).toEqual(['first', 'second', 'last']);
    const [listed] = await clientOf('config', { jobs: [{ job: { id: 1, status: 'failed' }, attempts }] }).jobs.list({
      connectionId: CONNECTION,
      jobTypes: ['sync'],
    });
    expect(listed?.attempts).toEqual(job.attempts);
  });
});
