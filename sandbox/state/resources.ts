/** The resources that callers create through the API, and what the sandbox remembers of each. */
import type { StatePayload } from '../connectors/protocol';
import type { Job } from './job';
import type { StreamName } from './stream-name';

export type ActorKind = 'source' | 'destination';

export interface Workspace {
  workspaceId: string;
  organizationId: string;
  name: string;
  slug: string;
  /** Of what happens people are told, and how, in the words of the public API. */
  notifications: Record<string, unknown>;
}

/** What a connection would have done after each sync. */
export interface Operation {
  operationId: string;
  workspaceId: string;
  name: string;
  operatorConfiguration: Record<string, unknown>;
}

/** What connections of a workspace are grouped by. */
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
  /** With its secrets: never leaves the sandbox unmasked. */
  configuration: Record<string, unknown>;
  /** Seconds since 1970. */
  createdAt: number;
  deleted: boolean;
  /** Those that read from it or write to it, deleted ones too. */
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
  /** Only the selected fields are synced; else all. */
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
  /** What the source had when the catalog was made of it, where the connection says of which discovery that is. */
  discovered?: CatalogStream[];
  status: string;
  tagIds: string[];
  /** The other fields of the API's ConnectionRead, as they were sent. */
  settings: Record<string, unknown>;
  /** Seconds since 1970. */
  createdAt: number;
  /** STATE payloads whose rows the destination has. */
  state: StatePayload[];
  /** The jobs it had, the oldest first. */
  jobs: Job[];
  /** Streams to reset with the next sync: Airbyte notes them, and the sync becomes the reset. */
  pendingReset?: StreamName[];
  /** Streams to refresh with the next sync, and how. */
  pendingRefresh?: { mode: string; streams: StreamName[] };
}

/** What a source had to offer when it was asked. */
export interface Discovery {
  catalogId: string;
  /** Of the configuration it was asked with. */
  fingerprint: string;
  streams: CatalogStream[];
}

/** The connections of a source or destination that were not deleted. */
export function liveConnectionsOf({ connections }: Actor): Connection[] {
  return connections.filter(({ status }) => status !== 'deprecated');
}

export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
