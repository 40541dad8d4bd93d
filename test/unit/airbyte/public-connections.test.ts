import { describe, expect, it } from '@jest/globals';
import { airbyte, client, respond, sent } from './scripted-public-client';

const SHOWN = {
  connectionId: 'c',
  name: 'shop → lake',
  sourceId: 's',
  destinationId: 'd',
  workspaceId: 'w',
  status: 'active',
  schedule: { scheduleType: 'cron', cronExpression: '0 0 */6 * * ? UTC' },
  nonBreakingSchemaUpdatesBehavior: 'disable_connection',
  namespaceDefinition: 'custom_format',
  namespaceFormat: 'shop_$' + '{SOURCE_NAMESPACE}',
  prefix: 'raw_',
  configurations: {
    streams: [
      {
        name: 'orders',
        namespace: 'public',
        syncMode: 'incremental_deduped_history',
        cursorField: ['updated_at'],
        primaryKey: [['id']],
        selectedFields: [{ fieldPath: ['id'] }],
        mappers: [{ type: 'hashing', mapperConfiguration: {} }],
      },
    ],
  },
  createdAt: 1,
  dataResidency: 'auto',
  tags: [],
};

const READ = {
  connectionId: 'c',
  name: 'shop → lake',
  sourceId: 's',
  destinationId: 'd',
  workspaceId: 'w',
  status: 'active',
  scheduleType: 'cron',
  scheduleData: { cron: { cronExpression: '0 0 */6 * * ?', cronTimeZone: 'UTC' } },
  nonBreakingChangesPreference: 'disable',
  namespaceDefinition: 'customformat',
  namespaceFormat: 'shop_$' + '{SOURCE_NAMESPACE}',
  prefix: 'raw_',
  syncCatalog: {
    streams: [
      {
        stream: { name: 'orders', namespace: 'public' },
        config: {
          syncMode: 'incremental',
          destinationSyncMode: 'append_dedup',
          cursorField: ['updated_at'],
          primaryKey: [['id']],
          fieldSelectionEnabled: true,
          selectedFields: [{ fieldPath: ['id'] }],
          mappers: [{ type: 'hashing', mapperConfiguration: {} }],
          selected: true,
        },
      },
    ],
  },
  createdAt: 1,
  dataResidency: 'auto',
  tags: [],
};

describe('a connection', () => {
  it("is read in the Config API's form", async () => {
    respond({ 'GET connections/c': SHOWN, 'GET connections': { data: [SHOWN] } });
    expect(await client.connections.get('c')).toEqual(READ);
    expect(await client.connections.list('w')).toEqual([READ]);
  });

  it('that was read can be sent back whole, and is what it was', async () => {
    respond({ 'GET connections/c': SHOWN, 'PATCH connections/c': SHOWN });
    await client.connections.update(await client.connections.get('c'));
    const { connectionId, sourceId, destinationId, workspaceId, createdAt, dataResidency, ...changeable } = SHOWN;
    expect(sent()[1]).toEqual({
      call: 'PATCH connections/c',
      body: { ...changeable, schedule: { scheduleType: 'cron', cronExpression: '0 0 */6 * * ?' } },
    });
  });

  it('is created with what a discovery gave and a pipeline selected', async () => {
    respond({ 'POST connections': SHOWN });
    await client.connections.create({
      sourceId: 's',
      destinationId: 'd',
      name: 'shop → lake',
      namespaceDefinition: 'destination',
      status: 'active',
      schedule: { units: 24, timeUnit: 'hours' },
      sourceCatalogId: 'k',
      syncCatalog: {
        streams: [
          {
            stream: { name: 'orders', jsonSchema: { type: 'object' }, supportedSyncModes: ['full_refresh'] },
            config: {
              syncMode: 'full_refresh',
              destinationSyncMode: 'overwrite',
              cursorField: [],
              primaryKey: [],
              aliasName: 'orders',
              selected: true,
            },
          },
          { stream: { name: 'left-out' }, config: { syncMode: 'full_refresh', selected: false } },
        ],
      },
    });
    expect(sent()).toEqual([
      {
        call: 'POST connections',
        body: {
          sourceId: 's',
          destinationId: 'd',
          name: 'shop → lake',
          namespaceDefinition: 'destination',
          status: 'active',
          schedule: { scheduleType: 'cron', cronExpression: '0 0 0 * * ?' },
          configurations: { streams: [{ name: 'orders', syncMode: 'full_refresh_overwrite' }] },
        },
      },
    ]);
  });

  it('changes only in the fields that are given', async () => {
    respond({ 'PATCH connections/c': SHOWN });
    await client.connections.update({ connectionId: 'c', status: 'inactive' });
    expect(sent()).toEqual([{ call: 'PATCH connections/c', body: { status: 'inactive' } }]);
  });

  it('is rejected before it is sent where this API has no field for it', async () => {
    const change = client.connections.update({ connectionId: 'c', resourceRequirements: { cpu: 4 } });
    await expect(change).rejects.toMatchObject({
      type: 'AirbyteInvalidRequest',
      retryable: false,
      effect: 'none',
      message: `PATCH connections/c was not sent to ${client.url}: Airbyte's public API has no field for a connection's resourceRequirements. Leave it out.`,
    });
    expect(airbyte.requests).toHaveLength(0);
  });
});

