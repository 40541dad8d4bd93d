import type { Command } from 'commander';
import type { FleetChanges } from '../../src/contract/pipeline-plan';
import type { PipelineResult } from '../../src/contract/pipeline-result';
import {
  type CommandContext,
  outputOf,
  withJson,
  withOnInterrupt,
  withTakeOver,
  withTemporal,
  withYes,
} from '../command-context';
import { applyFleet } from '../follow/fleet-schedule';
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
import { describeFleetChanges } from '../render/changes-presentation';
import type { Output } from '../render/output';

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
    .summary('apply documents of pipelines and fleets without syncing')
    .description(
      'Applies pipeline documents: creates or updates their sources, destinations and connections, and syncs nothing. Creates or updates the schedules of fleet documents in Temporal. Checks all documents before it changes anything. Re-running applies only the differences. On a terminal, it shows them first and asks; `plan` only shows them.',
    )
    .argument('<files...>', 'documents of pipelines or fleets, YAML or JSON')
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
    (each): DocumentFile => (each.kind === 'fleet' ? each : { ...each, document: { ...each.document, sync: false } }),
  );
  await confirmChanges(output, documents, yes);
  const outcomes = await forEachDocument(output, documents, (each) => applyDocument(output, each, options));
  const results = resultsOf(outcomes);
  const complete = results.length === documents.length;
  if (options.prune && !complete) output.note('Nothing was pruned, because not every document was applied.');
  const pruned =
    options.prune && complete
      ? await prune(
          output,
          {
            pipelines: documents.filter(({ kind }) => kind === 'pipeline').map(({ document }) => document.name),
            keep: results.flatMap((result) => ('connectionId' in result ? [result.connectionId] : [])),
          },
          yes,
        )
      : undefined;
  const [only] = results;
  const document = documents.length === 1 && !options.prune ? only : { documents: outcomes, ...(pruned && { pruned }) };
  output.result(document, () => [
    ...outcomes.flatMap((outcome, index) => {
      if (!('result' in outcome)) return [];
      const { result } = outcome;
      if ('fleet' in result) return describeFleetChanges(result, output.paintResult);
      const applied = documents[index];
      return applied?.kind === 'pipeline' ? describeRun(applied.document, result, output.paintResult) : [];
    }),
    ...describePruned(pruned ?? []),
  ]);
  throwWorstOutcome(outcomes);
}

async function applyDocument(
  output: Output,
  { kind, document }: DocumentFile,
  { onInterrupt }: ApplyOptions,
): Promise<PipelineResult | FleetChanges> {
  if (kind === 'fleet') {
    output.note(`Applying the schedule of the fleet '${document.name}' to Temporal; nothing is synced.`);
    return withTemporal(output.terminal.env, (temporal) => applyFleet(temporal, output, document));
  }
  output.note(`Applying the pipeline '${document.name}' to Airbyte in a Temporal workflow; nothing is synced.`);
  return runDocument({ output, document, onInterrupt });
}
