import { workflowInfo } from '@temporalio/workflow';
import {
  type PipelineDocument,
  type PipelineDocumentInput,
  pipelineDocumentSchema,
} from '../src/contract/pipeline-document';
import type { PipelinePlan, PlannedSchedule } from '../src/contract/pipeline-plan';
import { isTemporalSchedule } from '../src/contract/pipeline-schedule';
import { airbyteCalls } from './activity-options';
import { parseInput, toWorkflowFailure } from './failures';
import { waitForAllSteps } from './parallel-steps';
import { PipelineActor } from './pipeline-actor';

/** How long each step is retried while Airbyte is out of reach: a user waits for the plan. */
const STEP_MS = 5 * 60_000;

/** A discovery of the source's streams can take as long as in a run. */
const DISCOVERY_TIMEOUT_MS = 15 * 60_000;

/**
 * Returns what `runPipeline` would create, change or leave for a document. It changes nothing in Airbyte, and compares with
 * the same code.
 *
 * Fails where `runPipeline` would fail before it has changed anything: `InvalidInput`, `AirbyteNotFound`, `AirbyteConflict`.
 */
export async function planPipeline(input: PipelineDocumentInput, ...others: undefined[]): Promise<PipelinePlan> {
  const document = parseInput(pipelineDocumentSchema(), input, others);
  try {
    return await plan(document);
  } catch (error) {
    throw toWorkflowFailure(error);
  }
}

async function plan(document: PipelineDocument): Promise<PipelinePlan> {
  const { workspaceId } = await airbyteCalls(STEP_MS, `Find the workspace ${document.workspace ?? ''}`).findWorkspace(
    document.workspace === undefined ? {} : { workspace: document.workspace },
  );
  const actors = [planActor('source', document, workspaceId), planActor('destination', document, workspaceId)] as const;
  const [{ notes: sourceNotes = [], ...source }, { notes: destinationNotes = [], ...destination }] =
    await waitForAllSteps(actors, 'both-plans-end');
  const comparing = airbyteCalls(DISCOVERY_TIMEOUT_MS, `Compare the connection ${document.connection.name}`);
  const { connection, notes } = await comparing.planConnection({
    ...{ pipeline: document.name, workspaceId, connection: document.connection },
    ...{ sourceId: source.id, destinationId: destination.id, sourceChanges: source.action === 'change' },
  });
  const schedule = await planSchedule(document, workspaceId, connection.id);
  const wouldFail = document.connection.schemaChanges === 'fail' && connection.schemaDrift !== undefined;
  const streamsChange = connection.streams?.some(({ action }) => action !== 'leave') ?? false;
  const parts = [source, destination, connection, ...(schedule ? [schedule] : [])];
  return {
    ...{ name: document.name, workspaceId, source, destination, connection, ...(schedule && { schedule }) },
    notes: [...sourceNotes, ...destinationNotes, ...notes],
    changes: wouldFail || streamsChange || parts.some(({ action }) => action !== 'leave'),
  };
}

async function planActor(kind: PipelineActor['kind'], document: PipelineDocument, workspaceId: string) {
  const actor = new PipelineActor(kind, document, STEP_MS);
  return actor.plan(await actor.findDefinition(workspaceId));
}

async function planSchedule(
  document: PipelineDocument,
  workspaceId: string,
  connectionId: string | null,
): Promise<PlannedSchedule | null> {
  const { name, status, schedule } = document.connection;
  if (connectionId === null) return isTemporalSchedule(schedule) ? { action: 'create', id: null, changes: [] } : null;
  return airbyteCalls(STEP_MS, `Compare the schedule of ${name}`).planSchedule({
    ...{ pipeline: document.name, connectionId, connectionName: name, workspaceId, schedule },
    active: status === 'active',
    taskQueue: workflowInfo().taskQueue,
  });
}
