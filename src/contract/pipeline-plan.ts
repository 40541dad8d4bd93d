import type { SchemaDrift } from './schema-changes';

/** What would become of one field. A secret is in neither value: where one stands or stood, there is a mask. */
export interface FieldChange {
  /** In the document's words: `configuration.host`, `schedule`. */
  field: string;
  /** Left out where there was nothing. */
  from?: unknown;
  to?: unknown;
}

/** What `apply` would do about a source, a destination or a connection. */
export interface PlannedObject {
  action: 'create' | 'change' | 'leave';
  name: string;
  /** Airbyte's id; null for what is to be created. */
  id: string | null;
  changes: FieldChange[];
}

/** What `apply` would do about one stream of the connection. */
export interface PlannedStream {
  name: string;
  namespace?: string;
  action: 'add' | 'change' | 'leave' | 'remove';
  changes: FieldChange[];
}

export interface PlannedConnection extends PlannedObject {
  /** Null where the source cannot be asked yet: then they are checked when the document is applied. */
  streams: PlannedStream[] | null;
  /**
   * How many streams there are beyond those of `streams`, by what becomes of them; left out when there are none. Of so many,
   * `streams` has first those that would be added, changed or removed.
   */
  moreStreams?: Partial<Record<PlannedStream['action'], number>>;
  /** How the source's schema differs from what the connection was set up with; left out when it does not. */
  schemaDrift?: SchemaDrift;
}

/** What `apply` would do about the connection's schedule in Temporal. */
export interface PlannedSchedule {
  action: 'create' | 'change' | 'leave' | 'remove';
  /** Temporal's id; null for what is to be created. */
  id: string | null;
  changes: FieldChange[];
}

/** What `apply` would do about a pipeline document. */
export interface PipelinePlan {
  /** The document's name. */
  name: string;
  workspaceId: string;
  source: PlannedObject;
  destination: PlannedObject;
  connection: PlannedConnection;
  /** Left out where Temporal has no schedule for the connection and is to have none; Airbyte's own is the connection's. */
  schedule?: PlannedSchedule;
  /** What a person should know beside it: that streams could not be checked, that `apply` would fail. */
  notes: string[];
  /** Whether there is anything to do. */
  changes: boolean;
}
