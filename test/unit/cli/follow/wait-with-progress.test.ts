import { describe, expect, it, jest } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { InterruptChoice } from '../../../../cli/follow/interruption';
import { type FollowOptions, follow } from '../../../../cli/follow/wait-with-progress';
import { ProgressDisplay } from '../../../../cli/render/progress-display';
import type { InterruptSignal } from '../../../../cli/render/terminal';
import { recordedTerminal } from '../recorded-terminal';

/** A promise that the test settles. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** A workflow that ends when the test says so, and a user who presses Ctrl-C when the test says so. */
function scene(choice: InterruptChoice | Promise<InterruptChoice> = 'leave') {
  const result = deferred<string>();
  const interrupts: ((signal: InterruptSignal) => void)[] = [];
  const terminal = recordedTerminal();
  const cancelled = deferred<void>();
  const asked = deferred<void>();
  const options: FollowOptions<string> = {
    workflow: {
      workflowId: 'airbyte-sync:c1',
      result: () => result.promise,
      cancel: async () => cancelled.resolve(),
    },
    noun: 'sync',
    display: new ProgressDisplay(terminal),
    readSnapshot: async () => ({ steps: [], job: { jobId: 7, status: 'running' } }),
    readIntervalMs: 5,
    nextInterrupt: () => new Promise((resolve) => interrupts.push(resolve)),
    chooseOnInterrupt: async () => {
      asked.resolve();
      return choice;
    },
  };
  const interrupt = () => interrupts.shift()?.('SIGINT');
  return { options, result, terminal, interrupt, asked: asked.promise, cancelled: cancelled.promise };
}

const cancelledError = () =>
  new WorkflowFailedError('failed', new CancelledFailure('cancelled'), 'NON_RETRYABLE_FAILURE');

describe('following a workflow', () => {
  it('gives its result', async () => {
    const { options, result } = scene();
    const following = follow(options);
    result.resolve('done');
    await expect(following).resolves.toBe('done');
  });

  it('fails with what the workflow failed with', async () => {
    const { options, result } = scene();
    const following = follow(options);
    const error = ApplicationFailure.nonRetryable('reason', 'AirbyteSyncFailed');
    result.reject(error);
    await expect(following).rejects.toBe(error);
  });

  it('gives up a reading that hangs once the result is there', async () => {
    const { options, result } = scene();
    const timeout = new AbortController();
    const timeoutAfter = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(timeout.signal);
    const readSnapshot = (signal: AbortSignal) =>
      new Promise<undefined>((resolve) => {
        signal.addEventListener('abort', () => resolve(undefined));
        if (signal === timeout.signal) timeout.abort();
      });
    const following = follow({ ...options, readSnapshot });
    result.resolve('done');
    await expect(following).resolves.toBe('done');
    expect(timeoutAfter).toHaveBeenCalledTimes(1);
  });

  it('gives each poll a signal of its own', async () => {
    const { options, result } = scene();
    const signals: AbortSignal[] = [];
    const following = follow({
      ...options,
      readSnapshot: async (signal) => {
        if (signals.push(signal) === 3) result.resolve('done');
        return undefined;
      },
    });
    await following;
    expect(new Set(signals.slice(0, 3)).size).toBe(3);
  });
});

describe('an interrupt', () => {
  it('leaves the workflow running, and says how to come back', async () => {
    const { options, interrupt } = scene('leave');
    const following = follow(options);
    interrupt();
    await expect(following).rejects.toMatchObject({
      exitCode: 130,
      message: expect.stringMatching(/continues in Temporal \(workflow airbyte-sync:c1\).*same command again/),
    });
  });

  it('cancels the workflow and waits until it has ended', async () => {
    const { options, interrupt, cancelled, result, terminal } = scene('cancel');
    const following = follow(options);
    interrupt();
    await cancelled;
    result.reject(cancelledError());
    await expect(following).rejects.toMatchObject({ exitCode: 130, message: 'the sync was cancelled.' });
    expect(terminal.stderr.text).toContain('waiting until its job has ended');
  });

  it('gives the result of a workflow that was done before the cancellation reached it', async () => {
    const { options, interrupt, cancelled, result } = scene('cancel');
    const following = follow(options);
    interrupt();
    await cancelled;
    result.resolve('done');
    await expect(following).resolves.toBe('done');
  });

  it('reports a failure that is not the cancellation', async () => {
    const { options, interrupt, cancelled, result } = scene('cancel');
    const following = follow(options);
    interrupt();
    await cancelled;
    const error = ApplicationFailure.nonRetryable('reason', 'AirbyteSyncFailed');
    result.reject(error);
    await expect(following).rejects.toBe(error);
  });

  it('stops the waiting for a cancellation when it comes twice', async () => {
    const { options, interrupt, cancelled } = scene('cancel');
    const following = follow(options);
    interrupt();
    await cancelled;
    await new Promise(setImmediate);
    interrupt();
    await expect(following).rejects.toMatchObject({
      exitCode: 130,
      message: expect.stringContaining('being cancelled'),
    });
  });

  it('gives the result when the workflow ends while the question is open', async () => {
    const choice = deferred<InterruptChoice>();
    const { options, interrupt, asked, result } = scene(choice.promise);
    const following = follow({
      ...options,
      chooseOnInterrupt: (signal, ended) => {
        ended.addEventListener('abort', () => choice.resolve('leave'));
        return options.chooseOnInterrupt(signal, ended);
      },
    });
    interrupt();
    await asked;
    result.resolve('done');
    await expect(following).resolves.toBe('done');
  });
});
