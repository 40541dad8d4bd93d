import { beforeEach, describe, expect, it } from '@jest/globals';
import { AliveWorkers, readAnnouncements } from '../../../src/temporal/worker-presence';

/** A list is read this often here; each live worker has polled between two lists. */
const INTERVAL_MS = 3_000;
/** When each worker has last polled, by Temporal's clock, which differs from ours. */
const lastPolls = new Map<string, number>();

describe('the workers that are alive', () => {
  let alive: AliveWorkers;
  let now: number;

  beforeEach(() => {
    alive = new AliveWorkers();
    now = 50_000;
    lastPolls.clear();
  });

  /** Reads so many lists, in which these workers have polled since the one before, and the others not. */
  function read(lists: number, ...polling: string[]) {
    for (let list = 0; list < lists; list++) {
      now += INTERVAL_MS;
      for (const identity of polling) lastPolls.set(identity, now + 1_000_000);
      alive.update(
        [...lastPolls].map(([identity, lastSeenMs]) => ({ identity, lastSeenMs })),
        now,
      );
    }
  }

  it('are known once lists were read for long enough', () => {
    read(3, 'b', 'a');
    expect(alive.isComplete).toBe(false);
    read(1, 'b', 'a');
    expect(alive.isComplete).toBe(true);
    expect(alive.identities).toEqual(['a', 'b']);
  });

  it('do not include one that has missed three polls, though Temporal still lists it', () => {
    read(4, 'a', 'b');
    read(2, 'a');
    expect(alive.identities).toEqual(['a', 'b']);
    read(1, 'a');
    expect(alive.identities).toEqual(['a']);
  });

  it('include each of them after a time in which no list was read, until it has missed three polls again', () => {
    read(4, 'a', 'b');
    now += 60_000;
    read(1, 'a');
    expect(alive.identities).toEqual(['a', 'b']);
    expect(alive.isComplete).toBe(false);
    read(3, 'a', 'b');
    expect(alive.isComplete).toBe(true);
    expect(alive.identities).toEqual(['a', 'b']);
  });

  it('include those that Temporal has forgotten for a moment, as after its restart', () => {
    read(4, 'a', 'b');
    lastPolls.clear();
    read(1, 'a');
    read(1, 'a', 'b');
    expect(alive.identities).toEqual(['a', 'b']);
  });
});

describe('the announcements of workers', () => {
  it('say which of them reach their Airbyte: the newest of each counts', () => {
    const announced = (identity: string, lastSeenMs: number) => ({ identity, lastSeenMs });
    const [one, other] = ['1@host#111111111111 airbyte=http://a', '2@host#222222222222 airbyte=http://a name=b'];
    const announcements = [
      announced(one, 1_000),
      announced(`${one} airbyte-out-of-reach`, 2_000),
      announced(`${other} airbyte-out-of-reach`, 1_000),
      announced(other, 2_000),
    ];
    expect(readAnnouncements(announcements)).toEqual([
      { identity: one, lastSeenMs: 2_000, reachesAirbyte: false },
      { identity: other, lastSeenMs: 2_000, reachesAirbyte: true },
    ]);
  });
});
