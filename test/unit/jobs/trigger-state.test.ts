import { describe, expect, it } from '@jest/globals';
import { readClocks } from '../../../src/jobs/clock-reading';
import { TriggerState } from '../../../src/jobs/trigger-state';

describe('the first attempt of a trigger', () => {
  it('knows that nothing was started, and reports it', () => {
    const state = new TriggerState(1, {});
    expect(state).toMatchObject({ mayHaveStarted: false, mayStillAppear: false });
    expect(state.toHeartbeat()).toEqual({ nothingStartedBy: 1 });
  });

  it('reports nothing that the next attempt could rely on once its request is sent', () => {
    const state = new TriggerState(1, {});
    state.recordSent(readClocks());
    expect(state).toMatchObject({ mayHaveStarted: true, mayStillAppear: true });
    expect(state.toHeartbeat()).toBeUndefined();
  });

  it('knows again that nothing was started when its request had no effect', () => {
    const state = new TriggerState(1, {});
    state.recordSent(readClocks());
    state.recordNoEffect();
    expect(state.toHeartbeat()).toEqual({ nothingStartedBy: 1 });
  });

  it('reports that its job would have appeared after it has waited for it', () => {
    const state = new TriggerState(1, {});
    state.recordSent(readClocks());
    state.recordWaitedOut();
    expect(state).toMatchObject({ mayHaveStarted: true, mayStillAppear: false });
    expect(state.toHeartbeat()).toEqual({ waitedOutBy: 1 });
  });
});

describe('a later attempt', () => {
  it.each([
    ['nothing when the attempt before it reported that', { nothingStartedBy: 2 }, false, false],
    ['a job that would have appeared when that one has waited for it', { waitedOutBy: 2 }, true, false],
    ['a job that may still appear when that one died without a report', {}, true, true],
    [
      'a job that may still appear when only an earlier one reported that there is none',
      { nothingStartedBy: 1 },
      true,
      true,
    ],
    ['a job that may still appear when only an earlier one has waited for it', { waitedOutBy: 1 }, true, true],
  ])('expects %s', (_, earlier, mayHaveStarted, mayStillAppear) => {
    expect(new TriggerState(3, earlier)).toMatchObject({ mayHaveStarted, mayStillAppear });
  });

  it('keeps the uncertainty of an earlier attempt when its own request had no effect', () => {
    const state = new TriggerState(2, {});
    state.recordSent(readClocks());
    state.recordNoEffect();
    expect(state.mayStillAppear).toBe(true);
  });

  it('keeps its uncertainty when it has sent no request that could have no effect', () => {
    const state = new TriggerState(2, {});
    state.recordNoEffect();
    expect(state.mayHaveStarted).toBe(true);
  });

  it('reports no wait for a job where nothing was started', () => {
    const state = new TriggerState(2, { nothingStartedBy: 1 });
    state.recordWaitedOut();
    expect(state.toHeartbeat()).toEqual({ nothingStartedBy: 2 });
  });
});

describe('the newest job that is not ours', () => {
  it.each([
    ['the recorded one', {}, 100, 100],
    ['the one of an earlier attempt, when that is newer', { lastJobId: 102 }, 100, 102],
    ['the recorded one, when that is newer', { lastJobId: 90 }, 100, 100],
    ['none on a connection without jobs', {}, null, null],
  ])('is %s', (_, earlier, recorded, expected) => {
    expect(new TriggerState(2, earlier).lastJobId(recorded)).toBe(expected);
  });

  it('is passed on to the next attempt', () => {
    const state = new TriggerState(1, {});
    state.ignoreJob(101);
    expect(state.lastJobId(100)).toBe(101);
    expect(state.toHeartbeat()).toEqual({ nothingStartedBy: 1, lastJobId: 101 });
    expect(state.withLastJobId({})).toEqual({ lastJobId: 101 });
  });
});