describe('the sync modes of a stream', () => {
  const WORDS: [string, string, string][] = [
    ['full_refresh', 'overwrite', 'full_refresh_overwrite'],
    ['full_refresh', 'overwrite_dedup', 'full_refresh_overwrite_deduped'],
    ['full_refresh', 'append', 'full_refresh_append'],
    ['full_refresh', 'update', 'full_refresh_update'],
    ['full_refresh', 'soft_delete', 'full_refresh_soft_delete'],
    ['incremental', 'append', 'incremental_append'],
    ['incremental', 'append_dedup', 'incremental_deduped_history'],
    ['incremental', 'update', 'incremental_update'],
    ['incremental', 'soft_delete', 'incremental_soft_delete'],
  ];
  const streamOf = (syncMode: string, destinationSyncMode: string) => ({
    connectionId: 'c',
    syncCatalog: { streams: [{ stream: { name: 'orders' }, config: { syncMode, destinationSyncMode } }] },
  });

  it.each(WORDS)('%s and %s are %s, both ways', async (syncMode, destinationSyncMode, joined) => {
    const configurations = { streams: [{ name: 'orders', syncMode: joined }] };
    respond({ 'PATCH connections/c': { ...SHOWN, configurations } });
    const updated = await client.connections.update(streamOf(syncMode, destinationSyncMode));
    expect(sent()[0]?.body).toEqual({ configurations });
    expect(updated.syncCatalog?.streams[0]?.config).toMatchObject({ syncMode, destinationSyncMode });
  });

  it('of a value that this client does not know are split by its spelling', async () => {
    const configurations = { streams: [{ name: 'orders', syncMode: 'incremental_of_2027' }] };
    respond({ 'GET connections/c': { ...SHOWN, configurations } });
    expect((await client.connections.get('c')).syncCatalog?.streams[0]?.config).toMatchObject({
      syncMode: 'incremental',
      destinationSyncMode: 'of_2027',
    });
  });

  it.each([
    ['incremental', 'overwrite'],
    ['full_refresh', 'append_dedup'],
  ])('%s with %s does not exist, and is rejected', async (syncMode, destinationSyncMode) => {
    await expect(client.connections.update(streamOf(syncMode, destinationSyncMode))).rejects.toMatchObject({
      type: 'AirbyteInvalidRequest',
      message: expect.stringContaining(`${syncMode} with ${destinationSyncMode}, which the stream 'orders' requires.`),
    });
    expect(airbyte.requests).toHaveLength(0);
  });
});

