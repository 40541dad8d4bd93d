import { createInterface } from 'node:readline';
import { withoutControls } from '../../src/text/control-characters';
import { INTERRUPT_SIGNALS, type InterruptSignal, type SignalSource } from '../render/terminal';

/** While it listens, a signal does not end the process: the command decides what to do. */
export class Interruptions {
  private waiting: ((signal: InterruptSignal) => void)[] = [];
  private readonly listener = (signal: InterruptSignal): void => {
    for (const resolve of this.waiting.splice(0)) resolve(signal);
  };

  constructor(private readonly source: SignalSource) {
    for (const signal of INTERRUPT_SIGNALS) source.on(signal, this.listener);
  }

  /** Waits for the next signal. */
  next(): Promise<InterruptSignal> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Stops listening: signals end the process again. */
  [Symbol.dispose](): void {
    for (const signal of INTERRUPT_SIGNALS) this.source.off(signal, this.listener);
  }
}

/** What to do with a workflow when the command that waits for it is interrupted. */
export type InterruptChoice = 'cancel' | 'leave';

/**
 * Asks once what to do. Enter, a second Ctrl-C and the end of the input leave the workflow running, because that destroys
 * nothing.
 *
 * @param signal withdraws the question, for when the workflow has ended
 */
export function askCancelOrLeave(question: string, signal: AbortSignal): Promise<InterruptChoice> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve('leave');
    const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
    const settle = (choice: InterruptChoice): void => {
      resolve(choice);
      reader.close();
    };
    reader.once('SIGINT', () => settle('leave'));
    reader.once('close', () => settle('leave'));
    signal.addEventListener('abort', () => settle('leave'), { once: true });
    reader.question(withoutControls(question), (text) => settle(/^c(ancel)?$/i.test(text.trim()) ? 'cancel' : 'leave'));
  });
}
