import { describe, expect, it } from '@jest/globals';
import { AirbyteError } from '../../src/airbyte';
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
    ['in words that nobody knows', { errorId: 'e' }, 'other'],
    ['in a page of a gateway', '<html><title>Conflict</title></html>', 'other'],
    ['in nothing at all', '', 'other'],
  ])('leaves it open whether a job was started: %s', async (_, body, conflict) => {
    airbyte.script = () => ({ status: 409, body });
    const error = await errorOf(client.connections.sync('c'));
    expect(error).toMatchObject({ type: 'AirbyteConflict', conflict, retryable: false, effect: 'unknown' });
  });

  it('is, for an actor that is not ready, to ask again', async () => {
    const body = problem('actor-not-ready', 'The source or destination is not ready. Complete connector setup first.');
    airbyte.script = () => ({ status: 409, body });
    const error = await errorOf(client.sources.discoverSchema('s'));
    const asked = { type: 'AirbyteUnavailable', conflict: 'not-ready', retryable: true, effect: 'none' };
    expect(error).toMatchObject(asked);
    expect(error.message).toContain('Complete connector setup first.');
    expect(error.message).toContain('complete the set-up of the connector');
  });

  const calls: [string, () => Promise<unknown>][] = [
    ['jobs/list', () => client.jobs.list({ jobTypes: ['sync'], connectionId: 'c' })],
    ['jobs/get_without_logs', () => client.jobs.getWithoutLogs(1)],
    ['jobs/cancel', () => client.jobs.cancel(1)],
    ['workspaces/get', () => client.workspaces.get('w')],
    ['source_definitions/list_for_workspace', () => client.sourceDefinitions.list('w')],
    ['sources/list', () => client.sources.list('w')],
    ['sources/check_connection', () => client.sources.checkConnection('s')],
    ['sources/discover_schema', () => client.sources.discoverSchema('s')],
    [
      'destinations/create',
      () =>
        client.destinations.create({
          workspaceId: 'w',
          destinationDefinitionId: 'd',
          name: 'n',
          connectionConfiguration: {},
        }),
    ],
    [
      'destinations/update',
      () => client.destinations.update({ destinationId: 'd', name: 'n', connectionConfiguration: {} }),
    ],
    ['connections/create', () => client.connections.create({ sourceId: 's', destinationId: 'd', status: 'active' })],
    ['connections/update', () => client.connections.update({ connectionId: 'c' })],
    ['connections/sync', () => client.connections.sync('c')],
    ['connections/refresh', () => client.connections.refresh('c')],
  ];
  it.each(calls)('is, when its database fails, to ask again and to look first: %s', async (call, make) => {
    airbyte.script = () => ({ status: 409, body: DATABASE });
    const error = await errorOf(make());
    const asked = { call, type: 'AirbyteUnavailable', conflict: 'database', retryable: true, effect: 'unknown' };
    expect(error).toMatchObject(asked);
    expect(error.message).toContain('Failed to access database');
  });
});
