import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NoSlotError } from '../../../src/jobs/errors';
import { type SlotOptions, SyncSlots } from '../../../src/jobs/sync-slots';

let slots: SyncSlots;

beforeEach(() => {
  jest.useFakeTimers();
  slots = new SyncSlots(2);
});

const pass = (ms = 0) => jest.advanceTimersByTimeAsync(ms);

/** Work that continues until the test ends it, and shows whether it has begun. */
function work<T>(begin: (run: () => Promise<T>) => Promise<T>) {
  const state: { begun: boolean; error?: unknown; end(value: T): Promise<void> } = {
    begun: false,
    end: async () => expect(state.begun).toBe(true),
  };
  begin(() => {
    state.begun = true;
    return new Promise<T>((resolve) => {
      state.end = async (value) => {
        resolve(value);
        await pass();
      };
    });
  }).catch((error: unknown) => Object.assign(state, { error }));
  return state;
}

const start = (options?: SlotOptions) =>
  work<{ started: boolean; job: { jobId: number } }>((run) => slots.whileStarting(run, options));
const wait = (jobId: number) => work<string>((run) => slots.whileWaiting(jobId, run));

describe('a worker with two slots', () => {
  it('starts two jobs, and the third when one of them has ended', async () => {
    const [first, second, third] = [start(), start(), start()];
    await pass();
    expect([first.begun, second.begun, third.begun]).toEqual([true, true, false]);
    await first.end({ started: true, job: { jobId: 1 } });
    const waiting = wait(1);
    await pass();
    expect(third.begun).toBe(false);
    await waiting.end('ended');
    expect(third.begun).toBe(true);
  });

  it('serves the longest wait first', async () => {
    const [first] = [start(), start()];
    const [third, fourth] = [start(), start()];
    await pass();
    await first.end({ started: false, job: { jobId: 9 } });
    expect([third.begun, fourth.begun]).toEqual([true, false]);
  });

  it('waits for a running job also without a free slot, and starts none until there are fewer than two again', async () => {
    const [first, second] = [start(), start()];
    const waiting = [wait(8), wait(9)];
    const third = start();
    await pass();
    expect(waiting.map(({ begun }) => begun)).toEqual([true, true]);
    await first.end({ started: false, job: { jobId: 9 } });
    await second.end({ started: false, job: { jobId: 8 } });
    expect(third.begun).toBe(false);
    await waiting[0]?.end('ended');
    expect(third.begun).toBe(true);
  });

  it('releases the slot of a start that started nothing', async () => {
    const [first] = [start(), start()];
    const third = start();
    await pass();
    await first.end({ started: false, job: { jobId: 9 } });
    expect(third.begun).toBe(true);
  });

  it('releases the slot of a start that failed', async () => {
    start();
    await expect(slots.whileStarting(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    const third = start();
    await pass();
    expect(third.begun).toBe(true);
  });

  it('releases the slot of a job that another worker waits for', async () => {
    const [first] = [start(), start()];
    const third = start();
    await pass();
    await first.end({ started: true, job: { jobId: 1 } });
    expect(third.begun).toBe(false);
    await pass(30_000);
    expect(third.begun).toBe(true);
  });

  it('releases the slot of a job within seconds once another worker is known to wait for it', async () => {
    let isElsewhere = false;
    const [first] = [start({ isWaitedForElsewhere: async () => isElsewhere }), start()];
    const third = start();
    await pass();
    await first.end({ started: true, job: { jobId: 1 } });
    await pass(1_000);
    expect(third.begun).toBe(false);
    isElsewhere = true;
    await pass(2_000);
    expect(third.begun).toBe(true);
  });

  it('holds the slot of a job as long as there is a wait for it, and acquires no second one', async () => {
    const [one, other] = [wait(1), wait(1)];
    const second = wait(2);
    await pass();
    expect([one.begun, other.begun, second.begun]).toEqual([true, true, true]);
    const third = start();
    await one.end('ended');
    expect(third.begun).toBe(false);
    await other.end('ended');
    expect(third.begun).toBe(true);
  });

  it('calls back the syncs that have to wait', async () => {
    const queued: string[] = [];
    for (const name of ['first', 'second', 'third']) start({ onQueued: () => queued.push(name) });
    await pass();
    expect(queued).toEqual(['third']);
  });

  it('ends the wait of an aborted start', async () => {
    const giveUp = new AbortController();
    const [first] = [start(), start()];
    const third = start({ signal: giveUp.signal });
    const fourth = start();
    await pass();
    giveUp.abort(new Error('cancelled'));
    await pass();
    expect(third).toMatchObject({ begun: false, error: new Error('cancelled') });
    await first.end({ started: false, job: { jobId: 9 } });
    expect(fourth.begun).toBe(true);
  });

  it('rejects further syncs when a hundred wait', async () => {
    for (let count = 0; count < 102; count += 1) start();
    const tooMany = start();
    await pass();
    expect(tooMany.error).toBeInstanceOf(NoSlotError);
    expect(String(tooMany.error)).toContain('AIRBYTE_MAX_CONCURRENT_SYNCS');
  });
});
