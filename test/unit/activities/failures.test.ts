import { describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import { failureOf, useBench } from './activity-bench';
import { DROPPED, missingCall, notFound, Reply } from './scripted-airbyte';

const bench = useBench();

/** What an activity fails with when Airbyte gives its call this response. */
async function failureAt(reply: unknown) {
  bench().airbyte.on({ 'connections/get': () => reply });
  return failureOf(bench().run('getConnection', { connectionId: 'c' }));
}

describe('the failure of an activity', () => {
  it.each([
    ['AirbyteUnauthorized', 401],
    ['AirbyteUnauthorized', 403],
    ['AirbyteInvalidRequest', 400],
    ['AirbyteInvalidRequest', 422],
  ])('has the type %s after a %i, and is non-retryable', async (type, status) => {
    const failure = await failureAt(new Reply(status, { message: 'Said by Airbyte' }));
    expect(failure).toMatchObject({ type, nonRetryable: true });
    expect(failure.message).toContain('connections/get');
    expect(failure.message).toContain('Said by Airbyte');
  });

  it('distinguishes a missing object from a wrong path', async () => {
    expect(await failureAt(notFound())).toMatchObject({ type: 'AirbyteNotFound', nonRetryable: true });
    expect(await failureAt(missingCall())).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
  });

  it.each([409, 500, 502, 503, 504, 408, 429])('lets Temporal retry after a %i', async (status) => {
    expect(await failureAt(new Reply(status))).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
  });

  it('lets Temporal retry after a connection that broke', async () => {
    expect(await failureAt(DROPPED)).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
  });

  it('delays the retry as long as Airbyte asks for', async () => {
    expect(await failureAt(new Reply(429, {}, { 'retry-after': '7' }))).toMatchObject({ nextRetryDelay: 7_000 });
    const date = new Date(Date.now() + 60_000).toUTCString();
    const { nextRetryDelay } = await failureAt(new Reply(503, {}, { 'retry-after': date }));
    expect(Number(nextRetryDelay)).toBeGreaterThan(30_000);
  });

  it('delays it no longer than a minute: beyond the time of a sync, Temporal would not try again at all', async () => {
    expect(await failureAt(new Reply(503, {}, { 'retry-after': '800' }))).toMatchObject({ nextRetryDelay: 60_000 });
  });

  it.each(['0', 'Wed, 21 Oct 2015 07:28:00 GMT'])(
    'leaves the delay to the retry policy when Retry-After is over: %s',
    async (header) => {
      expect((await failureAt(new Reply(503, {}, { 'retry-after': header }))).nextRetryDelay).toBeUndefined();
    },
  );

  it('says immediately that a web page is no Airbyte, and is non-retryable', async () => {
    const failure = await failureAt(new Reply(200, '<!doctype html><title>Airbyte</title>'));
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: true });
    expect(failure.message).toContain('not an Airbyte API');
  });

  it('has no cause: the response of Airbyte is in its message only', async () => {
    expect((await failureAt(new Reply(500, { message: 'boom', exceptionStack: ['at x'] }))).cause).toBeUndefined();
  });

  it('is of a length that Temporal takes, however much a connector has to say', async () => {
    bench().airbyte.on({ 'sources/check_connection': () => ({ status: 'failed', message: 'no '.repeat(2_000_000) }) });
    const failure = await failureOf(bench().run('checkSource', { sourceId: 's' }));
    expect(failure.type).toBe('AirbyteCheckFailed');
    expect(failure.message).toMatch(/: (no )+…$/);
    expect(failure.message.length).toBeLessThan(20_000);
  });

  it('leaves a cancellation a cancellation', async () => {
    const environment = bench().environment();
    bench().airbyte.on({
      'sources/check_connection': () => {
        environment.cancel();
        return new Promise(() => undefined);
      },
    });
    const check = bench().run('checkSource', { sourceId: 's' }, environment);
    await expect(check).rejects.toBeInstanceOf(CancelledFailure);
  });
});

describe('an activity that takes its time', () => {
  it('shows Temporal that its worker is alive', async () => {
    const environment = bench().environment({ heartbeatTimeoutMs: 3 });
    const beats = new Promise((resolve) => {
      let count = 0;
      environment.on('heartbeat', () => ++count === 3 && resolve(count));
    });
    bench().airbyte.on({
      'workspaces/list': async () => {
        await beats;
        return { workspaces: [] };
      },
    });
    expect(await bench().run('listWorkspaces', undefined, environment)).toEqual([]);
  });

  it('repeats what the attempt before it reported, until there is news', async () => {
    const heartbeatDetails = { jobId: 7, status: 'running' };
    const environment = bench().environment({ attempt: 2, heartbeatTimeoutMs: 3, heartbeatDetails });
    const beat = new Promise((resolve) => environment.once('heartbeat', resolve));
    bench().airbyte.on({
      'workspaces/list': async () => {
        await beat;
        return { workspaces: [] };
      },
    });
    await bench().run('listWorkspaces', undefined, environment);
    expect(await beat).toEqual(heartbeatDetails);
  });
});
