import { workflowInfo } from '@temporalio/workflow';
import type { MemoKey } from '../src/contract/object-memo';
import {
  type PipelineDocument,
  type PipelineDocumentInput,
  pipelineDocumentSchema,
} from '../src/contract/pipeline-document';
import { countChanges, describeManaged, type PipelinePlan, type PlannedSchedule } from '../src/contract/pipeline-plan';
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
  const [plannedSource, plannedDestination] = await waitForAllSteps(actors, 'both-plans-end');
  const { planned: source, notes: sourceNotes, desired } = plannedSource;
  const { planned: destination, notes: destinationNotes } = plannedDestination;
  const comparing = airbyteCalls(DISCOVERY_TIMEOUT_MS, `Compare the connection ${document.connection.name}`);
  const { connection, notes } = await comparing.planConnection({
    ...{ pipeline: document.name, workspaceId, connection: document.connection },
    ...{ sourceId: source.id, destinationId: destination.id, sourceChanges: source.action === 'change' },
    source: { name: desired.name, definitionId: desired.definitionId, configuration: desired.configuration },
  });
  const schedule = await planSchedule(document, workspaceId, connection.id);
  const wouldFail = document.connection.schemaChanges === 'fail' && connection.schemaDrift !== undefined;
  const streamsChange = connection.streams?.some(({ action }) => action !== 'leave') ?? false;
  const parts = [source, destination, connection, ...(schedule ? [schedule] : [])];
  const planned = { source, destination, connection, ...(schedule && { schedule }) };
  return {
    ...{ name: document.name, workspaceId, ...planned, counts: countChanges(planned) },
    notes: [...sourceNotes, ...destinationNotes, ...notes, ...notesOnManaged(document, planned)],
    changes: wouldFail || streamsChange || parts.some(({ action }) => action !== 'leave'),
  };
}

async function planActor(kind: PipelineActor['kind'], document: PipelineDocument, workspaceId: string) {
  const actor = new PipelineActor(kind, document, STEP_MS);
  const desired = await actor.findDefinition(workspaceId);
  const { notes = [], noted: _, ...planned } = await actor.plan(desired);
  return { desired, planned, notes };
}

/** Says which objects another pipeline manages: an apply would fail, or take them over. */
function notesOnManaged({ takeOver }: PipelineDocument, planned: Pick<PipelinePlan, MemoKey>): string[] {
  return (['source', 'destination', 'connection'] as const).flatMap((kind) => {
    const object = planned[kind];
    const { managedBy, name } = object;
    if (managedBy === undefined) return [];
    return takeOver
      ? [`apply takes over the ${kind} '${name}' from the pipeline '${managedBy}'.`]
      : [`apply would fail. ${describeManaged(kind, object)}`];
  });
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
