import { describe, expect, it } from '@jest/globals';
import { failureOf, useBench } from './activity-bench';

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
