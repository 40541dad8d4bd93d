import type { Command } from 'commander';
import { installLogger } from '../../worker/logger';
import { runWorker } from '../../worker/run-worker';
import { type CommandContext, outputOf } from '../command-context';
import { ignoreClosedOutput } from '../render/closed-output';
import { WorkerShutdownSignals } from '../worker-shutdown-signals';

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
