import type { Command } from 'commander';
import { type CommandContext, outputOf, withJson, withOnInterrupt, withTakeOver, withYes } from '../command-context';
import type { InterruptChoice } from '../follow/interruption';
import { confirmChanges } from '../follow/plan-documents';
import { describePruned, prune, requireConfirmation } from '../follow/prune-connections';
import { describeRun, runDocument } from '../follow/run-pipeline-document';
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
  takeOver?: boolean;
  onInterrupt?: InterruptChoice;
}

export function addApplyCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('apply')
    .summary('apply pipeline documents without syncing')
    .description(
      'Applies pipeline documents: creates or updates their sources, destinations and connections, and syncs nothing. Checks all documents before it changes anything. Re-running applies only the differences. On a terminal, it shows them first and asks; `plan` only shows them.',
    )
    .argument('<files...>', 'pipeline documents, YAML or JSON')
    .option(
      '--prune',
      'then delete the connections that earlier runs of these pipelines created and that the documents no longer name; lists them and asks first',
    )
    .action((files: string[], options: ApplyOptions) => apply(context, files, options));
  withYes(command, 'change and, with --prune, delete without asking (default: show the plan and ask, on a terminal)');
  withTakeOver(withOnInterrupt(withJson(command)));
}

async function apply(context: CommandContext, files: string[], options: ApplyOptions): Promise<void> {
  const output = outputOf(context, options);
  const yes = options.yes === true;
  if (options.prune) requireConfirmation(output, yes);
  const documents = (await readDocuments(files, options)).map(
    ({ file, document }): DocumentFile => ({ file, document: { ...document, sync: false } }),
  );
  await confirmChanges(
    output,
    documents.map(({ document }) => document),
    yes,
  );
  const outcomes = await forEachDocument(output, documents, async ({ document }) => {
    output.note(`Applying the pipeline '${document.name}' to Airbyte in a Temporal workflow; nothing is synced.`);
    return runDocument({ output, document, onInterrupt: options.onInterrupt });
  });
  const results = resultsOf(outcomes);
  const complete = results.length === documents.length;
  if (options.prune && !complete) output.note('Nothing was pruned, because not every document was applied.');
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
      return applied && 'result' in outcome ? describeRun(applied, outcome.result, output.paintResult) : [];
    }),
    ...describePruned(pruned ?? []),
  ]);
  throwWorstOutcome(outcomes);
}
