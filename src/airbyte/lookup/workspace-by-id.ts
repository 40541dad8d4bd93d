import { AirbyteError } from '../errors';
import type { Workspaces } from '../resources';
import { isUuid } from './connection-by-id';

/**
 * Finds a workspace by its id, for credentials that cannot list it; undefined if there is none. If they cannot read it
 * either, the result is the id with the id as its name, because they may still be permitted to use what is in the
 * workspace. The text may also be a name, which is not an id.
 *
 * @throws AirbyteError if Airbyte cannot be reached, or rejects a text that is not an id
 */
export async function findWorkspaceById(
  workspaces: Workspaces,
  idOrName: string,
): Promise<{ workspaceId: string; name: string } | undefined> {
  try {
    return await workspaces.get(idOrName);
  } catch (error) {
    if (!(error instanceof AirbyteError) || error.retryable) throw error;
    if (error.type === 'AirbyteNotFound' || error.type === 'AirbyteInvalidRequest') return undefined;
    if (!isUuid(idOrName)) throw error;
    return { workspaceId: idOrName, name: idOrName };
  }
}
