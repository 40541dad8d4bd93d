import { sleep } from '../../src/airbyte/sleep';
import { CliError } from '../cli-error';
import { EXIT } from '../exit-codes';
import { endedByCancellation } from '../render/failure-presentation';
import type { ProgressDisplay, ProgressSnapshot } from '../render/progress-display';
import type { InterruptChoice, InterruptSignal } from './interruption';

/** The result is there: nobody waits long for the picture of how it came about. */
const FINAL_READ_TIMEOUT_MS = 1_000;

/** What following needs of a workflow handle. */
export interface FollowedWorkflow<T> {
  workflowId: string;
  result(): Promise<T>;
  /** Does nothing when it has ended meanwhile: the result tells how. */
  cancel(): Promise<unknown>;
}

export interface FollowOptions<T> {
  workflow: FollowedWorkflow<T>;
  /** In a sentence: `sync`, `pipeline`. */
  noun: string;
  display: ProgressDisplay;
  /**
   * How the workflow stands now; undefined when that cannot be told just now, or once the signal says that nobody waits
   * for it any more. Never rejects.
   */
  readSnapshot: (signal: AbortSignal) => Promise<ProgressSnapshot | undefined>;
  /** How often to read it, in milliseconds. */
  readIntervalMs: number;
  nextInterrupt: () => Promise<InterruptSignal>;
  /** Asks the person what to do on an interrupt; only called where somebody can answer. */
  chooseOnInterrupt: (signal: InterruptSignal, ended: AbortSignal) => Promise<InterruptChoice>;
}

/**
 * Waits for a workflow's result, shows how it goes on, and on Ctrl-C cancels it or leaves it running.
 *
 * @throws CliError of exit code 130 when interrupted, and whatever the workflow failed with
 */
export async function follow<T>(options: FollowOptions<T>): Promise<T> {
  const { workflow, display } = options;
  const ended = new AbortController();
  const result = workflow.result().finally(() => ended.abort());
  // Given up on an interrupt, the result is nobody's; the race below has it otherwise.
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

/** What came to pass between the last look and the end: a quick workflow is over before the second look. */
async function showFinalSnapshot<T>({ display, readSnapshot }: FollowOptions<T>): Promise<void> {
  const snapshot = await readSnapshot(AbortSignal.timeout(FINAL_READ_TIMEOUT_MS));
  if (snapshot) display.update(snapshot);
}

async function show<T>(options: FollowOptions<T>, ended: AbortSignal): Promise<void> {
  const { display, readSnapshot, readIntervalMs } = options;
  const animation = display.frameMs === undefined ? undefined : setInterval(() => display.redraw(), display.frameMs);
  while (!ended.aborted) {
    // Waited for to its end: a call that is under way when its connection is closed would be tried again on it.
    const snapshot = await withLinkedSignal(ended, readSnapshot);
    if (snapshot && !ended.aborted) display.update(snapshot);
    await sleep(readIntervalMs, ended);
  }
  clearInterval(animation);
}

/** Temporal's connection leaves a listener on the signal with each call: one signal for all looks would gather them. */
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
      `the ${noun} goes on in Temporal (workflow ${workflow.workflowId}). Give the same command again to follow it.`,
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
      `the ${noun} is being cancelled (workflow ${workflow.workflowId}), nobody waits for it.`,
    );
  }
  if ('value' in second) return second.value;
  if (endedByCancellation(second.error)) throw CliError.interrupted(`the ${noun} was cancelled.`);
  throw second.error;
}
