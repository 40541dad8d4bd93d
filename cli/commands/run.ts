import type { Command } from 'commander';
import { readRunnableDocument } from '../../src/documents/parse-document';
import { type CommandContext, outputOf, withJson, withOnInterrupt } from '../command-context';
import type { InterruptChoice } from '../follow/interruption';
import { runFleet } from '../follow/run-fleet-document';
import { describePipeline, runDocument } from '../follow/run-pipeline-document';

export function addRunCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('run')
    .summary('apply a pipeline document and sync it, or sync a fleet')
    .description(
      'Applies a pipeline document (creates or updates its source, destination and connection), then syncs the connection. Re-running applies only the differences. For a fleet document, syncs its connections in the order of their dependencies.',
    )
    .argument('<file>', 'pipeline or fleet document, YAML or JSON')
    .action(async (file: string, options: { json?: boolean; onInterrupt?: InterruptChoice }) => {
      const output = outputOf(context, options);
      const { onInterrupt } = options;
      const { kind, document } = await readRunnableDocument(file);
      if (kind === 'fleet') {
        output.note(
          `Syncing the fleet '${document.name}' in Temporal, which continues it after crashes and restarts; this terminal only shows the progress.`,
        );
        await runFleet({ output, document, onInterrupt });
        return;
      }
      output.note(
        `Running the pipeline '${document.name}' in Temporal, which continues it after crashes and restarts; this terminal only shows the progress.`,
      );
      const result = await runDocument({ output, document, onInterrupt });
      output.result(result, () => describePipeline(document, result));
    });
  withOnInterrupt(withJson(command));
}
