import { isCancellation, log, setCurrentDetails, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { AppliedActor, PlannedActor } from '../src/contract/actor';
import type { AppliedSchedule } from '../src/contract/applied-schedule';
import type { AppliedConnection, PreparedConnection } from '../src/contract/connection';
import type { MemoKey, NotedAgain, ObjectMemo } from '../src/contract/object-memo';
import type { PipelineDocument } from '../src/contract/pipeline-document';
import {
  countChanges,
  type FieldChange,
  type PipelineChanges,
  type PlannedObject,
  type PlannedSchedule,
} from '../src/contract/pipeline-plan';
import type { PipelineProgress, PipelineStepName } from '../src/contract/pipeline-progress';
import { describeSchemaDrift } from '../src/contract/schema-changes';
import { pipelineDetails } from '../src/details/run-details';
import { formatNames } from '../src/text/formatting';
import { describeFailure, mayHaveHadEffect, removedScheduleOf, withContext } from './failures';
import type { ActorKind } from './pipeline-actor';

const NO_CHECKS = 'this Airbyte has no call for it';

/** The change of a secret, of which Airbyte shows nothing. */
const CHANGED_SECRETS: FieldChange = { field: 'configuration', from: 'the saved secrets', to: 'the present secrets' };

/** What a run knows of an actor that it has applied. */
interface RecordedActor {
  applied: AppliedActor;
  /** What was planned; left out in runs that planned nothing. */
  planned?: PlannedActor;
  /** Whether this Airbyte has checked it. */
  isChecked?: boolean;
}

/** What a run of a pipeline has done: its progress, the details that the UI shows, its memo. */
export class PipelineRecord {
  readonly #document: PipelineDocument;
  /** The objects of which it is unknown whether the run has changed them. */
  readonly #doubtful: string[] = [];
  /** What the query returns. */
  readonly progress: PipelineProgress;
  #step: PipelineStepName = 'workspace';

  constructor(document: PipelineDocument) {
    this.#document = document;
    const { name, sync } = document;
    const created = { source: false, destination: false, connection: false };
    this.progress = { name, phase: 'workspace', created, notes: [], ...(sync === false && { sync: null }) };
  }

  begin(step: PipelineStepName): void {
    this.#step = step;
    this.update({ phase: step });
  }

  /** Changes the progress, and the details that the UI shows on the workflow's page. */
  update(change: Partial<PipelineProgress>): void {
    Object.assign(this.progress, change);
    setCurrentDetails(pipelineDetails(this.progress, workflowInfo()));
  }

  /** Adds a note, unless the run has it already. */
  addNote(note: string, logAttributes?: Record<string, unknown>): void {
    if (this.progress.notes.includes(note)) return;
    this.update({ notes: [...this.progress.notes, note] });
    log.info(note, logAttributes);
  }

  fail(end: unknown): void {
    this.update({ failedStep: this.#step, ...describeFailure(end) });
  }

  actor(kind: ActorKind, { applied, planned, isChecked = true }: RecordedActor): void {
    const { actorId, created, unkept, notes = [] } = applied;
    const { name } = this.#document[kind];
    const wasLeft = planned?.action === 'leave';
    // Without a check nothing shows whether a secret has changed.
    const isSentUnseen = wasLeft && applied.updated && !isChecked;
    const action = created ? 'create' : applied.updated && !isSentUnseen ? 'change' : 'leave';
    const changes = wasLeft && action === 'change' ? [CHANGED_SECRETS] : (planned?.changes ?? []);
    this.progress.created[kind] = created;
    this.#addApplied({ [kind]: { action, name, id: actorId, changes } });
    this.update(kind === 'source' ? { sourceId: actorId } : { destinationId: actorId });
    for (const note of notes) this.addNote(note);
    if (isSentUnseen)
      this.addNote(`The secrets of the ${kind} were sent again, because nothing here shows a changed one.`);
    this.#recordInMemo(kind, { name, id: actorId, created, unkept, ...this.#changedAt(action, planned?.noted) });
  }

  /** Notes that an actor was saved before its check, or without one. */
  uncheckedActor(kind: ActorKind, { actorId }: AppliedActor, isChecked: boolean): void {
    const note = isChecked
      ? `The ${kind} could not be checked before it was saved: this Airbyte checks only what is saved.`
      : `The ${kind} was not checked: ${NO_CHECKS}.`;
    this.addNote(note, { actorId });
  }

  connection(applied: AppliedConnection, prepared: PreparedConnection | undefined, url: string | undefined): void {
    const { connectionId, created, updated, schemaDrift, notes = [] } = applied;
    const { name, schemaChanges } = this.#document.connection;
    const action = created ? 'create' : updated.length > 0 ? 'change' : 'leave';
    const { planned, noted } = prepared ?? {};
    this.progress.created.connection = created;
    this.#addApplied({
      connection: {
        ...{ action, name, id: connectionId, changes: planned?.changes ?? [], streams: planned?.streams ?? null },
        ...(planned?.moreStreams && { moreStreams: planned.moreStreams }),
      },
    });
    if (schemaDrift) {
      const changed = `The source's schema has changed since the connection was set up (schemaChanges: ${schemaChanges})`;
      this.addNote(`${changed}: ${describeSchemaDrift(schemaDrift)}.`);
    }
    for (const note of notes) this.addNote(note);
    this.update({ connectionId, ...(url !== undefined && { connectionUrl: url }) });
    this.#recordInMemo('connection', { ...applied, name, id: connectionId, ...this.#changedAt(action, noted) });
  }

  /** A schedule in Temporal that was set up. */
  schedule({ scheduleId, outcome, changes = [] }: AppliedSchedule): void {
    const action = ({ created: 'create', updated: 'change', unchanged: 'leave' } as const)[outcome];
    this.#addApplied({ schedule: { action, id: scheduleId, changes } });
  }

  /** A schedule in Temporal that was deleted. */
  removedSchedule(id: string): void {
    this.#addApplied({ schedule: { action: 'remove', id, changes: [] } });
  }

  /** What the run has done, once it has applied everything. */
  get applied(): PipelineChanges {
    const { source, destination, connection, schedule } = this.progress.applied ?? {};
    if (!source || !destination || !connection) throw new Error('The run has not applied its document');
    const changes = { source, destination, connection, ...(schedule && { schedule }) };
    return { ...changes, counts: countChanges(changes) };
  }

  /**
   * Waits for a step that changes an object. If the step fails, records what it may have changed.
   *
   * @param planned what the step was to do; left out in runs that planned nothing
   */
  async ifFailed<T>(kind: MemoKey, step: Promise<T>, planned?: PlannedObject): Promise<T> {
    try {
      return await step;
    } catch (error) {
      const removed = removedScheduleOf(error);
      if (removed !== undefined) this.removedSchedule(removed);
      const isKnown = planned?.action === 'leave' || this.progress.applied?.[kind] !== undefined;
      if (!isKnown && mayHaveHadEffect(error))
        this.#doubtful.push(
          `perhaps ${planned?.action === 'create' ? 'created' : 'changed'} the ${kind} '${this.#document[kind].name}'`,
        );
      throw error;
    }
  }

  /** Adds to the failure of a run what it has changed. A cancellation has no message for it, so it gets a note. */
  withChanges(error: unknown): unknown {
    const { schedule, ...objects } = this.progress.applied ?? {};
    const changed = [
      ...Object.entries(objects).flatMap(([kind, object]) => describeChanged(`the ${kind}`, object)),
      ...(schedule ? describeChanged('the schedule in Temporal', { ...schedule, name: schedule.id ?? '' }) : []),
      ...this.#doubtful,
    ];
    if (changed.length === 0) return error;
    const done = `after it had ${changed.join(', ')}, and put nothing back`;
    if (isCancellation(error)) this.addNote(`The run was cancelled ${done}.`);
    return withContext(`The run failed ${done}`, error);
  }

  #addApplied(applied: NonNullable<PipelineProgress['applied']>): void {
    this.progress.applied = { ...this.progress.applied, ...applied };
  }

  /** When the pipeline has last changed an object, for the memo. */
  #changedAt(action: PlannedObject['action'], noted: NotedAgain | undefined): Pick<ObjectMemo, 'changedAt'> {
    const isChanged = action !== 'leave' || this.#document.takeOver === true;
    const changedAt = isChanged ? new Date().toISOString() : noted?.changedAt;
    return changedAt === undefined ? {} : { changedAt };
  }

  /** Records an object in the memo, where operators and later runs of the pipeline find it, also when this run fails. */
  #recordInMemo(kind: MemoKey, { name, id, created, airbyteSyncs, unkept, changedAt }: AppliedObject): void {
    const memo: ObjectMemo = {
      ...{ name, id },
      ...(created && { created }),
      ...(airbyteSyncs && { airbyteSyncs }),
      ...(unkept && { unkept }),
      ...(changedAt !== undefined && { changedAt }),
    };
    upsertMemo({ [kind]: memo });
  }
}

const DONE = { create: 'created', change: 'changed', remove: 'deleted' } as const;

/** `created the source 'shop'`, `changed the destination 'lake' (configuration.s3_bucket_name)`; nothing for what was left. */
function describeChanged(
  what: string,
  { action, name, changes }: Pick<PlannedSchedule, 'action' | 'changes'> & { name: string },
): string[] {
  if (action === 'leave') return [];
  const fields =
    action === 'change' && changes.length > 0 ? ` (${formatNames(changes.map(({ field }) => field))})` : '';
  return [`${DONE[action]} ${what} '${name}'${fields}`];
}

/** What a run has done about one object of its document. */
interface AppliedObject {
  name: string;
  id: string;
  created: boolean;
  airbyteSyncs?: boolean | undefined;
  unkept?: string[] | undefined;
  changedAt?: string;
}
