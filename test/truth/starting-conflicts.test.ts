import { describe, expect, it } from '@jest/globals';
import { AirbyteClient, AirbyteError } from '../../src/airbyte';
import { airbyte, client } from '../unit/airbyte/scripted-client';

async function errorOf(call: Promise<unknown>): Promise<AirbyteError> {
  const error = await call.catch((reason: unknown) => reason);
  if (!(error instanceof AirbyteError)) throw new Error(`not an AirbyteError: ${error}`);
  return error;
}

const problem = (title: string, detail: string, message?: string) => ({
  ...{ status: 409, title, detail, type: `https://reference.airbyte.com/reference/errors#409-${title}` },
  ...(message !== undefined && { data: { message } }),
});
const DATABASE = { message: 'Failed to access database. Check the server logs for more information' };
const running = (message: string) => ({ message, exceptionClassName: 'ValueConflictKnownException' });

describe('what Airbyte means by a 409', () => {
  it.each([
    ['a job that runs', 409, running('A sync is already running for: 21c156fd-7acb-4690-842f-1ac4467e1602'), 'running'],
    ['a job that runs, in older words', 409, { message: 'A sync is already running for this connection' }, 'running'],
    ['a job that runs, also with 500', 500, { message: 'A sync is already running for this connection' }, 'running'],
    [
      'a job that runs, by the public API',
      409,
      problem('try-again-later', 'Please try again later.', 'A sync is already running for: 21c156fd'),
      'running',
    ],
    [
      'an inactive connection',
      500,
      { message: 'Internal Server Error: Can only sync an active connection' },
      'inactive',
    ],
  ])('is that nothing was started: %s', async (_, status, body, conflict) => {
    airbyte.script = () => ({ status, body });
    const error = await errorOf(client.connections.sync('c'));
    expect(error).toMatchObject({ type: 'AirbyteConflict', conflict, retryable: false, effect: 'none' });
  });

  it.each([
    [
      'that its state is in conflict, which is all the public API says',
      problem('state-conflict', 'State conflict', 'Could not fulfill request'),
      'state-conflict',
    ],
    ['in unknown words', { errorId: 'e' }, 'other'],
    ['in a page of a gateway', '<html><title>Conflict</title></html>', 'other'],
    ['in nothing at all', '', 'other'],
  ])('leaves it open whether a job was started: %s', async (_, body, conflict) => {
    airbyte.script = () => ({ status: 409, body });
    const error = await errorOf(client.connections.sync('c'));
    expect(error).toMatchObject({ type: 'AirbyteConflict', conflict, retryable: false, effect: 'unknown' });
  });

  it('is, for an actor that is not ready, retryable', async () => {
    const body = problem('actor-not-ready', 'The source or destination is not ready. Complete connector setup first.');
    airbyte.script = () => ({ status: 409, body });
    const error = await errorOf(client.sources.discoverSchema('s'));
    const asked = { type: 'AirbyteUnavailable', conflict: 'not-ready', retryable: true, effect: 'none' };
    expect(error).toMatchObject(asked);
    expect(error.message).toContain('Complete connector setup first.');
    expect(error.message).toContain('complete the set-up of the connector');
  });

  type Calls = [string, (client: AirbyteClient) => Promise<unknown>][];
  const reads: Calls = [
    ['jobs/list', (client) => client.jobs.list({ jobTypes: ['sync'], connectionId: 'c' })],
    ['jobs/get_without_logs', (client) => client.jobs.getWithoutLogs(1)],
    ['workspaces/get', (client) => client.workspaces.get('w')],
    ['source_definitions/list_for_workspace', (client) => client.sourceDefinitions.list('w')],
    ['sources/list', (client) => client.sources.list('w')],
    ['connections/get', (client) => client.connections.get('c')],
    ['sources/check_connection', (client) => client.sources.checkConnection('s')],
    ['sources/discover_schema', (client) => client.sources.discoverSchema('s')],
  ];
  const publicReads: Calls = [
    ['GET jobs', (client) => client.jobs.list({ jobTypes: ['sync'], connectionId: 'c' })],
    ['GET jobs/1', (client) => client.jobs.getWithoutLogs(1)],
    ['GET workspaces/w', (client) => client.workspaces.get('w')],
    ['GET sources', (client) => client.sources.list('w')],
    ['GET connections/c', (client) => client.connections.get('c')],
    ['GET streams', (client) => client.sources.discoverSchema('s')],
  ];
  const writes: Calls = [
    [
      'destinations/create',
      (client) =>
        client.destinations.create({
          workspaceId: 'w',
          destinationDefinitionId: 'd',
          name: 'n',
          connectionConfiguration: {},
        }),
    ],
    [
      'destinations/update',
      (client) => client.destinations.update({ destinationId: 'd', name: 'n', connectionConfiguration: {} }),
    ],
    [
      'connections/create',
      (client) => client.connections.create({ sourceId: 's', destinationId: 'd', status: 'active' }),
    ],
    ['connections/update', (client) => client.connections.update({ connectionId: 'c' })],
    ['connections/sync', (client) => client.connections.sync('c')],
    ['connections/refresh', (client) => client.connections.refresh('c')],
    ['jobs/cancel', (client) => client.jobs.cancel(1)],
  ];
  const databases = [
    DATABASE,
    { message: 'Database unavailable' },
    { message: 'Unable to acquire JDBC Connection' },
    { message: 'ERROR: deadlock detected' },
  ];

  it.each(writes)('is, when its database fails, retryable after a check of the effect: %s', async (call, make) => {
    for (const body of databases) {
      airbyte.script = () => ({ status: 409, body });
      const error = await errorOf(make(client));
      const asked = { call, type: 'AirbyteUnavailable', conflict: 'database', retryable: true, effect: 'unknown' };
      expect(error).toMatchObject(asked);
      expect(error.message).toContain(body.message);
    }
  });

  const trouble = [
    ...databases,
    problem('state-conflict', 'State conflict', 'Could not fulfill request'),
    problem('try-again-later', 'Please try again later.'),
    { errorId: 'e' },
    '<html><title>Conflict</title></html>',
  ];
  const allReads = [
    ...reads.map(([call, make]) => [call, 'v1', make] as const),
    ...publicReads.map(([call, make]) => [call, 'public/v1', make] as const),
  ];
  it.each(allReads)('is never, for a call that only reads, a conflict that lasts: %s', async (call, path, make) => {
    const reader = new AirbyteClient({ url: `${airbyte.origin}/api/${path}` });
    for (const body of trouble) {
      airbyte.script = () => ({ status: 409, body });
      const error = await errorOf(make(reader));
      expect(error).toMatchObject({ call, type: 'AirbyteUnavailable', retryable: true, effect: 'none' });
    }
    await reader.close();
  });
});
