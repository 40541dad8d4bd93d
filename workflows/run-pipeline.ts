import {
  log,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ActorToPlan, AppliedActor } from '../src/contract/actor';
import type { AppliedConnection } from '../src/contract/connection';
import type { MemoKey, ObjectMemo } from '../src/contract/object-memo';
import {
  type PipelineDocument,
  type PipelineDocumentInput,
  pipelineDocumentSchema,
} from '../src/contract/pipeline-document';
import { type PipelineProgress, type PipelineStepName, pipelineProgressQuery } from '../src/contract/pipeline-progress';
import type { PipelineResult, ScheduleResult } from '../src/contract/pipeline-result';
import { isTemporalSchedule } from '../src/contract/pipeline-schedule';
import { describeSchemaDrift } from '../src/contract/schema-changes';
import { connectionSearchAttributes } from '../src/contract/search-attribute-keys';
import type { ListedStreams } from '../src/contract/selected-stream';
import type { SyncConnectionResult } from '../src/contract/sync-result';
import { pipelineDetails } from '../src/details/run-details';
import { pageOf } from '../src/details/static-details';
import { airbyteCalls } from './activity-options';
import { describeFailure, parseInput, toWorkflowFailure } from './failures';
import { waitForAllSteps } from './parallel-steps';
import { type ActorKind, PipelineActor } from './pipeline-actor';
import { startSyncChild } from './sync-child';

/** How long each step before the sync is retried while Airbyte is out of reach. */
const STEP_MS = 15 * 60_000;

/**
 * Applies a pipeline document and syncs its connection: workspace → definitions → source and destination → both checks →
 * discovery → connection → schedule → sync. Each object is found by its name and created where there is none, so a second
 * run of one document creates nothing. A check that this Airbyte does not have (its public API has none) is skipped with a
 * note. A schedule by Temporal is set up after the connection; one that the document no longer has is deleted.
 *
 * Fails with `AirbyteCheckFailed`, `InvalidInput`, `AirbyteConflict` (two objects with one name; a schema that has changed
 * where the document says `schemaChanges: fail`), or what `syncConnection` fails with.
 */
export async function runPipeline(input: PipelineDocumentInput, ...others: undefined[]): Promise<PipelineResult> {
  return new RunPipeline(input, others).run();
}

type BothActors<T> = Record<ActorKind, T>;

class RunPipeline {
  readonly #document: PipelineDocument;
  readonly #source: PipelineActor;
  readonly #destination: PipelineActor;
  /** What the query returns. */
  readonly #progress: PipelineProgress;
  #step: PipelineStepName = 'workspace';
  #webappUrl: string | undefined;

