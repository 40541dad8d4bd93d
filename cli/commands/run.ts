import type { Command } from 'commander';
import { readRunnableDocument } from '../../src/documents/parse-document';
import { type CommandContext, outputOf, withJson, withOnInterrupt } from '../command-context';
import type { InterruptChoice } from '../follow/interruption';
import { runFleet } from '../follow/run-fleet-document';
import { describePipeline, runDocument } from '../follow/run-pipeline-document';

export function addRunCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('run')
    .summary('apply a pipeline document, then sync; or sync a fleet')
    .description(
      'Brings about what a pipeline document says (source, destination, connection) and syncs it. Run again, it creates nothing twice. Of a fleet document it syncs the connections, in their order.',
    )
    .argument('<file>', 'pipeline or fleet document, YAML or JSON')
    .action(async (file: string, options: { json?: boolean; onInterrupt?: InterruptChoice }) => {
      const output = outputOf(context, options);
      const { onInterrupt } = options;
      const { kind, document } = await readRunnableDocument(file);
      if (kind === 'fleet') {
        output.note(
          `Syncing the fleet '${document.name}' in Temporal, which carries it through crashes and restarts; this terminal only watches.`,
        );
        await runFleet({ output, document, onInterrupt });
        return;
      }
      output.note(
        `Running the pipeline '${document.name}' in Temporal, which carries it through crashes and restarts; this terminal only watches.`,
      );
      const result = await runDocument({ output, document, onInterrupt });
      output.result(result, () => describePipeline(document, result));
    });
  withOnInterrupt(withJson(command));
}
