/** The resources that callers create through the API, and what the sandbox remembers of each. */
import type { StatePayload } from '../connectors/protocol';
import type { Job } from './job';
import type { NotificationSettings } from './notification-settings';
import type { StreamName } from './stream-name';

export type ActorKind = 'source' | 'destination';

export interface Workspace {
  workspaceId: string;
  organizationId: string;
  name: string;
  slug: string;
  notificationSettings: NotificationSettings;
}

/** What Airbyte would do after each sync of a connection. */
export interface Operation {
  operationId: string;
  workspaceId: string;
  name: string;
  operatorConfiguration: Record<string, unknown>;
}

/** A label for grouping the connections of a workspace. */
export interface Tag {
  tagId: string;
  workspaceId: string;
  name: string;
  /** Six hexadecimal digits. */
  color: string;
}

/** A configured source or destination. */
export interface Actor {
  kind: ActorKind;
  actorId: string;
  definitionId: string;
  workspaceId: string;
  name: string;
  /** Contains the secrets, so the sandbox masks them in every response. */
  configuration: Record<string, unknown>;
  /** Seconds since 1970. */
  createdAt: number;
  deleted: boolean;
  /** The connections that use this actor, including deleted ones. */
  connections: Connection[];
}

export interface CatalogStream extends StreamName {
  jsonSchema?: Record<string, unknown>;
  supportedSyncModes?: string[];
  sourceDefinedCursor?: boolean;
  defaultCursorField?: string[];
  sourceDefinedPrimaryKey?: string[][];
}

export interface StreamConfiguration {
  syncMode: string;
  destinationSyncMode: string;
  cursorField?: string[];
  primaryKey?: string[][];
  aliasName?: string;
  selected?: boolean;
  /** If true, a sync moves only the selected fields; otherwise all. */
  fieldSelectionEnabled?: boolean;
  selectedFields?: { fieldPath?: string[] | undefined }[];
}

export interface Catalog {
  streams: { stream: CatalogStream; config: StreamConfiguration }[];
}

export interface Connection {
  connectionId: string;
  workspaceId: string;
  sourceId: string;
  destinationId: string;
  catalog: Catalog;
  /** The source's streams in the discovery that the catalog was made from, if the connection names that discovery. */
  discovered?: CatalogStream[];
  status: string;
  tagIds: string[];
  /** The other fields of the API's ConnectionRead, as the caller sent them. */
  settings: Record<string, unknown>;
  /** Seconds since 1970. */
  createdAt: number;
  /** The STATE payloads whose rows the destination has stored. */
  state: StatePayload[];
  /** The connection's jobs, oldest first. */
  jobs: Job[];
  /** Streams that the next sync resets: as in Airbyte, that sync becomes the reset. */
  pendingReset?: StreamName[];
  /** Streams that the next sync refreshes, and the mode of that refresh. */
  pendingRefresh?: { mode: string; streams: StreamName[] };
}

/** The streams that a source had when it was discovered. */
export interface Discovery {
  catalogId: string;
  /** A hash of the configuration that was used. */
  fingerprint: string;
  streams: CatalogStream[];
}

/** The connections of an actor that were not deleted. */
export function liveConnectionsOf({ connections }: Actor): Connection[] {
  return connections.filter(({ status }) => status !== 'deprecated');
}

export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