  constructor(input: PipelineDocumentInput, others: undefined[]) {
    this.#document = parseInput(pipelineDocumentSchema(), input, others);
    this.#source = new PipelineActor('source', this.#document, STEP_MS);
    this.#destination = new PipelineActor('destination', this.#document, STEP_MS);
    const created = { source: false, destination: false, connection: false };
    this.#progress = { name: this.#document.name, phase: 'workspace', created, notes: [] };
    const description = 'How the pipeline stands: step, ids, streams.';
    setHandler(pipelineProgressQuery, () => this.#progress, { description });
  }

  async run(): Promise<PipelineResult> {
    try {
      const workspaceId = await this.#findWorkspace();
      const desired = await this.#findDefinitions(workspaceId);
      const { source, destination } = await this.#applyActors(desired);
      await this.#checkActors({ source, destination }, desired);
      const streams = await this.#discoverStreams(source.actorId);
      const ids = { workspaceId, sourceId: source.actorId, destinationId: destination.actorId };
      const connection = await this.#applyConnection(ids);
      const schedule = await this.#applySchedule(connection, workspaceId);
      const sync = await this.#sync(connection, workspaceId);
      this.#update({ phase: 'done', sync });
      const { connectionId } = connection;
      return { ...ids, connectionId, created: this.#progress.created, ...streams, schedule, sync };
    } catch (error) {
      const end = toWorkflowFailure(error);
      this.#update({ failedStep: this.#step, ...describeFailure(end) });
      throw end;
    }
  }

  async #findWorkspace(): Promise<string> {
    this.#begin('workspace');
    const { workspace } = this.#document;
    const { findWorkspace } = this.#airbyte(`Find the workspace ${workspace ?? ''}`);
    const { workspaceId, webappUrl } = await findWorkspace(workspace === undefined ? {} : { workspace });
    this.#webappUrl = webappUrl;
    this.#update({ workspaceId });
    return workspaceId;
  }

  /** Finds both definitions, and returns what the document asks for of both actors. */
  async #findDefinitions(workspaceId: string): Promise<BothActors<ActorToPlan>> {
    this.#begin('definitions');
    const finding = [this.#source.findDefinition(workspaceId), this.#destination.findDefinition(workspaceId)] as const;
    const [source, destination] = await waitForAllSteps(finding, 'both-definitions-end');
    return { source, destination };
  }

  /** Waits for both actors also when one of them fails, so that the memo has what the other one has created. */
  async #applyActors(desired: BothActors<ActorToPlan>): Promise<BothActors<AppliedActor>> {
    this.#begin('actors');
    const applying = [
      this.#applyActor(this.#source, desired.source),
      this.#applyActor(this.#destination, desired.destination),
    ] as const;
    const [source, destination] = await waitForAllSteps(applying);
    return { source, destination };
  }

