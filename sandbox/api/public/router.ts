import { actorCalls } from './actors';
import { createApplication, createToken, getApplication, listApplications, removeApplication } from './applications';
import type { PublicCall } from './call';
import { createConnection, deleteConnection, getConnection, listConnections, patchConnection } from './connections';
import { getDefinition, listConnectorDefinitions, listDefinitions } from './definitions';
import { cancelJob, createJob, getJob, listJobs } from './jobs';
import { listOrganizations, listUsers } from './organizations';
import { listStreams } from './streams';
import { createTag, deleteTag, getTag, listTags, patchTag } from './tags';
import { createWorkspace, getWorkspace, listWorkspaces, patchWorkspace, removeWorkspace } from './workspaces';

const sources = actorCalls('source');
const destinations = actorCalls('destination');

/** The calls below `/api/public/v1`, by path and method. */
const ROUTES: Record<string, Record<string, PublicCall>> = {
  health: { GET: async () => ({ status: 200, body: 'Successful operation' }) },
  applications: { GET: listApplications, POST: createApplication },
  'applications/token': { POST: createToken },
  'applications/{applicationId}': { GET: getApplication, DELETE: removeApplication },
  workspaces: { GET: listWorkspaces, POST: createWorkspace },
  'workspaces/{workspaceId}': { GET: getWorkspace, PATCH: patchWorkspace, DELETE: removeWorkspace },
  'workspaces/{workspaceId}/definitions/sources': { GET: listDefinitions('source') },
  'workspaces/{workspaceId}/definitions/sources/{definitionId}': { GET: getDefinition('source') },
  'workspaces/{workspaceId}/definitions/destinations': { GET: listDefinitions('destination') },
  'workspaces/{workspaceId}/definitions/destinations/{definitionId}': { GET: getDefinition('destination') },
  connector_definitions: { GET: listConnectorDefinitions },
  sources: sources.all,
  'sources/{sourceId}': sources.one,
  destinations: destinations.all,
  'destinations/{destinationId}': destinations.one,
  streams: { GET: listStreams },
  connections: { GET: listConnections, POST: createConnection },
  'connections/{connectionId}': { GET: getConnection, PATCH: patchConnection, DELETE: deleteConnection },
  tags: { GET: listTags, POST: createTag },
  'tags/{tagId}': { GET: getTag, PATCH: patchTag, DELETE: deleteTag },
  organizations: { GET: listOrganizations },
  users: { GET: listUsers },
  jobs: { GET: listJobs, POST: createJob },
  'jobs/{jobId}': { GET: getJob, DELETE: cancelJob },
};

export interface PublicRoute {
  /** The path's pattern, such as `jobs/{jobId}`. */
  path: string;
  /** The values of the path's parameters, by name. */
  parameters: Record<string, string>;
  /** The calls by HTTP method. */
  calls: Record<string, PublicCall>;
}

const PATTERNS = Object.entries(ROUTES).map(([path, calls]) => ({ path, segments: path.split('/'), calls }));

/** The route of a path below `/api/public/v1`; undefined for an unknown path. */
export function findPublicRoute(pathname: string): PublicRoute | undefined {
  const given = pathname.split('/');
  for (const { path, segments, calls } of PATTERNS) {
    if (segments.length !== given.length) continue;
    const parameters: Record<string, string> = {};
    const matches = segments.every((segment, index) => {
      const text = given[index] ?? '';
      if (!segment.startsWith('{')) return segment === text;
      parameters[segment.slice(1, -1)] = text;
      return text !== '';
    });
    if (matches) return { path, parameters, calls };
  }
  return undefined;
}
