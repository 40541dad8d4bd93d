import type { AirbyteClient } from '../../src/airbyte/client';
import { findConnectionById, isUuid } from '../../src/airbyte/lookup/connection-by-id';
import { ifAvailable } from '../../src/airbyte/lookup/optional-responses';
import { findWorkspaceById } from '../../src/airbyte/lookup/workspace-by-id';
import type { Connection, Workspace } from '../../src/airbyte/schemas';
import { CliError } from '../cli-error';
import { EXIT } from '../exit-codes';

/** How many names of connections an error lists. */
const MAXIMUM_NAMES_IN_ERROR = 10;

/**
 * Finds a connection by its id or name. It tries the id first, which need not be a UUID.
 *
 * @throws CliError when none, or more than one, has the name
 * @throws AirbyteError when Airbyte is unreachable or rejects the request
 */
export async function findConnection(airbyte: AirbyteClient, idOrName: string): Promise<Connection> {
  const byId = await findConnectionById(airbyte.connections, idOrName);
  if (byId) return byId;
  const all = await listConnections(airbyte);
  const matches = all.filter(({ name }) => name === idOrName);
  const [match, ...others] = matches;
  if (match === undefined) {
    const names = all.map(({ name, connectionId }) => name ?? connectionId);
    throw new CliError(
      EXIT.badInput,
      'AirbyteNotFound',
      `Airbyte at ${airbyte.url} has no connection with the id or name '${idOrName}'. ${describeNames(names)}`,
    );
  }
  if (others.length > 0) {
    const ids = matches.map(({ connectionId }) => connectionId).join(', ');
    throw CliError.badInput(`${matches.length} connections are named '${idOrName}'. Give the id of one: ${ids}.`);
  }
  return match;
}

/** `the connection 'orders' (id)`, or only the id where the name is not known. */
export function describeConnection({
  connectionId,
  name,
}: {
  connectionId: string;
  name?: string | undefined;
}): string {
  return `the connection ${name ? `'${name}' (${connectionId})` : connectionId}`;
}

/** Finds the workspaces with an id or name; without one, all workspaces that the credentials may read. */
export async function findWorkspaces(airbyte: AirbyteClient, idOrName?: string): Promise<Workspace[]> {
  if (idOrName === undefined) return airbyte.workspaces.list();
  // Credentials that may not list workspaces may still read one by its id.
  const listed = await ifAvailable(airbyte.workspaces.list());
  const all = listed ?? [];
  const matches = all.filter(({ workspaceId, name }) => workspaceId === idOrName || name === idOrName);
  if (matches.length > 0) return matches;
  const unlisted =
    listed === undefined || isUuid(idOrName) ? await findWorkspaceById(airbyte.workspaces, idOrName) : undefined;
  if (unlisted) return [unlisted];
  const names = all.map(({ name }) => name).join(', ');
  throw new CliError(
    EXIT.badInput,
    'AirbyteNotFound',
    `Airbyte has no workspace with the id or name '${idOrName}'. It has: ${names}.`,
  );
}

/** The connections of every workspace that the credentials may read. */
export async function listConnections(airbyte: AirbyteClient): Promise<Connection[]> {
  const workspaces = await findWorkspaces(airbyte);
  return (await Promise.all(workspaces.map(({ workspaceId }) => airbyte.connections.list(workspaceId)))).flat();
}

function describeNames(names: string[]): string {
  if (names.length === 0) return 'It has no connections yet: `temporal-airbyte run FILE` creates one.';
  const shown = names.slice(0, MAXIMUM_NAMES_IN_ERROR).join(', ');
  return names.length > MAXIMUM_NAMES_IN_ERROR
    ? `It has, among others: ${shown} … (\`temporal-airbyte list connections\` shows all ${names.length})`
    : `It has: ${shown}.`;
}
