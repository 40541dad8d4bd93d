import { AirbyteError } from '../errors';
import type { Sources } from '../resources';
import type { Connection } from '../schemas';

/**
 * A connection with the workspace that it belongs to. The Config API tells that of its source alone; where the source
 * cannot be read the workspace is left out, since it serves only to find the connection in Airbyte's web app.
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
