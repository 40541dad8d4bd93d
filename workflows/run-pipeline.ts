import { patched, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ActorToPlan, AppliedActor, PlannedActor } from '../src/contract/actor';
import type { AppliedConnection, ConnectionToPlan, PreparedConnection } from '../src/contract/connection';
import type { MemoKey } from '../src/contract/object-memo';
import {
  type PipelineDocument,
  type PipelineDocumentInput,
  pipelineDocumentSchema,
} from '../src/contract/pipeline-document';
import { describeManaged, type PlannedObject } from '../src/contract/pipeline-plan';
import { pipelineProgressQuery } from '../src/contract/pipeline-progress';
import type { PipelineResult, ScheduleResult } from '../src/contract/pipeline-result';
import { isTemporalSchedule } from '../src/contract/pipeline-schedule';
import { connectionSearchAttributes } from '../src/contract/search-attribute-keys';
import type { ListedStreams } from '../src/contract/selected-stream';
import type { SyncConnectionResult } from '../src/contract/sync-result';
import { pageOf } from '../src/details/static-details';
import { airbyteCalls } from './activity-options';
import { failure, parseInput, toWorkflowFailure } from './failures';
import { waitForAllSteps } from './parallel-steps';
import { type ActorKind, type CheckedActor, PipelineActor } from './pipeline-actor';
import { PipelineRecord } from './pipeline-record';
import { startSyncChild } from './sync-child';

/** How long each step before the sync is retried while Airbyte is out of reach. */
const STEP_MS = 15 * 60_000;

/**
 * Applies a pipeline document and syncs its connection: workspace → definitions → checks of both configurations → discovery →
 * source and destination → connection → schedule → sync. Each object is found by its name and created where there is none, so
 * a second run of one document creates nothing. Nothing is changed in Airbyte before the checks have passed and the streams are
 * known. What this Airbyte checks only once it is saved, or not at all (its public API checks nothing), has a note. A schedule
 * by Temporal is set up after the connection; one that the document no longer has is deleted.
 *
 * Fails with `AirbyteCheckFailed`, `InvalidInput`, `AirbyteConflict` (two objects with one name; an object that another pipeline
 * manages, unless the document says `takeOver`; a schema that has changed where it says `schemaChanges: fail`), or what
 * `syncConnection` fails with.
 */
export async function runPipeline(input: PipelineDocumentInput, ...others: undefined[]): Promise<PipelineResult> {
  return new RunPipeline(input, others).run();
}

type BothActors<T> = Record<ActorKind, T>;

/** The ids of a pipeline's objects, as its result has them. */
type PipelineIds = Pick<PipelineResult, 'workspaceId' | 'sourceId' | 'destinationId'>;

/** A pipeline whose connection is in place. */
interface AppliedPipeline {
  ids: PipelineIds;
  streams: ListedStreams;
  connection: AppliedConnection;
}

class RunPipeline {
  readonly #document: PipelineDocument;
  readonly #source: PipelineActor;
  readonly #destination: PipelineActor;
  readonly #record: PipelineRecord;
  #webappUrl: string | undefined;

  constructor(input: PipelineDocumentInput, others: undefined[]) {
    this.#document = parseInput(pipelineDocumentSchema(), input, others);
    this.#source = new PipelineActor('source', this.#document, STEP_MS);
    this.#destination = new PipelineActor('destination', this.#document, STEP_MS);
    this.#record = new PipelineRecord(this.#document);
    const description = 'How the pipeline stands: step, ids, streams.';
    setHandler(pipelineProgressQuery, () => this.#record.progress, { description });
  }

  async run(): Promise<PipelineResult> {
    try {
      const { ids, streams, connection, schedule } = await this.#apply();
      const sync = await this.#sync(connection, ids.workspaceId);
      this.#record.update({ phase: 'done', sync });
      const { connectionId } = connection;
      const { applied, progress } = this.#record;
      return { ...ids, connectionId, created: progress.created, applied, ...streams, schedule, sync };
    } catch (error) {
      const end = toWorkflowFailure(error);
      this.#record.fail(end);
      throw end;
    }
  }

  /** Does everything before the sync. Its failure says what the run has changed until then. */
  async #apply(): Promise<AppliedPipeline & { schedule: ScheduleResult }> {
    try {
      const workspaceId = await this.#findWorkspace();
      const desired = await this.#findDefinitions(workspaceId);
      const applied = patched('checks-before-it-changes')
        ? await this.#checkThenApply(workspaceId, desired)
        : await this.#applyThenCheck(workspaceId, desired);
      return { ...applied, schedule: await this.#applySchedule(applied.connection, workspaceId) };
    } catch (error) {
      throw this.#record.withChanges(error);
    }
  }

  async #findWorkspace(): Promise<string> {
    this.#record.begin('workspace');
    const { workspace } = this.#document;
    const { findWorkspace } = this.#airbyte(`Find the workspace ${workspace ?? ''}`);
    const { workspaceId, webappUrl } = await findWorkspace(workspace === undefined ? {} : { workspace });
    this.#webappUrl = webappUrl;
    this.#record.update({ workspaceId });
    return workspaceId;
  }

