import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { lockCreation } from '../../activities/creation-lock';
import { LeaseOverError } from '../../src/jobs/errors';

const NAME = { kind: 'source', workspaceId: 'w', name: 'shop' } as const;

/** A Temporal that has one lock at most. */
class LockTemporal {
  /** Whose lock is running. */
  owner: unknown;
  startTime = new Date();
  /** Whether a worker ends the workflow of a lock that is released. */
  hasWorker = true;
  mayTell = true;
  terminated = 0;
  #onEnd: () => void = () => undefined;
  #ended = new Promise<void>(() => undefined);
  renewal: () => Promise<void> = async () => undefined;

  end(): void {
    this.owner = undefined;
    this.#onEnd();
  }

  get client(): Client {
    const getHandle = () => ({
      signal: async () => void (this.hasWorker && this.end()),
      terminate: async () => {
        this.terminated += 1;
        this.end();
      },
      describe: async () => ({
        ...{ status: { name: this.owner === undefined ? 'COMPLETED' : 'RUNNING' }, memo: { owner: this.owner } },
        ...{ runId: 'run', startTime: this.startTime },
      }),
      result: async () => {
        if (!this.mayTell) throw new Error('7 PERMISSION_DENIED');
        return this.owner === undefined ? undefined : this.#ended;
      },
    });
    const start = async (type: string, { workflowId, memo }: { workflowId: string; memo: { owner: unknown } }) => {
      if (this.owner !== undefined) throw new WorkflowExecutionAlreadyStartedError('taken', workflowId, type);
      this.owner = memo.owner;
      this.startTime = new Date();
      this.#ended = new Promise((resolve) => {
        this.#onEnd = resolve;
      });
      return { firstExecutionRunId: 'run' };
    };
    const withAbortSignal = (signal: AbortSignal, run: () => Promise<unknown>) =>
      Promise.race([run(), new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))]);
    const activity = { heartbeat: () => this.renewal() };
    return { workflow: { start, getHandle }, activity, withAbortSignal } as unknown as Client;
  }
}

let temporal: LockTemporal;
beforeEach(() => {
  temporal = new LockTemporal();
});

function within<T>(activityId: string, run: () => Promise<T>, info: object = {}): Promise<T> {
  const environment = new MockActivityEnvironment(
    { ...{ activityId, taskQueue: 'airbyte', currentAttemptScheduledTimestampMs: Date.now() }, ...info },
    { client: temporal.client },
  );
  return environment.run(run) as Promise<T>;
}

async function locked(find: () => Promise<string | undefined> = async () => undefined) {
  const taken = await lockCreation(NAME, find);
  if (!('lock' in taken)) throw new Error('somebody else has created it');
  return taken.lock;
}

describe('the lock of a creation', () => {
  it('is over as soon as it is released', async () => {
    await within('a', async () => (await locked()).release());
    expect(temporal).toMatchObject({ owner: undefined, terminated: 0 });
  });

  it('does not stay where no worker ends its workflow: it is terminated', async () => {
    temporal.hasWorker = false;
    await within('a', async () => (await locked()).release());
    expect(temporal).toMatchObject({ owner: undefined, terminated: 1 });
  });

  it('makes another caller wait until it is released, and find what was created', async () => {
    const lock = await within('a', locked);
    const waiting = within('b', () => lockCreation(NAME, async () => 'created'));
    await within('a', () => lock.release());
    expect(await waiting).toEqual({ found: 'created' });
  });

  it('makes a caller that may not follow it poll from time to time, and not all the time', async () => {
    temporal.mayTell = false;
    await within('a', locked);
    let looks = 0;
    const waiting = within('b', () => lockCreation(NAME, async () => (++looks === 1 ? 'created' : undefined)));
    await setTimeout(500);
    expect(looks).toBe(0);
    expect(await waiting).toEqual({ found: 'created' });
  }, 20_000);

  it('counts from when an earlier attempt has taken it', async () => {
    await within('a', locked);
    temporal.startTime = new Date(Date.now() - 5 * 60_000);
    const checked = within('a', async () => (await locked()).check());
    await expect(checked).rejects.toMatchObject({ type: 'AirbyteUnavailable', retryable: true });
  });

  it('is not used by an attempt that was frozen while Temporal has started another one', async () => {
    temporal.renewal = async () => {
      throw new Error('activity not found');
    };
    const frozen = { heartbeatTimeoutMs: 15_000, currentAttemptScheduledTimestampMs: Date.now() - 60_000 };
    const checked = within('a', async () => (await locked()).check(), frozen);
    await expect(checked).rejects.toBeInstanceOf(LeaseOverError);
  });
});
