import { isPartiallyRead } from '../airbyte/lists/list-responses';
import { ifFound, ifSupported } from '../airbyte/lookup/optional-responses';
import type { Connections } from '../airbyte/resources';
import type { Connection } from '../airbyte/schemas';
import { DomainError } from '../contract/domain-error';
import type { PipelineDocument } from '../contract/pipeline-document';
import { type EarlierRun, idFromEarlierRun } from './earlier-pipeline-runs';

/** By what a pipeline's connection is found; its source or destination may not exist yet. */
export interface ConnectionToFind {
  workspaceId: string;
  sourceId: string | null;
  destinationId: string | null;
  connection: PipelineDocument['connection'];
}

/** Finds the connections of pipelines among those of Airbyte. */
export class ConnectionSearch {
  constructor(private readonly connections: Pick<Connections, 'list' | 'get'>) {}

  /** @param pipeline see {@link idFromEarlierRun} */
  async find(
    wanted: ConnectionToFind,
    earlier: EarlierRun | undefined,
    pipeline?: string,
  ): Promise<Connection | undefined> {
    const all = await ifSupported(this.connections.list(wanted.workspaceId));
    return findByName(all ?? (await this.#findFromMemo(wanted.connection.name, pipeline)), wanted, earlier);
  }

  /**
   * The list for those to whom only the whole list will do: what is not in it is created. A server without a list has none.
   *
   * @throws AirbyteError `AirbyteUnavailable` where the list cannot be read to its end
   */
  async listAll(workspaceId: string): Promise<Connection[]> {
    return (await ifSupported(this.connections.list(workspaceId, { requireComplete: true }))) ?? [];
  }

  /**
   * A connection to compare with: what a list could read in part only is asked for itself, and says what is odd about it. So
   * is one whose catalog the list left out, because the catalogs of all its connections are too large together.
   */
  async whole(connection: Connection): Promise<Connection> {
    return isPartiallyRead(connection) || !connection.syncCatalog?.streams.length
      ? this.connections.get(connection.connectionId)
      : connection;
  }

  /** The connection that an earlier run of the pipeline has noted, where the server lists none. */
  async #findFromMemo(name: string, pipeline: string | undefined): Promise<Connection[]> {
    const connectionId = await idFromEarlierRun('connection', name, pipeline);
    const connection = connectionId === undefined ? undefined : await ifFound(this.connections.get(connectionId));
    return connection === undefined ? [] : [connection];
  }
}

/** The connection of the name; else the one that an earlier run has used under that name, whatever it is named now. */
export function findByName(
  all: Connection[],
  { sourceId, destinationId, connection }: ConnectionToFind,
  earlier: EarlierRun | undefined,
): Connection | undefined {
  // Some servers go on listing what was deleted.
  const there = all.filter(({ status }) => status !== 'deprecated');
  const [named, ...others] = there.filter(({ name }) => name === connection.name);
  const match = named ?? there.find(({ connectionId }) => connectionId === earlier?.note.id);
  if (!match) return undefined;
  if (others.length > 0) {
    const ids = [match, ...others].map(({ connectionId }) => connectionId).join(', ');
    throw new DomainError(
      'AirbyteConflict',
      `Several connections are named '${connection.name}': ${ids}. Rename or delete all but one.`,
    );
  }
  if (match.sourceId !== sourceId || match.destinationId !== destinationId) {
    throw new DomainError(
      'AirbyteConflict',
      `The connection '${connection.name}' (${match.connectionId}) exists, but goes from ${match.sourceId} to ` +
        `${match.destinationId}, not from ${sourceId ?? 'a new source'} to ${destinationId ?? 'a new destination'}. ` +
        'Give one of them another name.',
    );
  }
  return match;
}

/** Those between the same two of which one may be what is about to be created, under another name. */
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
