import { AirbyteError } from '../errors';
import type { Workspaces } from '../resources';
import { isUuid } from './connection-by-id';

/**
 * The workspace of an id, for those whom the list of workspaces does not show it; undefined when there is none. Where the
 * credentials may not read it either, an id is taken at its word, under its own name: they may be for what is in it. The
 * text may be a name, which is no id.
 *
 * @throws AirbyteError when Airbyte is out of reach, or rejects what is no id
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
