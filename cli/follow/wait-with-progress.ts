import { sleep } from '../../src/async/sleep';
import { CliError } from '../cli-error';
import { EXIT } from '../exit-codes';
import { endedByCancellation } from '../render/failure-presentation';
import type { ProgressDisplay, ProgressSnapshot } from '../render/progress-display';
import type { InterruptSignal } from '../render/terminal';
import type { InterruptChoice } from './interruption';

/**
 * The result is known by then, so the user should not wait long for the last progress. A worker that is alive responds within a
 * second or two also on a busy machine, and the notes of a run are only in its progress.
 */
const FINAL_READ_TIMEOUT_MS = 5_000;

/** The part of a workflow handle that {@link follow} uses. */
export interface FollowedWorkflow<T> {
  workflowId: string;
  result(): Promise<T>;
  /** Does nothing if the workflow has ended meanwhile: its result is shown. */
  cancel(): Promise<unknown>;
}

export interface FollowOptions<T> {
  workflow: FollowedWorkflow<T>;
  /** The word for it in messages: `sync`, `pipeline`. */
  noun: string;
  display: ProgressDisplay;
  /**
   * Reads the progress of the workflow; undefined when it cannot be read at the moment, or after the signal has aborted. Never
   * rejects.
   */
  readSnapshot: (signal: AbortSignal) => Promise<ProgressSnapshot | undefined>;
  /** Interval between two reads, in milliseconds. */
  readIntervalMs: number;
  nextInterrupt: () => Promise<InterruptSignal>;
  /** Decides what to do on an interrupt. */
  chooseOnInterrupt: (signal: InterruptSignal, ended: AbortSignal) => Promise<InterruptChoice>;
}

/**
 * Waits for a workflow's result and shows its progress. On Ctrl-C it cancels the workflow or leaves it running.
 *
 * @throws CliError with exit code 130 when interrupted
 * @throws Error with which the workflow failed
 */
export async function follow<T>(options: FollowOptions<T>): Promise<T> {
  const { workflow, display } = options;
  const ended = new AbortController();
  const result = workflow.result().finally(() => ended.abort());
  // After an interrupt nothing awaits the result, and its rejection would end the process.
  result.catch(() => {});
  const showing = show(options, ended.signal);
  try {
    const value = await resultOrInterrupt(options, result, ended.signal);
    ended.abort();
    await showing;
    await showFinalSnapshot(options);
    display.finish('done');
    return value;
  } catch (error) {
    ended.abort();
    await showing;
    const left = error instanceof CliError && error.exitCode === EXIT.interrupted;
    if (!left) await showFinalSnapshot(options);
    display.finish(left ? 'left' : 'failed');
    throw error;
  }
}

/** Shows the progress since the last read: a short workflow ends before the second read. */
async function showFinalSnapshot<T>({ display, readSnapshot }: FollowOptions<T>): Promise<void> {
  const snapshot = await readSnapshot(AbortSignal.timeout(FINAL_READ_TIMEOUT_MS));
  if (snapshot) display.update(snapshot);
}

async function show<T>(options: FollowOptions<T>, ended: AbortSignal): Promise<void> {
  const { display, readSnapshot, readIntervalMs } = options;
  const animation = display.frameMs === undefined ? undefined : setInterval(() => display.redraw(), display.frameMs);
  while (!ended.aborted) {
    // Awaits the read even if the workflow has ended: the client retries a call whose connection is closed.
    const snapshot = await withLinkedSignal(ended, readSnapshot);
    if (snapshot && !ended.aborted) display.update(snapshot);
    await sleep(readIntervalMs, ended);
  }
  clearInterval(animation);
}

/** Gives each read its own signal: Temporal's connection adds a listener to the signal with each call, and removes none. */
async function withLinkedSignal<T>(signal: AbortSignal, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const abort = (): void => own.abort();
  signal.addEventListener('abort', abort);
  try {
    return await read(own.signal);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function resultOrInterrupt<T>(options: FollowOptions<T>, result: Promise<T>, ended: AbortSignal): Promise<T> {
  const { workflow, noun, display } = options;
  const interrupted = options.nextInterrupt();
  const first = await Promise.race([result.then((value) => ({ value })), interrupted]);
  if (typeof first !== 'string') return first.value;

  display.suspend();
  const choice = await options.chooseOnInterrupt(first, ended);
  display.resume();
  if (ended.aborted) return result;
  if (choice === 'leave') {
    throw CliError.interrupted(
      `the ${noun} continues in Temporal (workflow ${workflow.workflowId}). Run the same command again to follow it.`,
    );
  }
  display.note(`Cancelling the ${noun}, and waiting until its job has ended … (Ctrl-C: stop waiting)`);
  await workflow.cancel();
  const second = await Promise.race([
    result.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    ),
    options.nextInterrupt(),
  ]);
  if (typeof second === 'string') {
    throw CliError.interrupted(
      `the ${noun} is still being cancelled (workflow ${workflow.workflowId}); this command no longer waits for it.`,
    );
  }
  if ('value' in second) return second.value;
  if (endedByCancellation(second.error)) throw CliError.interrupted(`the ${noun} was cancelled.`);
  throw second.error;
}
