import { AirbyteError } from '../errors';
import type { Sources } from '../resources';
import type { Connection } from '../schemas';

/**
 * Adds the workspace to a connection. The Config API shows only the workspace of the connection's source. If the source
 * cannot be read, the workspace is left out, because it only serves to link to the connection in Airbyte's web app.
 */
export async function withWorkspace(
  { sources }: { sources: Pick<Sources, 'get'> },
  connection: Connection,
): Promise<Connection> {
  const { workspaceId, sourceId } = connection;
  if (workspaceId !== undefined || sourceId === undefined) return connection;
  try {
    return { ...connection, workspaceId: (await sources.get(sourceId)).workspaceId };
  } catch (error) {
    if (error instanceof AirbyteError) return connection;
    throw error;
  }
}
