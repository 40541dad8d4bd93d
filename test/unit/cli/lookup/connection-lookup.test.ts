import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findConnection } from '../../../../cli/lookup/connection-lookup';
import { AirbyteClient } from '../../../../src/airbyte';
import { ScriptedAirbyte, type ScriptedResponse } from '../../airbyte/scripted-airbyte';

const ID = '7a0e9d4c-2f6b-4f8e-8b1d-3c5e6f708192';
const CONNECTION = { connectionId: ID, name: 'PostgreSQL → Parquet', schedule: { scheduleType: 'manual' } };

let airbyte: ScriptedAirbyte;
let client: AirbyteClient;
let byId: ScriptedResponse;

beforeEach(async () => {
  airbyte = await ScriptedAirbyte.start(({ path }) => {
    const { pathname } = new URL(path, airbyte.origin);
    if (pathname.includes('/connections/')) return byId;
    return { body: { data: pathname.endsWith('/workspaces') ? [{ workspaceId: 'w', name: 'W' }] : [CONNECTION] } };
  });
  client = new AirbyteClient({ url: `${airbyte.origin}/api/public/v1` });
});

afterEach(async () => {
  await client.close();
  await airbyte.stop();
});

describe('a connection that the user names', () => {
  it.each([
    [400, { title: 'bad-request' }],
    [403, { title: 'forbidden' }],
    [404, { title: 'resource-not-found' }],
    [500, { title: 'unexpected-problem', data: { message: 'Invalid UUID string' } }],
  ])(
    'is found by its name, also where the server responds with %d to a name instead of an id',
    async (status, body) => {
      byId = { status, body };
      expect(await findConnection(client, CONNECTION.name)).toMatchObject({ connectionId: ID });
    },
  );

  it('is not looked up by name when the server is unavailable', async () => {
    byId = { status: 503, body: '' };
    await expect(findConnection(client, ID)).rejects.toMatchObject({ type: 'AirbyteUnavailable' });
    expect(airbyte.requests).toHaveLength(1);
  });

  it('is named with those that there are when it does not exist', async () => {
    byId = { status: 404, body: { title: 'resource-not-found' } };
    await expect(findConnection(client, 'nothing')).rejects.toThrow('It has: PostgreSQL → Parquet.');
  });
});