  async #applyActor(actor: PipelineActor, desired: ActorToPlan): Promise<AppliedActor> {
    const applied = await actor.apply(desired);
    const { actorId, created, unkept, notes = [] } = applied;
    this.#progress.created[actor.kind] = created;
    this.#update(actor.kind === 'source' ? { sourceId: actorId } : { destinationId: actorId });
    for (const note of notes) this.#addNote(note);
    recordInMemo(actor.kind, { name: desired.name, id: actorId, created, unkept });
    return applied;
  }

  async #checkActors(applied: BothActors<AppliedActor>, desired: BothActors<ActorToPlan>): Promise<void> {
    this.#begin('check');
    const checkActor = async (actor: PipelineActor) => {
      const { kind } = actor;
      if (await actor.check(applied[kind], desired[kind])) return;
      const { actorId } = applied[kind];
      this.#addNote(`The ${kind} was not checked: this Airbyte has no call for it.`, { actorId });
    };
    await waitForAllSteps([checkActor(this.#source), checkActor(this.#destination)], 'both-checks-end');
  }

  async #discoverStreams(sourceId: string): Promise<ListedStreams> {
    this.#begin('discovery');
    const { discoverSchema } = this.#airbyte(`Discover the streams of ${this.#source.label}`);
    const found = await discoverSchema({ sourceId, streams: this.#document.connection.streams });
    const streams = Array.isArray(found) ? { streams: found } : found;
    this.#update(streams);
    return streams;
  }

  async #applyConnection(
    ids: Pick<PipelineResult, 'workspaceId' | 'sourceId' | 'destinationId'>,
  ): Promise<AppliedConnection> {
    this.#begin('connection');
    const { connection, sync } = this.#document;
    const { name, schemaChanges } = connection;
    // A sync that attaches does not need to know who has started the running job.
    const tellsFirstSync = sync !== false && sync.onRunning !== 'attach';
    const { applyConnection } = this.#airbyte(`Set up the connection ${name}`);
    const applied = await applyConnection({ ...ids, connection, tellsFirstSync });
    const { connectionId, created, schemaDrift, notes = [] } = applied;
    const { workspaceId } = ids;
    this.#progress.created.connection = created;
    if (schemaDrift) {
      const changed = `The source's schema has changed since the connection was set up (schemaChanges: ${schemaChanges})`;
      this.#addNote(`${changed}: ${describeSchemaDrift(schemaDrift)}.`);
    }
    for (const note of notes) this.#addNote(note);
    const connectionUrl = pageOf({ connectionId, workspaceId, webappUrl: this.#webappUrl });
    this.#update({ connectionId, ...(connectionUrl !== undefined && { connectionUrl }) });
    recordInMemo('connection', { ...applied, name, id: connectionId });
    upsertSearchAttributes(connectionSearchAttributes({ connectionId, name, workspaceId }));
    return applied;
  }

  /** Sets up a schedule in Temporal; one of Airbyte's has been set up with the connection. */
  async #applySchedule(applied: AppliedConnection, workspaceId: string): Promise<ScheduleResult> {
    const result = await this.#setUpSchedule(applied, workspaceId);
    this.#update({ schedule: result });
    return result;
  }

  async #setUpSchedule(applied: AppliedConnection, workspaceId: string): Promise<ScheduleResult> {
    const { name, status, schedule } = this.#document.connection;
    const { connectionId, created, updated, removedSchedule } = applied;
    if (isTemporalSchedule(schedule)) {
      const { scheduleId, outcome } = await this.#airbyte(`Set up the schedule of ${name}`).applySchedule({
        ...{ pipeline: this.#document.name, connectionId, connectionName: name, workspaceId, schedule },
        active: status === 'active',
        taskQueue: workflowInfo().taskQueue,
      });
      return { by: 'temporal', outcome, scheduleId };
    }
    const outcome = created ? 'created' : updated.includes('schedule') ? 'updated' : 'unchanged';
    const removed = removedSchedule === undefined ? {} : { removed: removedSchedule };
    return { by: schedule === 'manual' ? 'nobody' : 'airbyte', outcome, ...removed };
  }

  /** Syncs in a child workflow, which is found by the connection and can be cancelled on its own. */
  async #sync(
    { connectionId, airbyteSyncs = false }: AppliedConnection,
    workspaceId: string,
  ): Promise<SyncConnectionResult | null> {
    const { sync, connection } = this.#document;
    if (sync === false) return null;
    this.#begin('sync');
    // A sync that Airbyte starts by its new schedule is the sync of this run, so it is shared whatever `onRunning` says.
    const child = await startSyncChild(
      { connectionId, ...sync, ...(airbyteSyncs && { onRunning: 'attach' }) },
      { workspaceId, webappUrl: this.#webappUrl, connectionName: connection.name },
    );
    this.#update({ syncWorkflowId: child.workflowId });
    return child.result();
  }

  #begin(step: PipelineStepName): void {
    this.#step = step;
    this.#update({ phase: step });
  }

  #addNote(note: string, logAttributes?: Record<string, unknown>): void {
    this.#update({ notes: [...this.#progress.notes, note] });
    log.info(note, logAttributes);
  }

  /** Changes the progress, and the details that the UI shows on the workflow's page. */
  #update(change: Partial<PipelineProgress>): void {
    Object.assign(this.#progress, change);
    setCurrentDetails(pipelineDetails(this.#progress, workflowInfo()));
  }

  #airbyte(purpose: string) {
    return airbyteCalls(STEP_MS, purpose);
  }
}

/** What a run has done about one object of its document. */
interface AppliedObject {
  name: string;
  id: string;
  created: boolean;
  airbyteSyncs?: boolean | undefined;
  unkept?: string[] | undefined;
}

/** Records an object in the memo, where operators and later runs of the pipeline find it, also when this run fails. */
function recordInMemo(kind: MemoKey, { name, id, created, airbyteSyncs, unkept }: AppliedObject): void {
  const memo: ObjectMemo = {
    ...{ name, id },
    ...(created && { created }),
    ...(airbyteSyncs && { airbyteSyncs }),
    ...(unkept && { unkept }),
  };
  upsertMemo({ [kind]: memo });
}
