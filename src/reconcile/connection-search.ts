import { isPartiallyRead } from '../airbyte/lists/list-responses';
import { ifFound, ifSupported } from '../airbyte/lookup/optional-responses';
import type { Connections } from '../airbyte/resources';
import type { Connection } from '../airbyte/schemas';
import { DomainError } from '../contract/domain-error';
import type { PipelineDocument } from '../contract/pipeline-document';
import type { EarlierRun } from '../temporal/pipeline-runs';
import { Lookup } from './lookup/id-or-name';
import type { ReconcilePorts } from './ports';

/** A pipeline's connection, whose source or destination may not exist yet. */
export interface ConnectionToFind {
  workspaceId: string;
  sourceId: string | null;
  destinationId: string | null;
  connection: PipelineDocument['connection'];
}

/** Finds the connections of pipelines among those of Airbyte. */
export class ConnectionSearch {
  constructor(
    private readonly connections: Pick<Connections, 'list' | 'get'>,
    private readonly runs: Pick<ReconcilePorts['runs'], 'findId'>,
  ) {}

  async find(desired: ConnectionToFind, earlier: EarlierRun | undefined): Promise<Connection | undefined> {
    const all = await ifSupported(this.connections.list(desired.workspaceId));
    return findByName(all ?? (await this.#findFromMemo(desired.connection.name)), desired, earlier);
  }

  /**
   * Reads the whole list, because a connection that it lacks will be created. A server without a list has none.
   *
   * @throws AirbyteError `AirbyteUnavailable` when the list cannot be read to its end
   */
  async listAll(workspaceId: string): Promise<Connection[]> {
    return (await ifSupported(this.connections.list(workspaceId, { requireComplete: true }))) ?? [];
  }

  /**
   * Reads a listed connection by itself when the list has only a part of it. The reading throws what is wrong with a connection
   * that could not be read completely. A list also leaves out the catalogs when those of all its connections are too large
   * together.
   */
  async withCatalog(connection: Connection): Promise<Connection> {
    return isPartiallyRead(connection) || !connection.syncCatalog?.streams.length
      ? this.connections.get(connection.connectionId)
      : connection;
  }

  /** Finds the connection that an earlier run of the pipeline noted, on a server without a list. */
  async #findFromMemo(name: string): Promise<Connection[]> {
    const connectionId = await this.runs.findId('connection', name);
    const connection = connectionId === undefined ? undefined : await ifFound(this.connections.get(connectionId));
    return connection === undefined ? [] : [connection];
  }
}

/**
 * Finds the connection of the name; else the one that an earlier run used under that name, whatever its name is now.
 *
 * @throws DomainError `AirbyteConflict` when several have the name, or it has another source or destination
 */
export function findByName(
  all: readonly Connection[],
  { sourceId, destinationId, connection }: ConnectionToFind,
  earlier: EarlierRun | undefined,
): Connection | undefined {
  // Some servers continue to list deleted connections.
  const existing = all.filter(({ status }) => status !== 'deprecated');
  const lookup = new Lookup(existing, ({ connectionId, name }) => ({ id: connectionId, name }));
  const named = lookup.onlyByName(connection.name, 'connection', 'Rename or delete all but one.');
  const match = named ?? lookup.byId(earlier?.note.id);
  if (match && (match.sourceId !== sourceId || match.destinationId !== destinationId)) {
    throw new DomainError(
      'AirbyteConflict',
      `The connection '${connection.name}' (${match.connectionId}) exists, but goes from ${match.sourceId} to ` +
        `${match.destinationId}, not from ${sourceId ?? 'a new source'} to ${destinationId ?? 'a new destination'}. ` +
        'Give one of them another name.',
    );
  }
  return match;
}

/** Names the connections of another name between the same source and destination: one may be the desired connection. */
export function notesOnSimilarConnections(
  all: readonly Connection[],
  { sourceId, destinationId, connection }: ConnectionToFind,
): string[] {
  return all
    .filter(({ status, name }) => status !== 'deprecated' && name !== connection.name)
    .filter((other) => other.sourceId === sourceId && other.destinationId === destinationId)
    .map(
      ({ connectionId, name }) =>
        `There is a connection '${name ?? ''}' (${connectionId}) between this source and this destination. If it is '${connection.name}' under another name, write its name into the document.`,
    );
}
