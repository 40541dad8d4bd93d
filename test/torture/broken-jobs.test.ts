import { afterEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMINGS } from '../../src/airbyte/airbyte-timings';
import { ActivityBench, failureOf } from '../unit/activities/activity-bench';
import { Reply } from '../unit/activities/scripted-airbyte';

const SELECTED = [{ name: 'orders', syncMode: 'full_refresh' as const, destinationSyncMode: 'append' as const }];
/** As patient as a worker in production, but for the pauses between two jobs. */
const PATIENT = { ...DEFAULT_TIMINGS, jobRetryDelaysMs: [0, 0] };

let bench: ActivityBench;
afterEach(() => bench.stop());

async function withResponse(call: string, ...responses: unknown[]) {
  bench = await ActivityBench.start(undefined, undefined, PATIENT);
  const all = [...responses];
  bench.airbyte.on({ [call]: () => (all.length > 1 ? all.shift() : all[0]) });
}

function broken(failureReason?: Record<string, unknown>) {
  return { status: undefined, jobInfo: { succeeded: false, failureReason } };
}
const byConnector = { failureOrigin: 'source', failureType: 'system_error', externalMessage: 'relation is locked' };
const ownError = new Reply(500, { message: 'Internal Server Error: boom', exceptionClassName: 'java.lang.Error' });

describe('a discovery that breaks', () => {
  const call = 'sources/discover_schema';
  const discover = () => bench.untilDone('discoverSchema', { sourceId: 's', streams: SELECTED });

  it.each([
    ['on a wrong configuration', broken({ ...byConnector, failureType: 'config_error' }), 1, 'AirbyteInvalidRequest'],
    ["with the connector's own reason", broken(byConnector), 3, 'AirbyteInvalidRequest'],
    [
      'with a reason of Airbyte',
      broken({ ...byConnector, failureOrigin: 'airbyte_platform' }),
      3,
      'AirbyteUnavailable',
    ],
    ['without a reason', broken(), 3, 'AirbyteUnavailable'],
    ["with an error of Airbyte's own", ownError, 3, 'AirbyteUnavailable'],
  ])(
    '%s fails with a non-retryable error after a few tries, with what Airbyte says',
    async (_, response, tries, type) => {
      await withResponse(call, response);
      const failure = await failureOf(discover());
      expect(failure).toMatchObject({ type, nonRetryable: true });
      expect(failure.message).toMatch(/relation is locked|Airbyte gave no reason|boom/);
      expect(bench.airbyte.bodies(call)).toHaveLength(tries);
    },
  );

  it('once is run again', async () => {
    const catalog = { streams: [{ stream: { name: 'orders', supportedSyncModes: ['full_refresh'] } }] };
    await withResponse(call, broken(), { catalog });
    expect(await discover()).toMatchObject([{ name: 'orders' }]);
  });
});

describe.each(['source', 'destination'] as const)('a check of a %s that breaks', (kind) => {
  const call = `${kind}s/check_connection`;
  const check = () =>
    kind === 'source'
      ? bench.untilDone('checkSource', { sourceId: 'x' })
      : bench.untilDone('checkDestination', { destinationId: 'x' });

  it.each([
    ['without a reason', broken(), 'no reason given'],
    ['with a reason', broken(byConnector), 'relation is locked'],
    ["with an error of Airbyte's own", ownError, 'boom'],
  ])('%s fails with a non-retryable error after three tries', async (_, response, reason) => {
    await withResponse(call, response);
    const failure = await failureOf(check());
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: true });
    expect(failure.message).toContain(reason);
    expect(bench.airbyte.bodies(call)).toHaveLength(3);
  });

  it('once is run again', async () => {
    await withResponse(call, broken(), { status: 'succeeded' });
    await check();
    expect(bench.airbyte.bodies(call)).toHaveLength(2);
  });
});