describe('the schedule of a connection', () => {
  const cron = (cronExpression: string, cronTimeZone = 'UTC') => ({
    scheduleType: 'cron',
    scheduleData: { cron: { cronExpression, cronTimeZone } },
  });
  const basic = (units: number, timeUnit: string) => ({
    scheduleType: 'basic',
    scheduleData: { basicSchedule: { units, timeUnit } },
  });

  it.each([
    [{ scheduleType: 'manual' }, { scheduleType: 'manual' }],
    [cron('0 30 4 * * ?'), { scheduleType: 'cron', cronExpression: '0 30 4 * * ?' }],
    [cron('0 30 4 * * ?', 'Etc/UTC'), { scheduleType: 'cron', cronExpression: '0 30 4 * * ?' }],
    [basic(6, 'hours'), { scheduleType: 'cron', cronExpression: '0 0 */6 * * ?' }],
    [{ schedule: { units: 1, timeUnit: 'hours' } }, { scheduleType: 'cron', cronExpression: '0 0 * * * ?' }],
    [basic(120, 'minutes'), { scheduleType: 'cron', cronExpression: '0 0 */2 * * ?' }],
    [basic(15, 'minutes'), { scheduleType: 'cron', cronExpression: '0 */15 * * * ?' }],
    [basic(1, 'minutes'), { scheduleType: 'cron', cronExpression: '0 * * * * ?' }],
    [basic(1, 'days'), { scheduleType: 'cron', cronExpression: '0 0 0 * * ?' }],
    [basic(1, 'weeks'), { scheduleType: 'cron', cronExpression: '0 0 0 ? * SUN' }],
  ])('%j is sent as %j', async (schedule, said) => {
    respond({ 'PATCH connections/c': SHOWN });
    await client.connections.update({ connectionId: 'c', ...schedule });
    expect(sent()[0]?.body).toEqual({ schedule: said });
  });

  it.each([
    [basic(5, 'hours'), 'no cron expression means every 5 hours. Use a number of minutes that divides an hour'],
    [basic(45, 'minutes'), 'every 45 minutes'],
    [basic(2, 'days'), 'every 2 days'],
    [basic(1, 'months'), 'every 1 months'],
    [basic(1, 'fortnights'), 'every 1 fortnights'],
    [cron('0 0 12 * * ?', 'Europe/Paris'), 'this one is in Europe/Paris. Write it in UTC.'],
  ])('%j cannot be represented, and is rejected', async (schedule, reason) => {
    const rejection = { type: 'AirbyteInvalidRequest', message: expect.stringContaining(reason) };
    await expect(client.connections.update({ connectionId: 'c', ...schedule })).rejects.toMatchObject(rejection);
    expect(() => client.connections.normalizeSchedule(schedule)).toThrow(reason);
    expect(airbyte.requests).toHaveLength(0);
  });

  it.each([
    [{ scheduleType: 'manual' }, { scheduleType: 'manual' }],
    [{ scheduleType: 'cron', cronExpression: '0 0 12 * * ? UTC' }, cron('0 0 12 * * ?')],
    [
      { scheduleType: 'cron', cronExpression: '0 0 12 ? * MON America/New_York' },
      cron('0 0 12 ? * MON', 'America/New_York'),
    ],
    [{ scheduleType: 'cron', cronExpression: '0 0 12 ? * MON' }, cron('0 0 12 ? * MON')],
    [{ scheduleType: 'cron', cronExpression: '0 0 12 * * ? 2027 UTC' }, cron('0 0 12 * * ? 2027')],
    [{ scheduleType: 'cron', cronExpression: '0 0 12 * * ? 2027' }, cron('0 0 12 * * ? 2027')],
    [{ scheduleType: 'cron', cronExpression: '0 0 12 * * ? null' }, cron('0 0 12 * * ?')],
    [{ scheduleType: 'basic', basicTiming: 'Every 6 HOURS' }, basic(6, 'hours')],
    [{ scheduleType: 'basic' }, { scheduleType: 'manual' }],
  ])('%j is read as %j', async (schedule, expected) => {
    respond({ 'GET connections/c': { ...SHOWN, schedule } });
    const { scheduleType, scheduleData } = await client.connections.get('c');
    expect({ scheduleType, ...(scheduleData !== undefined && { scheduleData }) }).toEqual(expected);
  });

  it('is normalized to what is read back', () => {
    expect(client.connections.normalizeSchedule(basic(6, 'hours'))).toEqual(cron('0 0 */6 * * ?'));
    expect(client.connections.normalizeSchedule({ scheduleType: 'manual' })).toEqual({ scheduleType: 'manual' });
  });
});
