import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
type Signal = (typeof SIGNALS)[number];

/** The process that the signals come to, or a stand-in in tests. */
export interface SignalledProcess {
  on(signal: Signal, listener: (signal: Signal) => void): unknown;
  off(signal: Signal, listener: (signal: Signal) => void): unknown;
  exit(code: number): void;
}

/**
 * What signals do to a worker beside the graceful shutdown that Temporal's runtime begins at the first of them: one that
 * comes before the worker has taken up work ends the process, which has nothing to shut down, and a second one ends it at
 * once.
 */
export class WorkerShutdownSignals {
  #working = false;
  #stopping = false;
  readonly #listener = (signal: Signal): void => {
    if (!this.#working) this.signalled.exit(0);
    else if (this.#stopping) this.signalled.exit(128 + constants.signals[signal]);
    else {
      this.#stopping = true;
      this.onShutdown();
    }
  };

  /** @param onShutdown called at the signal that begins the graceful shutdown */
  constructor(
    private readonly onShutdown: () => void,
    private readonly signalled: SignalledProcess = process,
  ) {
    for (const signal of SIGNALS) signalled.on(signal, this.#listener);
  }

  /** From here on the worker shuts down at the first signal. */
  markRunning(): void {
    this.#working = true;
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) this.signalled.off(signal, this.#listener);
  }
}
