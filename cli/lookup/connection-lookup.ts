import type { AirbyteClient } from '../../src/airbyte/client';
import type { Connection } from '../../src/airbyte/schemas';
import { findConnections } from '../../src/reconcile/lookup/connections';
import { describeNamesakes } from '../../src/reconcile/lookup/id-or-name';
import { CliError } from '../cli-error';
import { EXIT } from '../exit-codes';

/** How many names of connections an error lists. */
const MAXIMUM_NAMES_IN_ERROR = 10;

/**
 * Finds a connection by id or name. Ids need not be UUIDs.
 *
 * @throws CliError when there is none, or several have the name
 * @throws AirbyteError when Airbyte cannot be reached or rejects the request
 */
export async function findConnection(airbyte: AirbyteClient, idOrName: string): Promise<Connection> {
  const { matches, listed, listError } = await findConnections(airbyte, [idOrName], () => true);
  const [match, ...others] = matches.get(idOrName) ?? [];
  if (match && others.length === 0) return match;
  if (match) {
    const ids = [match, ...others].map(({ connectionId }) => connectionId);
    throw CliError.badInput(`${describeNamesakes('connection', idOrName, ids)} Give the id of one of them.`);
  }
  if (listError) throw listError;
  const names = listed.map(({ name, connectionId }) => name ?? connectionId);
  throw new CliError(
    EXIT.badInput,
    'AirbyteNotFound',
    `Airbyte at ${airbyte.url} has no connection with the id or name '${idOrName}'. ${describeNames(names)}`,
  );
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

function describeNames(names: string[]): string {
  if (names.length === 0) return 'It has no connections yet: `temporal-airbyte run FILE` creates one.';
  const shown = names.slice(0, MAXIMUM_NAMES_IN_ERROR).join(', ');
  return names.length > MAXIMUM_NAMES_IN_ERROR
    ? `It has, among others: ${shown} … (\`temporal-airbyte list connections\` shows all ${names.length})`
    : `It has: ${shown}.`;
}
