import type { PipelineDocument } from './pipeline-document';
import type { AirbyteManagedSchedule } from './pipeline-schedule';
import type { SchemaDrift } from './schema-changes';
import type { SelectedStream } from './selected-stream';

/** A connection as workflows see it: without the schemas of its streams, which can be larger than Temporal takes. */
export interface ConnectionSummary {
  connectionId: string;
  name?: string | undefined;
  status?: string | undefined;
  sourceId?: string | undefined;
  destinationId?: string | undefined;
  streams: SelectedStream[];
  /** How many streams there are beyond those of `streams`, which has 1,000 at most; left out when there are none. */
  moreStreams?: number;
}

/** A connection as a pipeline wants it. */
export interface DesiredConnection {
  workspaceId: string;
  sourceId: string;
  destinationId: string;
  connection: PipelineDocument['connection'];
  /** Whether it is to be told of Airbyte's own first sync also when an earlier run has created the connection. */
  tellsFirstSync?: boolean;
}

export interface AppliedConnection {
  connectionId: string;
  created: boolean;
  /** The fields that were changed. */
  updated: string[];
  /** The Temporal schedule that was deleted, because the document no longer wants it. */
  removedSchedule?: string;
  /** Airbyte itself starts a sync of it now, by the schedule that it was given: what runs on it next is that sync. */
  airbyteSyncs?: boolean;
  /** How the source's schema differs, or differed, from the connection's catalog; told where `schemaChanges` is set. */
  schemaDrift?: SchemaDrift;
  /** What a person should know: cursors and keys of the document that are not used. Left out where there is nothing. */
  notes?: string[];
  /** What Airbyte keeps otherwise than it was sent, for the runs to come, see `normalized-fields`. */
  unkept?: string[];
}

/** A connection of a pipeline whose source or destination may not exist yet. */
export interface ConnectionToPlan extends Pick<DesiredConnection, 'workspaceId' | 'connection'> {
  /** The name of the pipeline, whose earlier runs tell what is there where Airbyte cannot. */
  pipeline: string;
  sourceId: string | null;
  destinationId: string | null;
  /** Whether the source is to be changed, so that what it has now need not be what it will have. */
  sourceChanges: boolean;
}

export interface ConnectionChanges {
  connectionId: string;
  name?: string;
  status?: 'active' | 'inactive';
  schedule?: AirbyteManagedSchedule;
}

/** A connection by which a workflow syncs it, and calls it. */
export interface FoundConnection {
  connectionId: string;
  name: string;
  workspaceId?: string;
}
