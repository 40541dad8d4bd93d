import type { AirbyteClient } from '../../airbyte/client';
import { AirbyteError } from '../../airbyte/errors';
import { findConnectionById, isUuid } from '../../airbyte/lookup/connection-by-id';
import type { Connection } from '../../airbyte/schemas';
import { Lookup } from './id-or-name';

type Airbyte = Pick<AirbyteClient, 'connections' | 'workspaces'>;

/** Up to this number, connections are read one by one: a list has the whole catalog of each connection of the workspace. */
const MAXIMUM_SINGLE_READS = 50;

export interface ConnectionMatches {
  /** The connection of each id, or all connections of each name. Ids and names without a connection are left out. */
  matches: ReadonlyMap<string, readonly Connection[]>;
  /** The connections that were listed for the search. */
  listed: readonly Connection[];
  /** Why not all connections can be listed, if that is so. Those connections are found by their ids only. */
  listError?: AirbyteError;
}

/** Lists the connections of all workspaces that the credentials may read. */
export async function listConnections({ connections, workspaces }: Airbyte): Promise<Connection[]> {
  const lists = (await workspaces.list()).map(({ workspaceId }) => connections.list(workspaceId));
  return (await Promise.all(lists)).flat();
}

/**
 * Finds connections by id or exact name. Ids need not be UUIDs.
 *
 * @param isReadFirst which of them to read as ids before anything is listed, since a server may lack the lists
 */
export async function findConnections(
  airbyte: Airbyte,
  idsOrNames: readonly string[],
  isReadFirst: (idOrName: string) => boolean = isUuid,
): Promise<ConnectionMatches> {
  const matches = new Map<string, readonly Connection[]>();
  const collect = (connections: readonly Connection[]) => {
    const lookup = new Lookup(connections, ({ connectionId, name }) => ({ id: connectionId, name }));
    for (const idOrName of idsOrNames) {
      const found = lookup.byIdOrName(idOrName);
      if (found.length > 0 && !matches.has(idOrName)) matches.set(idOrName, found);
    }
  };
  const missing = () => idsOrNames.filter((idOrName) => !matches.has(idOrName));

  collect(await readEach(airbyte, idsOrNames.filter(isReadFirst)));
  if (missing().length === 0) return { matches, listed: [] };
  const all = await tryToList(airbyte);
  collect(all.listed);
  const unread = missing().filter((idOrName) => !isReadFirst(idOrName));
  collect(await readEach(airbyte, unread));
  return { matches, ...all };
}

async function readEach({ connections }: Airbyte, ids: readonly string[]): Promise<Connection[]> {
  if (ids.length > MAXIMUM_SINGLE_READS) return [];
  const found = await Promise.all(ids.map((id) => findConnectionById(connections, id)));
  return found.filter((connection) => connection !== undefined);
}

/** Lists all connections, as far as the server has the lists and the credentials may read the list of workspaces. */
async function tryToList({
  connections,
  workspaces,
}: Airbyte): Promise<{ listed: Connection[]; listError?: AirbyteError }> {
  let listError: AirbyteError | undefined;
  const emptyIf = (isTolerated: (error: AirbyteError) => boolean) => (error: unknown) => {
    if (!(error instanceof AirbyteError) || !isTolerated(error)) throw error;
    listError ??= error;
    return [];
  };
  const readable = await workspaces.list().catch(emptyIf(({ retryable }) => !retryable));
  const lists = readable.map(({ workspaceId }) =>
    connections.list(workspaceId).catch(emptyIf(({ type }) => type === 'AirbyteUnsupported')),
  );
  const listed = (await Promise.all(lists)).flat();
  return { listed, ...(listError && { listError }) };
}
