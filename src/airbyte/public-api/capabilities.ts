import { z } from 'zod';
import type { CallOptions } from '../calls';
import type { AirbyteCapabilities } from '../capabilities';
import { errorResponseOf, filtersByUpdatedAt } from '../endpoint-probes';
import { CONNECTION_JOB_TYPES } from '../jobs';
import type { AirbyteResources } from '../resources';
import type { PublicApi } from './public-api';

/** Finds out what a server's public API supports. It makes no call for capabilities that this API never has. */
export async function probePublicApi(
  api: PublicApi,
  { workspaces, jobs }: Pick<AirbyteResources, 'workspaces' | 'jobs'>,
  options?: CallOptions,
): Promise<AirbyteCapabilities> {
  const listed = await workspaces.list(options);
  const [workspace] = listed;
  const supportsDefinitions = async () => {
    if (workspace === undefined) return false;
    const path = `workspaces/${encodeURIComponent(workspace.workspaceId)}/definitions/sources`;
    return (await errorResponseOf(api.get(path, {}, z.unknown(), options))) === undefined;
  };
  const updatedAtStart = new Date();
  const changes = jobs.list({ jobTypes: CONNECTION_JOB_TYPES, updatedAtStart, pageSize: 1 }, options);
  const [definitionsPerWorkspace, hasChangeFeed, tokens] = await Promise.all([
    supportsDefinitions(),
    filtersByUpdatedAt(changes, updatedAtStart),
    api.issuesTokens(options),
  ]);
  return {
    flavour: 'public',
    workspaceList: 'public',
    definitionsPerWorkspace,
    specifications: false,
    connectionChecks: false,
    jobLogs: false,
    changeFeed: hasChangeFeed ? 'instance' : 'none',
    jobTypes: ['sync', 'reset', 'clear'],
    tokens,
  };
}
