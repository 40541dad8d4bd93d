import { z } from 'zod';
import { type AirbyteCapabilities, STARTABLE_JOB_TYPES, type StartableJobType } from '../capabilities';
import type { CallOptions } from '../http';
import { CONNECTION_JOB_TYPES } from '../jobs';
import { listsChanges, NO_ID, refusalOf } from '../refusal';
import type { Jobs } from '../resources';
import { looseRecord, type Workspace } from '../schemas';
import type { ConfigApi } from './config-api';
import type { ListedWorkspaces } from './workspaces';

const NO_DEFINITION = { sourceDefinitionId: NO_ID, workspaceId: NO_ID };

const NOWHERE = { workspaces: [], from: 'none' } as const;

const instanceSchema = looseRecord({ version: z.string().optional() });

/**
 * Finds out what a server's Config API can do, by calls about an object that does not exist.
 *
 * @param list lists the workspaces that the credentials may read
 */
export async function probeConfigApi(
  api: ConfigApi,
  list: () => Promise<ListedWorkspaces>,
  jobs: Jobs,
  options?: CallOptions,
): Promise<AirbyteCapabilities> {
  const has = (call: string, body: object) => hasCall(api, call, body, options);
  const connection = { connectionId: NO_ID };
  // First, because it shows whether the credentials are taken at all.
  const listed = await listedOrNone(list());
  const [
    version,
    definitionsPerWorkspace,
    specifications,
    connectionChecks,
    jobLogs,
    changeFeed,
    reset,
    refresh,
    clear,
    tokens,
  ] = await Promise.all([
    readVersion(api, options),
    has('source_definitions/list_for_workspace', { workspaceId: NO_ID }),
    has('source_definition_specifications/get', NO_DEFINITION),
    has('sources/check_connection', { sourceId: NO_ID }),
    has('jobs/get', { id: 0 }),
    findChangeFeed(jobs, listed.workspaces, options),
    has('connections/reset', connection),
    has('connections/refresh', { ...connection, refreshMode: 'Merge' }),
    has('connections/clear', connection),
    api.issuesTokens(options),
  ]);
  const startable: Record<StartableJobType, boolean> = { sync: true, reset, refresh, clear };
  return {
    flavour: 'config',
    version,
    workspaceList: listed.from,
    definitionsPerWorkspace,
    specifications,
    connectionChecks,
    jobLogs,
    changeFeed,
    jobTypes: STARTABLE_JOB_TYPES.filter((type) => startable[type]),
    tokens,
  };
}

/** A server has a call unless it answers as to any path that it does not know. */
async function hasCall(api: ConfigApi, call: string, body: object, options?: CallOptions): Promise<boolean> {
  const refusal = await refusalOf(api.post(call, 'read', body, z.unknown(), options));
  // What is answered with 200 and no JSON is a web page, which some servers have for any path.
  if (refusal?.type === 'AirbyteUnsupported' || refusal?.status === 200) return false;
  if (refusal?.callMayBeMissing !== true) return true;
  // A 404 in words that we do not know: a call that exists would say something else to nothing at all.
  return (await refusalOf(api.post(call, 'read', {}, z.unknown(), options)))?.status !== 404;
}

async function listedOrNone(list: Promise<ListedWorkspaces>): Promise<ListedWorkspaces | typeof NOWHERE> {
  return (await refusalOf(list)) === undefined ? list : NOWHERE;
}

async function readVersion(api: ConfigApi, options: CallOptions | undefined): Promise<string | undefined> {
  const instance = api.get('instance_configuration', instanceSchema, options);
  return (await refusalOf(instance)) === undefined ? (await instance).version : undefined;
}

/** The same requests as those that follow the jobs, so that they find the same. */
async function findChangeFeed(
  jobs: Jobs,
  workspaces: readonly Workspace[],
  options: CallOptions | undefined,
): Promise<AirbyteCapabilities['changeFeed']> {
  const updatedAtStart = new Date();
  const changes = { jobTypes: CONNECTION_JOB_TYPES, updatedAtStart, pageSize: 1, rowOffset: 0 };
  if (await listsChanges(jobs.list(changes, options), updatedAtStart)) return 'instance';
  if (workspaces.length === 0) return 'none';
  const workspaceIds = workspaces.map(({ workspaceId }) => workspaceId);
  const ofWorkspaces = jobs.listForWorkspaces({ ...changes, workspaceIds }, options);
  return (await listsChanges(ofWorkspaces, updatedAtStart)) ? 'workspaces' : 'none';
}
