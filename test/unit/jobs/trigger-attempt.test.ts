import { afterEach, describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import type { CallOptions } from '../../../src/airbyte/calls';
import { AirbyteError } from '../../../src/airbyte/errors';
import { LeaseOverError } from '../../../src/jobs/errors';
import { TriggerAttempt } from '../../../src/jobs/trigger-attempt';
import type { TriggerPorts } from '../../../src/jobs/trigger-ports';
import type { TriggerHeartbeat } from '../../../src/jobs/trigger-state';

const HOUR_MS = 60 * 60_000;
const NOTHING_STARTED = { nothingStarted: true };

const started: TriggerAttempt[] = [];
afterEach(() => {
  for (const attempt of started.splice(0)) attempt.end();
});

/** An attempt in an activity of which the test makes each part. */
function attemptWith(ports: Partial<TriggerPorts> = {}) {
  const heartbeats: TriggerHeartbeat[] = [];
  const renewed: unknown[] = [];
  const attempt = new TriggerAttempt(
    { connectionId: 'connection-1', jobType: 'sync', lastJobId: 100 },
    {
      ...{ attempt: 1, earlier: {}, scheduledAtMs: Date.now(), attemptScheduledAtMs: Date.now(), timeLeftMs: HOUR_MS },
      ...{ cancellation: new AbortController().signal, shutdown: new AbortController().signal },
      lease: {
        isInDoubt: false,
        assertValid: () => undefined,
        renew: async (details) => {
          renewed.push(details);
        },
      },
      logger: { info: () => undefined, warn: () => undefined },
      report: (heartbeat) => heartbeats.push(heartbeat),
      isJobOfOtherWorkflow: async () => false,
      ...ports,
    },
  );
  started.push(attempt);
  return { attempt, heartbeats, renewed };
}

/** The client's calls around a request that gets this result. */
const request =
  <T>(result: () => T) =>
  async (options: CallOptions): Promise<T> => {
    await options.beforeSent?.();
    options.onSending?.();
    return result();
  };

const lost = () =>
  new AirbyteError({
    ...{ type: 'AirbyteUnavailable', call: 'connections/sync' },
    message: 'lost',
    retryable: true,
    effect: 'unknown',
  });

const noPoll = async () => {
  throw new Error('the jobs were polled');
};

describe('a request of a trigger', () => {
  it('is sent without a poll right after the newest job was recorded', async () => {
    const { attempt } = attemptWith();
    await expect(
      attempt.send(
        request(() => 'job'),
        noPoll,
      ),
    ).resolves.toBe('job');
  });

  it.each([
    ['in a later attempt', { attempt: 2, earlier: { nothingStartedBy: 1 } }],
    ['when the activity has waited long for a worker', { scheduledAtMs: Date.now() - 60_000 }],
  ])('follows a poll %s', async (_, ports) => {
    const { attempt } = attemptWith(ports);
    let polls = 0;
    await attempt.send(
      request(() => undefined),
      async () => {
        polls += 1;
      },
    );
    expect(polls).toBe(1);
  });

  it('is not sent when the poll before it fails', async () => {
    const { attempt } = attemptWith();
    attempt.requirePoll();
    const error = await attempt
      .send(
        request(() => 'job'),
        noPoll,
      )
      .catch((reason: unknown) => reason);
    expect(attempt.wasNotSentBecauseOf(error)).toBe(true);
    expect(attempt.mayHaveStarted).toBe(false);
  });

  it('is not sent once Temporal may have started another attempt', async () => {
    const over = new LeaseOverError('held up');
    const lease = {
      isInDoubt: false,
      renew: async () => undefined,
      assertValid: () => {
        throw over;
      },
    };
    const { attempt } = attemptWith({ lease });
    await expect(
      attempt.send(
        request(() => 'job'),
        noPoll,
      ),
    ).rejects.toBe(over);
    expect(attempt.toError(over)).toMatchObject({
      type: 'AirbyteUnavailable',
      retryable: true,
      message: 'held up Nothing was started.',
      details: [NOTHING_STARTED],
    });
  });

  it('withdraws what an attempt has reported before it is sent, and has Temporal confirm that', async () => {
    const { attempt, heartbeats, renewed } = attemptWith({ attempt: 2, earlier: { nothingStartedBy: 1 } });
    attempt.toError(new Error('reports that nothing was started'));
    await attempt.send(
      request(() => 'job'),
      async () => undefined,
    );
    expect(heartbeats).toEqual([{ nothingStartedBy: 2 }, {}]);
    expect(renewed).toEqual([{}]);
  });

  it('leaves open whether there is a job when its response is lost', async () => {
    const { attempt } = attemptWith();
    await attempt
      .send(
        request(() => {
          throw lost();
        }),
        noPoll,
      )
      .catch(() => undefined);
    expect(attempt.mayStillAppear).toBe(true);
    expect(attempt.toError(lost())).toMatchObject({ details: [] });
  });
});

describe('a wait for a job that may have been started', () => {
  it('continues that of the attempts before', async () => {
    const ports = { attempt: 3, earlier: { waitsSince: Date.now() - 40_000 } };
    const { attempt } = attemptWith(ports);
    let leftMs = 0;
    await attempt.waitForPossibleJob(130_000, 0, async (left) => {
      leftMs = left;
      return undefined;
    });
    expect(Math.round(leftMs / 1_000)).toBe(90);
    expect(attempt.mayStillAppear).toBe(false);
  });

  it('leaves a job that may still appear to the next attempt when it is cut off', async () => {
    const { attempt, heartbeats } = attemptWith({ attempt: 2 });
    const cut = new Error('shutdown');
    await expect(attempt.waitForPossibleJob(130_000, 0, () => Promise.reject(cut))).rejects.toBe(cut);
    expect(attempt.mayStillAppear).toBe(true);
    expect(heartbeats).toEqual([{ waitsSince: expect.any(Number) }]);
  });
});

describe('the error of an attempt', () => {
  it('is the timeout of the sync when its time is over, and names what it waited for', () => {
    const { attempt } = attemptWith({ timeLeftMs: 0 });
    attempt.waitingFor = 'a slot';
    expect(attempt.toError(attempt.abortBeforeSend.reason)).toMatchObject({
      type: 'AirbyteSyncTimedOut',
      retryable: false,
      message: 'The sync timed out while it waited for a slot. Nothing was started.',
      details: [NOTHING_STARTED],
    });
  });

  it('is a cancellation when the activity was cancelled', () => {
    const cancellation = new AbortController();
    const { attempt } = attemptWith({ cancellation: cancellation.signal });
    cancellation.abort(new CancelledFailure('CANCELLED'));
    const error = attempt.toError(attempt.abortBeforeSend.reason);
    expect(error).toBeInstanceOf(CancelledFailure);
    expect(error).toMatchObject({ details: [NOTHING_STARTED] });
  });

  it('is the original error with the details of the trigger in all other cases', () => {
    const { attempt } = attemptWith();
    const error = lost();
    expect(attempt.toError(error)).toMatchObject({ error, details: [NOTHING_STARTED] });
  });
});
