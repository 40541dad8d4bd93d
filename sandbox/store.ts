import { randomUUID } from 'node:crypto';
import { NotFoundError } from './api/errors';
import type { StatePayload } from './connectors/protocol';
import type { Job } from './job';

export type ActorKind = 'source' | 'destination';

export interface Workspace {
  workspaceId: string;
  organizationId: string;
  name: string;
  slug: string;
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
}

export interface StreamName {
  name: string;
  namespace?: string;
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
  status: string;
  /** The other fields of the API's ConnectionRead, as they were sent. */
  settings: Record<string, unknown>;
  /** Seconds since 1970. */
  createdAt: number;
  /** STATE payloads whose rows the destination has. */
  state: StatePayload[];
  /** The jobs it had, the oldest first. */
  jobs: Job[];
  /** Streams to refresh with the next sync, and how. */
  pendingRefresh?: { mode: string; streams: StreamName[] };
}

/** Everything the sandbox knows, in memory. */
export class Store {
  readonly workspaces = new Map<string, Workspace>();
  readonly actors = new Map<string, Actor>();
  readonly connections = new Map<string, Connection>();
  readonly jobs = new Map<number, Job>();
  /** Discovered catalogs by `catalogId`. */
  readonly discoveries = new Map<string, { sourceId: string; fingerprint: string; streams: CatalogStream[] }>();

  constructor(workspaceNames: readonly string[]) {
    const organizationId = randomUUID();
    for (const name of workspaceNames) {
      const workspaceId = randomUUID();
      const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
      this.workspaces.set(workspaceId, { workspaceId, organizationId, name, slug });
    }
  }

  /** @throws NotFoundError */
  workspace(workspaceId: string): Workspace {
    const workspace = this.workspaces.get(workspaceId);
    if (workspace === undefined) throw new NotFoundError('STANDARD_WORKSPACE', workspaceId);
    return workspace;
  }

  /** @throws NotFoundError also for one that was deleted */
  actor(kind: ActorKind, actorId: string): Actor {
    const actor = this.actors.get(actorId);
    if (actor === undefined || actor.kind !== kind || actor.deleted) {
      throw new NotFoundError(kind === 'source' ? 'SOURCE_CONNECTION' : 'DESTINATION_CONNECTION', actorId);
    }
    return actor;
  }

  /** @throws NotFoundError */
  connection(connectionId: string): Connection {
    const connection = this.connections.get(connectionId);
    if (connection === undefined) throw new NotFoundError('STANDARD_SYNC', connectionId);
    return connection;
  }

  /** The connections that read from or write to one actor and were not deleted. */
  connectionsOf(actor: Actor): Connection[] {
    return [...this.connections.values()].filter(
      (connection) =>
        connection.status !== 'deprecated' &&
        (actor.kind === 'source' ? connection.sourceId : connection.destinationId) === actor.actorId,
    );
  }

  /** @throws NotFoundError */
  job(jobId: number): Job {
    const job = this.jobs.get(jobId);
    if (job === undefined) throw new NotFoundError('JOB', String(jobId));
    return job;
  }

  /** The latest stream of this name that a discovery of the source found. */
  discoveredStream(sourceId: string, wanted: StreamName): CatalogStream | undefined {
    const discoveries = [...this.discoveries.values()].filter((discovery) => discovery.sourceId === sourceId).reverse();
    for (const { streams } of discoveries) {
      const found = streams.find((stream) => sameStream(stream, wanted));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

export function sameStream(one: StreamName, other: StreamName): boolean {
  return one.name === other.name && (one.namespace ?? '') === (other.namespace ?? '');
}

export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
