import { log, setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { AppliedActor } from '../src/contract/actor';
import type { AppliedConnection } from '../src/contract/connection';
import { type PipelineDocumentInput, pipelineDocumentSchema } from '../src/contract/pipeline-document';
import type { PipelineStepName } from '../src/contract/pipeline-progress';
import { type PipelineProgress, pipelineProgressQuery } from '../src/contract/pipeline-progress';
import type { PipelineResult, ScheduleResult } from '../src/contract/pipeline-result';
import { isTemporalSchedule } from '../src/contract/pipeline-schedule';
import { describeSchemaDrift, type SchemaDrift } from '../src/contract/schema-changes';
import { connectionSearchAttributes } from '../src/contract/search-attribute-keys';
import type { ListedStreams } from '../src/contract/selected-stream';
import type { SyncOptions } from '../src/contract/sync-options';
import type { SyncConnectionResult } from '../src/contract/sync-result';
import { pipelineDetails } from '../src/details/run-details';
import { pageOf } from '../src/details/static-details';
import { airbyteCalls } from './activity-options';
import { type CheckableActor, checkActor } from './actor-check';
import { describeFailure, parseInput, toWorkflowFailure } from './failures';
import { recordInMemo } from './object-memo';
import { waitForAllSteps } from './parallel-steps';
import { startSyncChild } from './sync-child';

/** How long an Airbyte that is out of reach is waited for, at each step before the sync. */
const STEP_MS = 15 * 60_000;

/**
 * Brings a pipeline document about and syncs it: workspace → definitions → source and destination → both checks →
 * discovery → connection → sync. What exists is found by its name; a second run of one document creates nothing. A check
 * that this Airbyte does not have (its public API has none) is left out with a note. A schedule by Temporal is brought
 * about after the connection; one that the document no longer has is deleted.
 *
 * Fails with `AirbyteCheckFailed`, `InvalidInput`, `AirbyteConflict` (two of a name; a schema that has changed where the
 * document says `schemaChanges: fail`), or what `syncConnection` fails with.
 */
export async function runPipeline(input: PipelineDocumentInput, ...others: undefined[]): Promise<PipelineResult> {
  const document = parseInput(pipelineDocumentSchema(), input, others);
  const created = { source: false, destination: false, connection: false };
  const progress: PipelineProgress = { name: document.name, phase: 'workspace', created, notes: [] };
  setHandler(pipelineProgressQuery, () => progress, { description: 'How the pipeline stands: step, ids, streams.' });
  const airbyte = (purpose: string) => airbyteCalls(STEP_MS, purpose);
  let step: PipelineStepName = 'workspace';
  let webappUrl: string | undefined;

  try {
    begin('workspace');
    const workspaceId = await findWorkspace();
    const definitions = await findDefinitions(workspaceId);
    const { source, destination } = await applyActors(workspaceId, definitions);
    await checkActors(source, destination);
    const discovered = await discoverStreams(source.actorId);
    const applied = await applyConnection(workspaceId, source.actorId, destination.actorId);
    const { connectionId } = applied;
    const schedule = await applySchedule(applied, workspaceId);
    const sync = document.sync === false ? null : await runSyncChild(applied, workspaceId, document.sync);
    show({ phase: 'done', sync });
    const ids = { workspaceId, sourceId: source.actorId, destinationId: destination.actorId, connectionId };
    return { ...ids, created, ...discovered, schedule, sync };
  } catch (error) {
    const end = toWorkflowFailure(error);
    show({ failedStep: step, ...describeFailure(end) });
    throw end;
  }

  /** Begins a step. */
  function begin(next: PipelineStepName): void {
    step = next;
    show({ phase: next });
  }

  /** Takes in how the pipeline stands; the UI shows it on the workflow's page. */
  function show(change: Partial<PipelineProgress>): void {
    Object.assign(progress, change);
    setCurrentDetails(pipelineDetails(progress, workflowInfo()));
  }

  async function findWorkspace(): Promise<string> {
    const wanted = document.workspace === undefined ? {} : { workspace: document.workspace };
    const found = await airbyte(`Find the workspace ${document.workspace ?? ''}`).findWorkspace(wanted);
    webappUrl = found.webappUrl;
    show({ workspaceId: found.workspaceId });
    return found.workspaceId;
  }

  async function findDefinitions(workspaceId: string) {
    begin('definitions');
    const wanted = (kind: 'source' | 'destination') => ({ workspaceId, definition: document[kind].definition });
    const finding = (kind: 'source' | 'destination') =>
      airbyte(`Find the ${kind} definition ${document[kind].definition}`);
    const lookUps = [
      finding('source').findSourceDefinition(wanted('source')),
      finding('destination').findDestinationDefinition(wanted('destination')),
    ] as const;
    const [source, destination] = await waitForAllSteps(lookUps, 'both-definitions-end');
    return { source: source.definitionId, destination: destination.definitionId };
  }

  /** `the source shop` */
  function named(kind: 'source' | 'destination'): string {
    return `the ${kind} ${document[kind].name}`;
  }

  /** What the document wants of the source and of the destination, as the activities take it. */
  function desiredActors(workspaceId: string, definitions: { source: string; destination: string }) {
    const wanted = (kind: 'source' | 'destination') => {
      const { name, configuration } = document[kind];
      return { pipeline: document.name, workspaceId, name, definitionId: definitions[kind], configuration };
    };
    return { source: wanted('source'), destination: wanted('destination') };
  }

  async function applyActors(workspaceId: string, definitions: { source: string; destination: string }) {
    begin('actors');
    const wanted = desiredActors(workspaceId, definitions);
    const applied = (kind: 'source' | 'destination') => (actor: AppliedActor) => {
      created[kind] = actor.created;
      show(kind === 'source' ? { sourceId: actor.actorId } : { destinationId: actor.actorId });
      for (const text of actor.notes ?? []) tell(text);
      recordInMemo(kind, { name: wanted[kind].name, id: actor.actorId, created: created[kind], unkept: actor.unkept });
      return actor;
    };
    const both = [
      airbyte(`Set up ${named('source')}`)
        .applySource(wanted.source)
        .then(applied('source')),
      airbyte(`Set up ${named('destination')}`)
        .applyDestination(wanted.destination)
        .then(applied('destination')),
    ] as const;
    // What one of them creates is noted also when the other one fails.
    const [source, destination] = await waitForAllSteps(both);
    const again = (kind: 'source' | 'destination') => airbyte(`Send the configuration of ${named(kind)} again`);
    const update = true;
    return {
      source: { ...source, update: () => again('source').applySource({ ...wanted.source, update }) },
      destination: {
        ...destination,
        update: () => again('destination').applyDestination({ ...wanted.destination, update }),
      },
    };
  }

  async function checkActors(source: UpdatableActor, destination: UpdatableActor): Promise<void> {
    begin('check');
    const writtenOf = (kind: 'source' | 'destination') => ({ configuration: document[kind].configuration });
    const checking = (kind: 'source' | 'destination') => airbyte(`Check ${named(kind)}`);
    const check = {
      source: () => checking('source').checkSource({ sourceId: source.actorId, ...writtenOf('source') }),
      destination: () =>
        checking('destination').checkDestination({ destinationId: destination.actorId, ...writtenOf('destination') }),
    };
    const checked = async (kind: 'source' | 'destination', actor: UpdatableActor) => {
      const { configuration } = document[kind];
      if (!(await checkActor({ ...actor, configuration, check: check[kind] }))) noteSkippedCheck(kind, actor);
    };
    await waitForAllSteps([checked('source', source), checked('destination', destination)], 'both-checks-end');
  }

  function noteSkippedCheck(kind: 'source' | 'destination', { actorId }: AppliedActor): void {
    const text = `The ${kind} was not checked: this Airbyte has no call for it.`;
    show({ notes: [...progress.notes, text] });
    log.info(text, { actorId });
  }

  async function discoverStreams(sourceId: string): Promise<ListedStreams> {
    begin('discovery');
    const discovering = airbyte(`Discover the streams of ${named('source')}`);
    const found = await discovering.discoverSchema({ sourceId, streams: document.connection.streams });
    const discovered = Array.isArray(found) ? { streams: found } : found;
    show(discovered);
    return discovered;
  }

  async function applyConnection(
    workspaceId: string,
    sourceId: string,
    destinationId: string,
  ): Promise<AppliedConnection> {
    begin('connection');
    const { connection, sync } = document;
    // A sync that attaches need not know who has started the job that runs.
    const tellsFirstSync = sync !== false && sync.onRunning !== 'attach';
    const wanted = { workspaceId, sourceId, destinationId, connection, tellsFirstSync };
    const applying = airbyte(`Set up the connection ${connection.name}`);
    const applied = await applying.applyConnection(wanted);
    const { connectionId } = applied;
    const connectionUrl = pageOf({ connectionId, workspaceId, webappUrl });
    created.connection = applied.created;
    if (applied.schemaDrift) noteDrift(applied.schemaDrift);
    for (const text of applied.notes ?? []) tell(text);
    show({ connectionId, ...(connectionUrl !== undefined && { connectionUrl }) });
    recordInMemo('connection', { ...applied, name: connection.name, id: connectionId });
    upsertSearchAttributes(connectionSearchAttributes({ connectionId, name: connection.name, workspaceId }));
    return applied;
  }

  /** The connection has its schedule in Airbyte already; one in Temporal is brought about beside it. */
  async function applySchedule(applied: AppliedConnection, workspaceId: string): Promise<ScheduleResult> {
    const { name, status, schedule } = document.connection;
    const { connectionId, created: isNew, updated, removedSchedule } = applied;
    if (isTemporalSchedule(schedule)) {
      const { scheduleId, outcome } = await airbyte(`Set up the schedule of ${name}`).applySchedule({
        ...{ pipeline: document.name, connectionId, connectionName: name, workspaceId, schedule },
        active: status === 'active',
        taskQueue: workflowInfo().taskQueue,
      });
      return shown({ by: 'temporal', outcome, scheduleId });
    }
    const outcome = isNew ? 'created' : updated.includes('schedule') ? 'updated' : 'unchanged';
    const removed = removedSchedule === undefined ? {} : { removed: removedSchedule };
    return shown({ by: schedule === 'manual' ? 'nobody' : 'airbyte', outcome, ...removed });

    function shown(result: ScheduleResult): ScheduleResult {
      show({ schedule: result });
      return result;
    }
  }

  function noteDrift(drift: SchemaDrift): void {
    const policy = document.connection.schemaChanges;
    const text = `The source's schema has changed since the connection was set up (schemaChanges: ${policy}): ${describeSchemaDrift(drift)}.`;
    tell(text);
  }

  function tell(text: string): void {
    progress.notes.push(text);
    log.info(text);
  }

  /** Syncs as a workflow of its own, which others find by the connection and can cancel on its own. */
  async function runSyncChild(
    { connectionId, airbyteSyncs = false }: AppliedConnection,
    workspaceId: string,
    options: SyncOptions,
  ): Promise<SyncConnectionResult> {
    begin('sync');
    // The sync that Airbyte starts by a new schedule is the one that this run is about, whatever onRunning says of others.
    const child = await startSyncChild(
      { connectionId, ...options, ...(airbyteSyncs && { onRunning: 'attach' }) },
      { workspaceId, webappUrl, connectionName: document.connection.name },
    );
    show({ syncWorkflowId: child.workflowId });
    return child.result();
  }
}

type UpdatableActor = Omit<CheckableActor, 'configuration' | 'check'>;
