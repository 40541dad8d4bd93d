/** The result of `planPipeline`: what applying a document would change. */
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

/** What `apply` would do for a pipeline document. */
export interface PipelinePlan {
  /** The document's name. */
  name: string;
  workspaceId: string;
  source: PlannedObject;
  destination: PlannedObject;
  connection: PlannedConnection;
  /** Left out if Temporal has no schedule for the connection and gets none. Airbyte's own schedule is a field of the connection. */
  schedule?: PlannedSchedule;
  /** Notes for the reader: that the streams could not be checked, that `apply` would fail. */
  notes: string[];
  /** Whether `apply` would change anything. */
  changes: boolean;
}
