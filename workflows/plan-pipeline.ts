import { workflowInfo } from '@temporalio/workflow';
import { type PipelineDocumentInput, pipelineDocumentSchema } from '../src/contract/pipeline-document';
import type { PipelinePlan, PlannedSchedule } from '../src/contract/pipeline-plan';
import { isTemporalSchedule } from '../src/contract/pipeline-schedule';
import { airbyteCalls } from './activity-options';
import { parseInput, toWorkflowFailure } from './failures';
import { waitForAllSteps } from './parallel-steps';

/** How long an Airbyte that is out of reach is waited for, at each step: a person waits for the plan. */
const STEP_MS = 5 * 60_000;

/** The source is asked what it has, which can take as long as in a run. */
const DISCOVERY_TIMEOUT_MS = 15 * 60_000;

/**
 * What `runPipeline` would create, change or leave for a document. It changes nothing in Airbyte, and compares with the
 * same code.
 *
 * Fails where `runPipeline` would fail before it has changed anything: `InvalidInput`, `AirbyteNotFound`, `AirbyteConflict`.
 */
export async function planPipeline(input: PipelineDocumentInput, ...others: undefined[]): Promise<PipelinePlan> {
  const document = parseInput(pipelineDocumentSchema(), input, others);
  const airbyte = (purpose: string) => airbyteCalls(STEP_MS, purpose);
  try {
    const { workspaceId } = await airbyte(`Find the workspace ${document.workspace ?? ''}`).findWorkspace(
      document.workspace === undefined ? {} : { workspace: document.workspace },
    );
    const actors = [planSource(workspaceId), planDestination(workspaceId)] as const;
    const [{ notes: onSource = [], ...source }, { notes: onDestination = [], ...destination }] = await waitForAllSteps(
      actors,
      'both-plans-end',
    );
    const comparing = airbyteCalls(DISCOVERY_TIMEOUT_MS, `Compare the connection ${document.connection.name}`);
    const { connection, notes } = await comparing.planConnection({
      ...{ pipeline: document.name, workspaceId, connection: document.connection },
      ...{ sourceId: source.id, destinationId: destination.id, sourceChanges: source.action === 'change' },
    });
    const schedule = await planSchedule(workspaceId, connection.id);
    const refused = document.connection.schemaChanges === 'fail' && connection.schemaDrift !== undefined;
    const streamsChange = connection.streams?.some(({ action }) => action !== 'leave') ?? false;
    const parts = [source, destination, connection, ...(schedule ? [schedule] : [])];
    const changes = refused || streamsChange || parts.some(({ action }) => action !== 'leave');
    const planned = { source, destination, connection, ...(schedule && { schedule }) };
    const all = [...onSource, ...onDestination, ...notes];
    return { name: document.name, workspaceId, ...planned, notes: all, changes };
  } catch (error) {
    throw toWorkflowFailure(error);
  }

  async function planSchedule(workspaceId: string, connectionId: string | null): Promise<PlannedSchedule | null> {
    const { name, status, schedule } = document.connection;
    if (connectionId === null) return isTemporalSchedule(schedule) ? { action: 'create', id: null, changes: [] } : null;
    return airbyte(`Compare the schedule of ${name}`).planSchedule({
      ...{ pipeline: document.name, connectionId, connectionName: name, workspaceId, schedule },
      active: status === 'active',
      taskQueue: workflowInfo().taskQueue,
    });
  }

  async function planSource(workspaceId: string) {
    const { name, definition, configuration } = document.source;
    const { definitionId } = await airbyte(`Find the source definition ${definition}`).findSourceDefinition({
      workspaceId,
      definition,
    });
    return airbyte(`Compare the source ${name}`).planSource({
      pipeline: document.name,
      workspaceId,
      name,
      definitionId,
      configuration,
    });
  }

  async function planDestination(workspaceId: string) {
    const { name, definition, configuration } = document.destination;
    const { definitionId } = await airbyte(`Find the destination definition ${definition}`).findDestinationDefinition({
      workspaceId,
      definition,
    });
    return airbyte(`Compare the destination ${name}`).planDestination({
      pipeline: document.name,
      workspaceId,
      name,
      definitionId,
      configuration,
    });
  }
}
