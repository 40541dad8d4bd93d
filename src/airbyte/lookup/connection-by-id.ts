import { AirbyteError } from '../errors';
import type { Connections } from '../resources';
import type { Connection } from '../schemas';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text has the form of Airbyte's ids. The ids of other servers may have another form. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * Finds a connection by its id; undefined if there is none. The text may also be a name, which is not an id.
 *
 * @throws AirbyteError if Airbyte cannot be reached or rejects the call
 */
export async function findConnectionById(connections: Connections, idOrName: string): Promise<Connection | undefined> {
  try {
    return await connections.get(idOrName);
  } catch (error) {
    if (!(error instanceof AirbyteError)) throw error;
    if (error.type === 'AirbyteNotFound' || error.type === 'AirbyteInvalidRequest') return undefined;
    // Some servers fail on a name instead of an id, or forbid it. The caller then searches the list for the name.
    if (error.status !== undefined && !isUuid(idOrName)) return undefined;
    throw error;
  }
}
