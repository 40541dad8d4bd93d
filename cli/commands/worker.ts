import { constants } from 'node:os';
import type { Command } from 'commander';
import { installLogger } from '../../worker/logger';
import { runWorker } from '../../worker/run-worker';
import { type CommandContext, outputOf } from '../command-context';
import { ignoreClosedOutput } from '../render/closed-output';

/** The start of the line that says that the worker has started; the demo waits for it. */
export const WORKER_READY = 'Ready:';

const SHUTTING_DOWN =
  'Shutting down: waiting up to 8 seconds for calls to Airbyte that are under way. A second signal ends the worker at once.';

export function addWorkerCommand(program: Command, context: CommandContext): void {
  program
    .command('worker')
    .summary('run a worker: the process that does the work')
    .description(
      'Runs a worker: it takes work from Temporal and carries it out in Airbyte. Run as many as you like. Needs AIRBYTE_URL; Temporal is at TEMPORAL_ADDRESS, or at localhost:7233.',
    )
    .action(async () => {
      const output = outputOf(context, {});
      output.note('A worker carries out in Airbyte what Temporal hands it. Connecting …');
      ignoreClosedOutput(process);
      const signals = new WorkerShutdownSignals(() => output.note(SHUTTING_DOWN));
      const runtime = installLogger();
      try {
        await runWorker({
          env: context.terminal.env,
          onReady: ({ address, namespace, taskQueue, registeredSearchAttributes }) => {
            if (registeredSearchAttributes.length > 0) {
              output.note(`Registered the search attributes ${registeredSearchAttributes.join(', ')}.`);
            }
            output.note(
              `${WORKER_READY} takes work from the task queue '${taskQueue}' of Temporal at ${address} (namespace '${namespace}'). Ctrl-C stops it: running syncs go on, and another worker takes over the waiting.`,
            );
            signals.markRunning();
          },
        });
      } finally {
        signals[Symbol.dispose]();
        await runtime.shutdown();
      }
      output.note('The worker has stopped. Syncs that were running go on in Airbyte, and in Temporal.');
    });
}

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
