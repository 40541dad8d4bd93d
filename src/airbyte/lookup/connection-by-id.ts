import { AirbyteError } from '../errors';
import type { Connections } from '../resources';
import type { Connection } from '../schemas';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text has the form that Airbyte's ids have. Other servers' ids need not have it. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * The connection of an id; undefined when there is none. The text may be a name, which is no id.
 *
 * @throws AirbyteError when Airbyte is out of reach or refuses
 */
export async function findConnectionById(connections: Connections, idOrName: string): Promise<Connection | undefined> {
  try {
    return await connections.get(idOrName);
  } catch (error) {
    if (!(error instanceof AirbyteError)) throw error;
    if (error.type === 'AirbyteNotFound' || error.type === 'AirbyteInvalidRequest') return undefined;
    // Some servers stumble over a name in the place of an id, or deny it: then the list tells whether it is one.
    if (error.status !== undefined && !isUuid(idOrName)) return undefined;
    throw error;
  }
}
