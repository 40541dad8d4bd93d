import { randomUUID } from 'node:crypto';
import type { PipelineDocument } from '../../src/contract/pipeline-document';
import type { FleetChanges, PipelinePlan } from '../../src/contract/pipeline-plan';
import { planWorkflowId } from '../../src/contract/workflow-ids';
import type { RunnableDocument } from '../../src/documents/parse-document';
import type { TemporalClient } from '../../src/temporal/connection';
import { CliError } from '../cli-error';
import { requireReachableAirbyte, withTemporal } from '../command-context';
import { EXIT } from '../exit-codes';
import { describeDocumentPlan } from '../render/changes-presentation';
import type { Output } from '../render/output';
import { askForConfirmation } from './confirmation';
import { planFleet } from './fleet-schedule';
import { runShortWorkflow } from './run-short-workflow';

/** Finds out what `apply` would do for a document: for that of a pipeline, in a workflow. It changes nothing. */
export async function planDocument(
  temporal: TemporalClient,
  output: Output,
  { kind, document }: RunnableDocument,
): Promise<PipelinePlan | FleetChanges> {
  return kind === 'fleet' ? planFleet(temporal, output, document) : planPipeline(temporal, output, document);
}

function planPipeline(temporal: TemporalClient, output: Output, document: PipelineDocument): Promise<PipelinePlan> {
  return runShortWorkflow<PipelineDocument, PipelinePlan>(temporal, output, {
    workflowType: 'planPipeline',
    workflowIdOn: (taskQueue) => planWorkflowId(document.name, randomUUID(), taskQueue),
    input: document,
    kind: 'plan',
    summary: `Plan of ${document.name}`,
  });
}

/** Notes with what a plan of documents compares them, and checks that Airbyte is reachable if it does so in Airbyte. */
export async function preparePlan(output: Output, documents: readonly RunnableDocument[], note: string): Promise<void> {
  const inAirbyte = documents.some(({ kind }) => kind === 'pipeline');
  if (inAirbyte) await requireReachableAirbyte(output.terminal);
  output.note(`Comparing ${inAirbyte ? 'with Airbyte in a Temporal workflow' : 'with Temporal'}; ${note}`);
}

/**
 * Shows on a terminal what the documents would change, and asks before that happens. Without a terminal, and where nothing would
 * be changed, it asks nothing.
 *
 * @param yes do not ask, and do not plan either
 * @throws CliError if the user does not confirm; the failure of a plan, since the apply would fail for the same reason
 */
export async function confirmChanges(
  output: Output,
  documents: readonly RunnableDocument[],
  yes: boolean,
  ask: (question: string) => Promise<boolean> = askForConfirmation,
): Promise<void> {
  if (yes || !output.terminal.canAsk) return;
  await preparePlan(output, documents, 'nothing is changed before you confirm it.');
  const changes = await withTemporal(output.terminal.env, async (temporal) => {
    let found = false;
    for (const document of documents) {
      const plan = await planDocument(temporal, output, document);
      for (const line of describeDocumentPlan(plan, output.paintNote)) output.note(line);
      found ||= plan.changes;
    }
    return found;
  });
  if (!changes || (await ask('Apply these changes? [y/N] '))) return;
  throw new CliError(EXIT.failed, 'Declined', 'The changes were not confirmed, so nothing was applied.');
}
