import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { PipelinePlan } from '../../src/contract/pipeline-plan';
import { planWorkflowId } from '../../src/contract/workflow-ids';
import { type CommandContext, outputOf, requireReachableAirbyte, withJson, withTemporal } from '../command-context';
import { EXIT } from '../exit-codes';
import { runShortWorkflow } from '../follow/run-short-workflow';
import { forEachDocument, readDocuments, resultsOf, throwWorstOutcome } from '../lookup/document-files';
import { describePlan } from '../render/plan-presentation';

export function addPlanCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('plan')
    .summary('show what apply would do')
    .description('Shows what `apply` would create, change or leave as it is in Airbyte. It changes nothing.')
    .argument('<files...>', 'pipeline documents, YAML or JSON')
    .option(
      '--detailed-exitcode',
      'exit with 0 if there is nothing to do, 2 if there are changes, and 1 on any error (default: 0, and the usual codes)',
    )
    .action(async (files: string[], options: { json?: boolean; detailedExitcode?: boolean }) => {
      const output = outputOf(context, options);
      const { env } = context.terminal;
      const documents = await readDocuments(files);
      await requireReachableAirbyte(context.terminal);
      output.note('Comparing the documents with Airbyte in a Temporal workflow; nothing is changed.');
      const outcomes = await withTemporal(env, (temporal) =>
        forEachDocument(output, documents, ({ document }) =>
          runShortWorkflow<unknown, PipelinePlan>(temporal, output, {
            workflowType: 'planPipeline',
            workflowIdOn: (taskQueue) => planWorkflowId(document.name, randomUUID(), taskQueue),
            input: document,
            kind: 'plan',
            summary: `Plan of ${document.name}`,
          }),
        ),
      );
      const plans = resultsOf(outcomes);
      const changes = plans.some((plan) => plan.changes);
      output.result({ changes, documents: outcomes }, () => plans.flatMap(describePlan));
      throwWorstOutcome(outcomes);
      if (changes && options.detailedExitcode) context.exitCode = EXIT.changes;
    });
  withJson(command);
}
