import type { Command } from 'commander';
import { readPipelineDocument } from '../../pipeline/parse';
import { type CommandContext, outputOf, withJson, withOnInterrupt } from '../command-context';
import type { InterruptChoice } from '../interruption';
import { describePipeline, runDocument } from '../pipeline-run';

export function addApplyCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('apply')
    .summary('apply a pipeline document, without a sync')
    .description('Brings about what a pipeline document says (source, destination, connection) and syncs nothing.')
    .argument('<file>', 'pipeline document, YAML or JSON')
    .action(async (file: string, options: { json?: boolean; onInterrupt?: InterruptChoice }) => {
      const output = outputOf(context, options);
      const document = { ...(await readPipelineDocument(file)), sync: false as const };
      output.note(
        `Setting up the pipeline '${document.name}' in Airbyte by way of a Temporal workflow; nothing is synced.`,
      );
      const result = await runDocument({ output, document, onInterrupt: options.onInterrupt });
      output.result(result, () => describePipeline(document, result));
    });
  withOnInterrupt(withJson(command));
}
