/** What the activities for connections take and give. */
import type { ActorToPlan } from './actor';
import type { NotedAgain } from './object-memo';
import type { PipelineDocument } from './pipeline-document';
import type { PlannedConnection } from './pipeline-plan';
import type { AirbyteManagedSchedule } from './pipeline-schedule';
import type { SchemaDrift } from './schema-changes';
import type { ListedStreams, SelectedStream } from './selected-stream';

/** A connection as workflows know it: without the schemas of its streams, which can exceed Temporal's size limit. */
export interface ConnectionSummary {
  connectionId: string;
  name?: string | undefined;
  status?: string | undefined;
  sourceId?: string | undefined;
  destinationId?: string | undefined;
  streams: SelectedStream[];
  /** How many further streams there are; left out when `streams`, which has at most 1,000, has all of them. */
  moreStreams?: number;
}

/** The connection that a pipeline document asks for. */
export interface DesiredConnection {
  workspaceId: string;
  sourceId: string;
  destinationId: string;
  connection: PipelineDocument['connection'];
  /** Whether the result includes Airbyte's own first sync also if an earlier run has created the connection. */
  tellsFirstSync?: boolean;
}

/** Also a detail of the failure when the connection could not be changed after that. */
export interface RemovedSchedule {
  /** The id of the Temporal schedule that was deleted because the document no longer has it. */
  removedSchedule?: string;
}

export interface AppliedConnection extends RemovedSchedule {
  connectionId: string;
  created: boolean;
  /** The changed fields. */
  updated: string[];
  /** Whether Airbyte now starts a sync by the connection's new schedule, which is then the next job of the connection. */
  airbyteSyncs?: boolean;
  /** How the source's schema differs, or differed, from the connection's catalog; only if `schemaChanges` is set. */
  schemaDrift?: SchemaDrift;
  /** Notes for the reader: cursors and keys of the document that are not used. Left out if there are none. */
  notes?: string[];
  /** The fields that Airbyte stores differently than they were sent, for later runs; see `normalized-fields`. */
  unkept?: string[];
}

/** A connection of a pipeline whose source or destination may not exist yet. */
export interface ConnectionToPlan extends Pick<DesiredConnection, 'workspaceId' | 'connection'> {
  /** The name of the pipeline. Its earlier runs have recorded what Airbyte does not return. */
  pipeline: string;
  sourceId: string | null;
  destinationId: string | null;
  /** Whether the plan changes the source, so that its streams may change, too. */
  sourceChanges: boolean;
  /**
   * What the document asks for of the source. If the source is to be created or changed, its streams are discovered with this
   * configuration, where Airbyte can do that before it saves one.
   */
  source?: Pick<ActorToPlan, 'name' | 'definitionId' | 'configuration'>;
}

/** A connection that is ready to be applied. */
export interface PreparedConnection {
  /** Without the streams that are left, or added to a new connection: `selected` has them. They are counted in `moreStreams`. */
  planned: PlannedConnection;
  /** The streams that the document selects; null if they can be discovered only when the source has been applied. */
  selected: ListedStreams | null;
  /** What earlier runs noted of the connection. Left out when there is nothing. */
  noted?: NotedAgain;
}

export interface ConnectionChanges {
  connectionId: string;
  name?: string;
  status?: 'active' | 'inactive';
  schedule?: AirbyteManagedSchedule;
}

/** A connection that a workflow syncs, with its name for messages. */
export interface FoundConnection {
  connectionId: string;
  name: string;
  workspaceId?: string;
}
