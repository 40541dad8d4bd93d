import { createInterface } from 'node:readline';
import { withoutControls } from '../../src/text/control-characters';

/** `SIGINT` is a person's Ctrl-C; the others come from whoever runs us: a scheduler, a closed terminal. */
const INTERRUPT_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type InterruptSignal = (typeof INTERRUPT_SIGNALS)[number];

/** Where signals come from: `process`, or an emitter in tests. */
export interface SignalSource {
  on(signal: InterruptSignal, listener: (signal: InterruptSignal) => void): unknown;
  off(signal: InterruptSignal, listener: (signal: InterruptSignal) => void): unknown;
}

/** While it listens, a signal does not end the process; the command decides what becomes of its work. */
export class Interruptions {
  private waiting: ((signal: InterruptSignal) => void)[] = [];
  private readonly listener = (signal: InterruptSignal): void => {
    for (const resolve of this.waiting.splice(0)) resolve(signal);
  };

  constructor(private readonly source: SignalSource = process) {
    for (const signal of INTERRUPT_SIGNALS) source.on(signal, this.listener);
  }

  /** The next signal that comes. */
  next(): Promise<InterruptSignal> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Signals end the process again. */
  [Symbol.dispose](): void {
    for (const signal of INTERRUPT_SIGNALS) this.source.off(signal, this.listener);
  }
}

/** What becomes of a workflow when the command that waits for it is interrupted. */
export type InterruptChoice = 'cancel' | 'leave';

/**
 * Asks once what to do. Enter, a second Ctrl-C and the end of the input all leave the workflow running: the choice that
 * destroys nothing.
 *
 * @param signal ends the question when the answer no longer matters
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
