import { describe, expect, it } from '@jest/globals';
import { failureOf, SECRET, useBench } from './activity-bench';
import { missingCall, Reply } from './scripted-airbyte';

const bench = useBench();

describe.each([
  { kind: 'source', call: 'sources/check_connection', check: () => bench().run('checkSource', { sourceId: 'x' }) },
  {
    kind: 'destination',
    call: 'destinations/check_connection',
    check: () => bench().run('checkDestination', { destinationId: 'x' }),
  },
])('the check of a $kind', ({ kind, call, check }) => {
  it('passes when the connector says so', async () => {
    bench().airbyte.on({ [call]: () => ({ status: 'succeeded', message: 'Connection test succeeded' }) });
    await expect(check()).resolves.toBeUndefined();
    expect(bench().airbyte.bodies(call)).toEqual([{ [`${kind}Id`]: 'x' }]);
  });

  it("fails with a non-retryable error in the connector's own words", async () => {
    bench().airbyte.on({
      [call]: () => ({ status: 'failed', message: 'password authentication failed for user "airbyte"' }),
    });
    const failure = await failureOf(check());
    expect(failure).toMatchObject({ type: 'AirbyteCheckFailed', nonRetryable: true });
    expect(failure.message).toContain('password authentication failed for user "airbyte"');
  });

  it('fails with a non-retryable error when it broke over the configuration', async () => {
    const failureReason = { failureType: 'config_error', externalMessage: 'host is required' };
    bench().airbyte.on({ [call]: () => ({ jobInfo: { succeeded: false, failureReason } }) });
    const failure = await failureOf(check());
    expect(failure).toMatchObject({ type: 'AirbyteCheckFailed', nonRetryable: true });
    expect(failure.message).toContain('host is required');
  });

  it('says so when there is no reason', async () => {
    bench().airbyte.on({ [call]: () => ({ status: 'failed' }) });
    expect((await failureOf(check())).message).toContain('no reason given');
  });
});

describe.each([
  { kind: 'source', activity: 'checkSourceConfiguration' },
  { kind: 'destination', activity: 'checkDestinationConfiguration' },
] as const)('the check of the configuration that a $kind is to get', ({ kind, activity }) => {
  const [forUpdate, forCreate] = [`${kind}s/check_connection_for_update`, `scheduler/${kind}s/check_connection`];
  const desired = {
    ...{ pipeline: 'p', workspaceId: 'w', name: 'shop', definitionId: 'postgres' },
    configuration: { host: 'db', password: '${env:SECRET_DB}' },
  };
  const check = (id: string | null) => bench().run(activity, { ...desired, id });
  const connectionConfiguration = { host: 'db', password: SECRET };

  it('is that of an update where it exists, with its secrets, and saves nothing', async () => {
    bench().airbyte.on({ [forUpdate]: () => ({ status: 'succeeded' }) });
    expect(await check('x')).toBe(true);
    expect(bench().airbyte.requests).toEqual([
      { call: forUpdate, body: { [`${kind}Id`]: 'x', name: 'shop', connectionConfiguration } },
    ]);
  });

  it('is that of a creation where it does not exist', async () => {
    bench().airbyte.on({ [forCreate]: () => ({ status: 'succeeded' }) });
    expect(await check(null)).toBe(true);
    expect(bench().airbyte.requests).toEqual([
      { call: forCreate, body: { workspaceId: 'w', [`${kind}DefinitionId`]: 'postgres', connectionConfiguration } },
    ]);
  });

  it("fails in the connector's own words, without the secret", async () => {
    bench().airbyte.on({ [forUpdate]: () => ({ status: 'failed', message: `no such user: ${SECRET}` }) });
    const failure = await failureOf(check('x'));
    expect(failure).toMatchObject({ type: 'AirbyteCheckFailed', nonRetryable: true });
    expect(failure.message).toMatch(/configuration that the document has .* failed its connection check: no such user/);
    expect(failure.message).not.toContain(SECRET);
  });

  it.each([
    ['does not have', missingCall],
    ['forbids', () => new Reply(403, { message: 'Forbidden' })],
  ])('is not made on an Airbyte that %s the call', async (_what, respond) => {
    bench().airbyte.on({ [forUpdate]: respond, [forCreate]: respond });
    expect([await check('x'), await check(null)]).toEqual([false, false]);
  });
});