  /** Finds both definitions, and returns what the document asks for of both actors. */
  async #findDefinitions(workspaceId: string): Promise<BothActors<ActorToPlan>> {
    this.#record.begin('definitions');
    const finding = [this.#source.findDefinition(workspaceId), this.#destination.findDefinition(workspaceId)] as const;
    const [source, destination] = await waitForAllSteps(finding, 'both-definitions-end');
    return { source, destination };
  }

  /**
   * Checks both configurations, the streams and the connection before it changes anything in Airbyte, so that a run that fails
   * for one of them has changed nothing.
   */
  async #checkThenApply(workspaceId: string, desired: BothActors<ActorToPlan>): Promise<AppliedPipeline> {
    const planned = await this.#planActors(desired);
    const checked = await this.#checkActors(planned, desired);
    const { source, destination } = planned;
    const found = { workspaceId, sourceId: source.id, destinationId: destination.id };
    // A source that was not checked may not be readable before its secrets are sent again.
    const sourceChanges = source.action === 'change' || checked.source.resends || !checked.source.isChecked;
    const before = await this.#prepareConnection({ ...found, sourceChanges }, desired.source);
    const applied = await this.#applyActors(checked, desired);
    const ids = { workspaceId, sourceId: applied.source.actorId, destinationId: applied.destination.actorId };
    const prepared = before.selected
      ? before
      : await this.#prepareConnection({ ...ids, sourceChanges: false }, desired.source);
    const connection = await this.#applyConnection(ids, prepared);
    return { ids, streams: prepared.selected ?? { streams: [] }, connection };
  }

  async #planActors(desired: BothActors<ActorToPlan>): Promise<BothActors<PlannedActor>> {
    this.#record.begin('check');
    const planning = [this.#source.plan(desired.source), this.#destination.plan(desired.destination)] as const;
    const [source, destination] = await waitForAllSteps(planning);
    this.#requireOwn('source', source);
    this.#requireOwn('destination', destination);
    return { source, destination };
  }

  /**
   * @throws ApplicationFailure `AirbyteConflict` if the run would change an object that another pipeline manages, and the document
   *   does not say that it takes it over
   */
  #requireOwn(kind: MemoKey, object: PlannedObject): void {
    const { managedBy, name } = object;
    if (managedBy === undefined) return;
    if (this.#document.takeOver !== true) {
      throw failure('AirbyteConflict', describeManaged(kind, object), { managedBy });
    }
    this.#record.addNote(`Takes over the ${kind} '${name}' from the pipeline '${managedBy}'.`);
  }

  async #checkActors(
    planned: BothActors<PlannedActor>,
    desired: BothActors<ActorToPlan>,
  ): Promise<BothActors<CheckedActor>> {
    const checking = [
      this.#source.checkBeforeApply(planned.source, desired.source),
      this.#destination.checkBeforeApply(planned.destination, desired.destination),
    ] as const;
    const [source, destination] = await waitForAllSteps(checking);
    return { source, destination };
  }

  async #prepareConnection(
    found: Pick<ConnectionToPlan, 'workspaceId' | 'sourceId' | 'destinationId' | 'sourceChanges'>,
    { name, definitionId, configuration }: ActorToPlan,
  ): Promise<PreparedConnection> {
    this.#record.begin('discovery');
    const { name: pipeline, connection } = this.#document;
    const { prepareConnection } = this.#airbyte(`Discover the streams of ${this.#source.label}`);
    const source = { name, definitionId, configuration };
    const prepared = await prepareConnection({ ...found, pipeline, connection, source });
    if (prepared.selected) this.#record.update(prepared.selected);
    this.#requireOwn('connection', prepared.planned);
    return prepared;
  }

  /** Waits for both actors also when one of them fails, so that the memo has what the other one has created. */
  async #applyActors(
    checked: BothActors<CheckedActor>,
    desired: BothActors<ActorToPlan>,
  ): Promise<BothActors<AppliedActor>> {
    this.#record.begin('actors');
    const applyActor = async (actor: PipelineActor): Promise<AppliedActor> => {
      const { kind } = actor;
      const { planned, isChecked: wasChecked } = checked[kind];
      const applying = actor.applyChecked(checked[kind], desired[kind], (saved) =>
        this.#record.actor(kind, { applied: saved, planned }),
      );
      const { applied, isChecked } = await this.#record.ifFailed(kind, applying, planned);
      this.#record.actor(kind, { applied, planned, isChecked });
      const wasSavedUnchecked = !wasChecked && planned.action !== 'leave';
      if (!isChecked || wasSavedUnchecked) this.#record.uncheckedActor(kind, applied, isChecked);
      return applied;
    };
    const [source, destination] = await waitForAllSteps([applyActor(this.#source), applyActor(this.#destination)]);
    return { source, destination };
  }

  /** The order of runs that an earlier release has started: they changed first, and checked afterwards. */
  async #applyThenCheck(workspaceId: string, desired: BothActors<ActorToPlan>): Promise<AppliedPipeline> {
    this.#record.begin('actors');
    const applyActor = async (actor: PipelineActor): Promise<AppliedActor> => {
      const applied = await actor.apply(desired[actor.kind]);
      this.#record.actor(actor.kind, { applied });
      return applied;
    };
    const [source, destination] = await waitForAllSteps([applyActor(this.#source), applyActor(this.#destination)]);
    this.#record.begin('check');
    const checkActor = async (actor: PipelineActor, applied: AppliedActor): Promise<void> => {
      const { isChecked } = await actor.check(applied, desired[actor.kind]);
      if (!isChecked) this.#record.uncheckedActor(actor.kind, applied, isChecked);
    };
    const checking = [checkActor(this.#source, source), checkActor(this.#destination, destination)] as const;
    await waitForAllSteps(checking, 'both-checks-end');
    this.#record.begin('discovery');
    const { discoverSchema } = this.#airbyte(`Discover the streams of ${this.#source.label}`);
    const found = await discoverSchema({ sourceId: source.actorId, streams: this.#document.connection.streams });
    const streams = Array.isArray(found) ? { streams: found } : found;
    this.#record.update(streams);
    const ids = { workspaceId, sourceId: source.actorId, destinationId: destination.actorId };
    return { ids, streams, connection: await this.#applyConnection(ids) };
  }

  /** @param prepared what was planned; left out in runs that planned nothing */
  async #applyConnection(ids: PipelineIds, prepared?: PreparedConnection): Promise<AppliedConnection> {
    this.#record.begin('connection');
    const { connection, sync } = this.#document;
    const { name } = connection;
    // A sync that attaches does not need to know who has started the running job.
    const tellsFirstSync = sync !== false && sync.onRunning !== 'attach';
    const { applyConnection } = this.#airbyte(`Set up the connection ${name}`);
    const applying = applyConnection({ ...ids, connection, tellsFirstSync });
    const applied = await this.#record.ifFailed('connection', applying, prepared?.planned);
    const { connectionId } = applied;
    const { workspaceId } = ids;
    this.#record.connection(applied, prepared, pageOf({ connectionId, workspaceId, webappUrl: this.#webappUrl }));
    upsertSearchAttributes(connectionSearchAttributes({ connectionId, name, workspaceId }));
    return applied;
  }

  /** Sets up a schedule in Temporal; one of Airbyte's has been set up with the connection. */
  async #applySchedule(applied: AppliedConnection, workspaceId: string): Promise<ScheduleResult> {
    const result = await this.#setUpSchedule(applied, workspaceId);
    this.#record.update({ schedule: result });
    return result;
  }

  async #setUpSchedule(applied: AppliedConnection, workspaceId: string): Promise<ScheduleResult> {
    const { name, status, schedule } = this.#document.connection;
    const { connectionId, created, updated, removedSchedule } = applied;
    if (isTemporalSchedule(schedule)) {
      const inTemporal = await this.#airbyte(`Set up the schedule of ${name}`).applySchedule({
        ...{ pipeline: this.#document.name, connectionId, connectionName: name, workspaceId, schedule },
        active: status === 'active',
        taskQueue: workflowInfo().taskQueue,
      });
      this.#record.schedule(inTemporal);
      const { scheduleId, outcome } = inTemporal;
      return { by: 'temporal', outcome, scheduleId };
    }
    const outcome = created ? 'created' : updated.includes('schedule') ? 'updated' : 'unchanged';
    if (removedSchedule !== undefined) this.#record.removedSchedule(removedSchedule);
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
    this.#record.begin('sync');
    // A sync that Airbyte starts by its new schedule is the sync of this run, so it is shared whatever `onRunning` says.
    const child = await startSyncChild(
      { connectionId, ...sync, ...(airbyteSyncs && { onRunning: 'attach' }) },
      { workspaceId, webappUrl: this.#webappUrl, connectionName: connection.name },
    );
    this.#record.update({ syncWorkflowId: child.workflowId });
    return child.result();
  }

  #airbyte(purpose: string) {
    return airbyteCalls(STEP_MS, purpose);
  }
}
