import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { failureOf, useBench } from '../unit/activities/activity-bench';
import { Reply } from '../unit/activities/scripted-airbyte';

const bench = useBench();
const SELECTED = [
  { name: 'orders', syncMode: 'full_refresh' as const, destinationSyncMode: 'append' as const },
  { name: 'returns', syncMode: 'full_refresh' as const, destinationSyncMode: 'append' as const },
];
const catalog = { streams: SELECTED.map(({ name }) => ({ stream: { name, supportedSyncModes: ['full_refresh'] } })) };

/** A source whose discovery takes a while, and a gateway before its Airbyte that may give up earlier. */
class SlowSource {
  discoveries = 0;
  most = 0;
  #underWay = 0;
  #found = false;

  /** @param takesMs how long a discovery takes; the gateway responds with 504 after a time */
  constructor(takesMs: number, gatewayMs: number) {
    bench().airbyte.on({
      'sources/discover_schema': ({ disable_cache: isFresh }) => {
        if (this.#found && isFresh !== true) return { catalog };
        const discovered = this.#discover(takesMs).then(() => ({ catalog }));
        return Promise.race([discovered, setTimeout(gatewayMs, new Reply(504, '<title>504</title>'))]);
      },
    });
  }

  async #discover(takesMs: number): Promise<void> {
    this.discoveries += 1;
    this.#underWay += 1;
    this.most = Math.max(this.most, this.#underWay);
    await setTimeout(takesMs);
    this.#underWay -= 1;
    this.#found = true;
  }
}

describe('a discovery that outlasts the timeout of the gateway before Airbyte', () => {
  it('is waited for, and its result is used', async () => {
    const source = new SlowSource(250, 100);
    const found = await bench().run('discoverSchema', { sourceId: 's', streams: SELECTED });
    expect(found).toMatchObject([{ name: 'orders' }, { name: 'returns' }]);
    expect(source).toMatchObject({ discoveries: 1, most: 1 });
    expect(bench().airbyte.bodies('sources/discover_schema')).toEqual([
      { sourceId: 's', disable_cache: true },
      { sourceId: 's' },
    ]);
  });

  it('is not begun again after its timeout, and the failure says what to do', async () => {
    const source = new SlowSource(2_000, 200);
    const environment = bench().environment({ scheduledTimestampMs: Date.now(), scheduleToCloseTimeoutMs: 600 });
    const failure = await failureOf(bench().run('discoverSchema', { sourceId: 's', streams: SELECTED }, environment));
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: true });
    expect(failure.message).toMatch(/It may still be in progress: try again when it has ended, and give the gateway/);
    expect(source.discoveries).toBe(1);
  });
});

describe('a source that several pipelines share', () => {
  const plan = (name: string) =>
    bench().run('discoverSchema', { sourceId: 's', streams: SELECTED.filter((stream) => stream.name === name) });

  it('is discovered once for all concurrent callers', async () => {
    const source = new SlowSource(100, 10_000);
    const found = await Promise.all(['orders', 'returns', 'orders', 'returns', 'orders', 'returns'].map(plan));
    expect(found[1]).toMatchObject([{ name: 'returns' }]);
    expect(source).toMatchObject({ discoveries: 1, most: 1 });
    await plan('orders');
    expect(source.discoveries).toBe(2);
  });

  it('is discovered to the end for the others where one of them gives up', async () => {
    const source = new SlowSource(100, 10_000);
    const environment = bench().environment();
    const cancelled = bench().run('discoverSchema', { sourceId: 's', streams: SELECTED }, environment);
    const other = plan('orders');
    environment.cancel();
    await expect(cancelled).rejects.toThrow();
    expect(await other).toMatchObject([{ name: 'orders' }]);
    expect(source.discoveries).toBe(1);
  });
});
