import type { Command } from 'commander';
import { type CommandContext, outputOf, withJson, withTakeOver, withTemporal } from '../command-context';
import { EXIT } from '../exit-codes';
import { planDocument, preparePlan } from '../follow/plan-documents';
import { forEachDocument, readDocuments, resultsOf, throwWorstOutcome } from '../lookup/document-files';
import { describeDocumentPlan } from '../render/changes-presentation';
import { terminalWidth } from '../render/terminal';
import { wrapLines } from '../render/terminal-text';

interface PlanOptions {
  json?: boolean;
  detailedExitcode?: boolean;
  takeOver?: boolean;
}

export function addPlanCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('plan')
    .summary('show what apply would do')
    .description(
      'Shows what `apply` would create, change or leave as it is in Airbyte, field by field, and what for the schedule of a fleet. It changes nothing.',
    )
    .argument('<files...>', 'documents of pipelines or fleets, YAML or JSON')
    .option(
      '--detailed-exitcode',
      'exit with 0 if there is nothing to do, 2 if there are changes, and 1 on any error (default: 0, and the usual codes)',
    )
    .action(async (files: string[], options: PlanOptions) => {
      const output = outputOf(context, options);
      const { env } = context.terminal;
      const documents = await readDocuments(files, options);
      await preparePlan(output, documents, 'nothing is changed.');
      const outcomes = await withTemporal(env, (temporal) =>
        forEachDocument(output, documents, (document) => planDocument(temporal, output, document)),
      );
      const plans = resultsOf(outcomes);
      const changes = plans.some((plan) => plan.changes);
      const columns = terminalWidth(context.terminal.stdout);
      output.result({ changes, documents: outcomes }, () =>
        plans
          .flatMap((plan) => describeDocumentPlan(plan, output.paintResult))
          .flatMap((line) => wrapLines(line, columns).split('\n')),
      );
      throwWorstOutcome(outcomes);
      if (changes && options.detailedExitcode) context.exitCode = EXIT.changes;
    });
  withTakeOver(withJson(command));
}
