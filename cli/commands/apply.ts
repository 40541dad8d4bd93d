import type { Command } from 'commander';
import { CliError } from '../cli-error';
import { type CommandContext, outputOf, withJson, withOnInterrupt } from '../command-context';
import type { InterruptChoice } from '../follow/interruption';
import { describePruned, prune, requireConfirmation } from '../follow/prune-connections';
import { describePipeline, runDocument } from '../follow/run-pipeline-document';
import {
  type DocumentFile,
  forEachDocument,
  readDocuments,
  resultsOf,
  throwWorstOutcome,
} from '../lookup/document-files';

interface ApplyOptions {
  json?: boolean;
  prune?: boolean;
  yes?: boolean;
  onInterrupt?: InterruptChoice;
}

export function addApplyCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('apply')
    .summary('apply pipeline documents, without a sync')
    .description(
      'Brings about what pipeline documents say (source, destination, connection) and syncs nothing. All are checked before anything happens; `plan` shows what would.',
    )
    .argument('<files...>', 'pipeline documents, YAML or JSON')
    .option(
      '--prune',
      'then delete connections that earlier runs of these pipelines created and that the documents no longer name; they are named first, and asked about',
    )
    .option('--yes', 'with --prune: delete without being asked')
    .action((files: string[], options: ApplyOptions) => apply(context, files, options));
  withOnInterrupt(withJson(command));
}

async function apply(context: CommandContext, files: string[], options: ApplyOptions): Promise<void> {
  const output = outputOf(context, options);
  const yes = options.yes === true;
  if (yes && !options.prune) throw CliError.badInput('--yes: it is for --prune only.');
  if (options.prune) requireConfirmation(output, yes);
  const documents = (await readDocuments(files)).map(
    ({ file, document }): DocumentFile => ({ file, document: { ...document, sync: false } }),
  );
  const outcomes = await forEachDocument(output, documents, async ({ document }) => {
    output.note(
      `Setting up the pipeline '${document.name}' in Airbyte by way of a Temporal workflow; nothing is synced.`,
    );
    return runDocument({ output, document, onInterrupt: options.onInterrupt });
  });
  const results = resultsOf(outcomes);
  const complete = results.length === documents.length;
  if (options.prune && !complete) output.note('Nothing is pruned, since not every document was applied.');
  const pruned =
    options.prune && complete
      ? await prune(
          output,
          {
            pipelines: documents.map(({ document }) => document.name),
            keep: results.map(({ connectionId }) => connectionId),
          },
          yes,
        )
      : undefined;
  const [only] = results;
  const document = documents.length === 1 && !options.prune ? only : { documents: outcomes, ...(pruned && { pruned }) };
  output.result(document, () => [
    ...outcomes.flatMap((outcome, index) => {
      const applied = documents[index]?.document;
      return applied && 'result' in outcome ? describePipeline(applied, outcome.result) : [];
    }),
    ...describePruned(pruned ?? []),
  ]);
  throwWorstOutcome(outcomes);
}
