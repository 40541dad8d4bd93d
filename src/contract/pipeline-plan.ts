/** The result of `planPipeline`: what applying a document would change. */
import type { MemoKey } from './object-memo';
import type { SchemaDrift } from './schema-changes';

/** The change of one field. Both values are masked where they contain a secret. */
export interface FieldChange {
  /** The field as the document names it: `configuration.host`, `schedule`. */
  field: string;
  /** Left out if the field had no value. */
  from?: unknown;
  to?: unknown;
}

/** What `apply` would do with a source, a destination or a connection. */
export interface PlannedObject {
  action: 'create' | 'change' | 'leave';
  name: string;
  /** Airbyte's id; null if `apply` would create the object. */
  id: string | null;
  changes: FieldChange[];
  /**
   * The name of another pipeline, which manages the object: `apply` changes it only with `takeOver`. Left out if no other
   * pipeline does, or if nothing would be changed.
   */
  managedBy?: string;
}

/** What `apply` would do with one stream of the connection. */
export interface PlannedStream {
  name: string;
  namespace?: string;
  action: 'add' | 'change' | 'leave' | 'remove';
  changes: FieldChange[];
}

export interface PlannedConnection extends PlannedObject {
  /**
   * Null if the source does not exist yet, or cannot be read before the document changes it: `apply` checks the streams after it has
   * created or changed the source.
   */
  streams: PlannedStream[] | null;
  /**
   * How many further streams there are, by action; left out when `streams` has all of them. `streams` then begins with those
   * that would be added, changed or removed.
   */
  moreStreams?: Partial<Record<PlannedStream['action'], number>>;
  /** How the source's schema differs from the connection's catalog; left out when it does not differ. */
  schemaDrift?: SchemaDrift;
}

/** What `apply` would do with the connection's schedule in Temporal. */
export interface PlannedSchedule {
  action: 'create' | 'change' | 'leave' | 'remove';
  /** Temporal's id; null if `apply` would create the schedule. */
  id: string | null;
  changes: FieldChange[];
}

/** How many of a document's objects are created, changed and deleted. A connection's streams are parts of the connection. */
export interface ChangeCounts {
  create: number;
  change: number;
  /** Schedules in Temporal that the document no longer has. */
  delete: number;
}

/** What is done with each object of a document: what `apply` would do, or what a run has done. */
export interface PipelineChanges {
  source: PlannedObject;
  destination: PlannedObject;
  connection: PlannedConnection;
  /** Left out if Temporal has no schedule for the connection and gets none. Airbyte's own schedule is a field of the connection. */
  schedule?: PlannedSchedule;
  counts: ChangeCounts;
}

/** What `apply` would do for a pipeline document. */
export interface PipelinePlan extends PipelineChanges {
  /** The document's name. */
  name: string;
  workspaceId: string;
  /** Notes for the reader: that the streams could not be checked, that `apply` would fail. */
  notes: string[];
  /** Whether `apply` would change anything. */
  changes: boolean;
}

/** What `apply` would change, or has changed, for a fleet document: only its schedule, because Airbyte knows no fleets. */
export interface FleetChanges {
  /** The name of the fleet. */
  fleet: string;
  /** Null if the document has no schedule, and Temporal has none that the document had before. */
  schedule: PlannedSchedule | null;
  changes: boolean;
}

/** Counts what is created, changed and deleted. */
export function countChanges({
  source,
  destination,
  connection,
  schedule,
}: Omit<PipelineChanges, 'counts'>): ChangeCounts {
  const actions = [source, destination, connection, ...(schedule ? [schedule] : [])].map(({ action }) => action);
  const count = (action: (typeof actions)[number]) => actions.filter((each) => each === action).length;
  return { create: count('create'), change: count('change'), delete: count('remove') };
}

/** Says that another pipeline manages an object, and what to do. */
export function describeManaged(
  kind: MemoKey,
  { name, id, managedBy }: Pick<PlannedObject, 'name' | 'id' | 'managedBy'>,
): string {
  return (
    `The ${kind} '${name}' (${id}) would be changed, but the pipeline '${managedBy}' manages it: that pipeline created or changed it last. ` +
    `Give the ${kind} another name in this document, make both documents agree, or take it over with --take-over (takeOver: true).`
  );
}
