import { sleep } from '../../src/async/sleep';
import { workerSettings } from '../../src/configuration/worker-settings';
import type { CommandContext } from '../command-context';
import { EXIT } from '../exit-codes';
import { presentFailure } from '../render/failure-presentation';
import { type WatchedLine, WatchedLines } from '../render/watched-lines';
import { Interruptions } from './interruption';

/** A status at one moment. */
export interface WatchedStatus {
  heading: readonly string[];
  lines: readonly WatchedLine[];
  /** Whether it will not change any more. */
  isFinal: boolean;
}

/**
 * Shows a status until it is final or the user presses Ctrl-C, read again at the polling interval. A read that fails because
 * Airbyte or Temporal is out of reach is shown, and ends nothing.
 *
 * @throws Error of the first read, and of a later one that no retry would help
 */
export async function watchStatus(
  context: CommandContext,
  read: (signal: AbortSignal) => Promise<WatchedStatus>,
): Promise<void> {
  const { terminal } = context;
  const { pollIntervalMs } = workerSettings(terminal.env);
  const interruptions = new Interruptions(terminal.signals);
  const ended = new AbortController();
  void interruptions.next().then(() => ended.abort());
  const display = new WatchedLines(terminal);
  let last: WatchedStatus | undefined;
  try {
    while (!ended.signal.aborted) {
      try {
        last = await read(ended.signal);
        display.show(last.heading, last.lines);
        if (last.isFinal) return;
      } catch (error) {
        if (ended.signal.aborted) break;
        const { exitCode, message } = presentFailure(error);
        if (last === undefined || exitCode !== EXIT.outOfReach) throw error;
        display.show(last.heading, last.lines, message.split('\n', 1)[0]);
      }
      await sleep(pollIntervalMs, ended.signal);
    }
    context.exitCode = EXIT.interrupted;
  } finally {
    interruptions[Symbol.dispose]();
  }
}
