import type { Command } from 'commander';
import { readPipelineDocument } from '../../pipeline/parse';
import { type CommandContext, outputOf, withJson, withOnInterrupt } from '../command-context';
import type { InterruptChoice } from '../interruption';
import { describePipeline, runDocument } from '../pipeline-run';

export function addRunCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('run')
    .summary('apply a pipeline document, then sync')
    .description(
      'Brings about what a pipeline document says (source, destination, connection) and syncs it. Run again, it creates nothing twice.',
    )
    .argument('<file>', 'pipeline document, YAML or JSON')
    .action(async (file: string, options: { json?: boolean; onInterrupt?: InterruptChoice }) => {
      const output = outputOf(context, options);
      const document = await readPipelineDocument(file);
      output.note(
        `Running the pipeline '${document.name}' in Temporal, which carries it through crashes and restarts; this terminal only watches.`,
      );
      const result = await runDocument({ output, document, onInterrupt: options.onInterrupt });
      output.result(result, () => describePipeline(document, result));
    });
  withOnInterrupt(withJson(command));
}
