import { z } from 'zod';
import { STARTABLE_JOB_TYPES, type StartableJobType } from '../../contract/job-types';
import type { CallOptions } from '../calls';
import type { AirbyteCapabilities, UncertainCapability } from '../capabilities';
import { errorResponseOf, filtersByUpdatedAt, NONEXISTENT_ID } from '../endpoint-probes';
import type { AirbyteError } from '../errors';
import { CONNECTION_JOB_TYPES } from '../jobs';
import type { Jobs } from '../resources';
import { looseRecord, type Workspace } from '../schemas';
import type { ConfigApi } from './config-api';
import type { ListedWorkspaces } from './workspaces';

const NONEXISTENT_DEFINITION = { sourceDefinitionId: NONEXISTENT_ID, workspaceId: NONEXISTENT_ID };

const NO_WORKSPACE_LIST = { workspaces: [], from: 'none' } as const;

const instanceSchema = looseRecord({ version: z.string().optional() });

/**
 * Finds out what a server's Config API supports, by calls about an object that does not exist.
 *
 * @param list lists the workspaces that the credentials may read
 */
export async function probeConfigApi(
  api: ConfigApi,
  list: () => Promise<ListedWorkspaces>,
  jobs: Jobs,
  options?: CallOptions,
): Promise<AirbyteCapabilities> {
  const calls = new CallProbe(api, options);
  const uncertain: UncertainCapability[] = [];
  const supports = async (capability: UncertainCapability, call: string, body: object) => {
    const supported = await calls.isSupported(call, body);
    if (supported === 'uncertain') uncertain.push(capability);
    return supported !== false;
  };
  const connection = { connectionId: NONEXISTENT_ID };
  // This call comes first, because it shows whether Airbyte accepts the credentials at all.
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
    supports('definitionsPerWorkspace', 'source_definitions/list_for_workspace', { workspaceId: NONEXISTENT_ID }),
    supports('specifications', 'source_definition_specifications/get', NONEXISTENT_DEFINITION),
    supports('connectionChecks', 'sources/check_connection', { sourceId: NONEXISTENT_ID }),
    supports('jobLogs', 'jobs/get', { id: 0 }),
    findChangeFeed(jobs, listed.workspaces, options),
    supports('reset', 'connections/reset', connection),
    supports('refresh', 'connections/refresh', { ...connection, refreshMode: 'Merge' }),
    supports('clear', 'connections/clear', connection),
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
    ...(uncertain.length > 0 && { uncertain }),
    tokens,
  };
}

/** A call that no Airbyte supports. */
const NONEXISTENT_CALL = 'connections/no_such_call';

/** Finds out which calls a server supports. Use it only after Airbyte has accepted the credentials. */
class CallProbe {
  #baselineStatuses: Promise<[noCall: number | undefined, noObject: number | undefined]> | undefined;

  constructor(
    private readonly api: ConfigApi,
    private readonly options: CallOptions | undefined,
  ) {}

  /** A server supports a call unless its response is the one to a path that it does not know. */
  async isSupported(call: string, body: object): Promise<boolean | 'uncertain'> {
    const response = await this.#errorResponseOf(call, body);
    // A 200 without JSON is a web page, which some servers send for any path.
    if (response?.type === 'AirbyteUnsupported' || response?.status === 200) return false;
    if (response?.type === 'AirbyteUnauthorized') return this.#probeForbidden(response.status);
    if (response?.status === 405 || response?.status === 501) return false;
    if (response?.callMayBeMissing !== true && !(response?.status === 404 && response.retryable)) return true;
    // A page, or a text that the client does not know. To an empty body, a call that exists would respond otherwise.
    return (await this.#errorResponseOf(call, {}))?.status !== 404;
  }

  /** With authentication enabled, an unsupported call is forbidden, and so may be an object that does not exist. */
  async #probeForbidden(status: number | undefined): Promise<boolean | 'uncertain'> {
    this.#baselineStatuses ??= Promise.all([
      this.#errorResponseOf(NONEXISTENT_CALL, { connectionId: NONEXISTENT_ID }).then((response) => response?.status),
      this.#errorResponseOf('connections/get', { connectionId: NONEXISTENT_ID }).then((response) => response?.status),
    ]);
    const [noCall, noObject] = await this.#baselineStatuses;
    if (status !== noCall) return true;
    return status === noObject ? 'uncertain' : false;
  }

  #errorResponseOf(call: string, body: object): Promise<AirbyteError | undefined> {
    const response = this.api.post(call, 'read', body, z.unknown(), this.options);
    return errorResponseOf(response, { unauthorized: 'return' });
  }
}

async function listedOrNone(list: Promise<ListedWorkspaces>): Promise<ListedWorkspaces | typeof NO_WORKSPACE_LIST> {
  return (await errorResponseOf(list)) === undefined ? list : NO_WORKSPACE_LIST;
}

async function readVersion(api: ConfigApi, options: CallOptions | undefined): Promise<string | undefined> {
  const instance = api.get('instance_configuration', instanceSchema, options);
  return (await errorResponseOf(instance, { unauthorized: 'return' })) === undefined
    ? (await instance).version
    : undefined;
}

/** Makes the same requests as the change feed of the jobs, so that their result holds for it. */
async function findChangeFeed(
  jobs: Jobs,
  workspaces: readonly Workspace[],
  options: CallOptions | undefined,
): Promise<AirbyteCapabilities['changeFeed']> {
  const updatedAtStart = new Date();
  const changes = { jobTypes: CONNECTION_JOB_TYPES, updatedAtStart, pageSize: 1, rowOffset: 0 };
  if (await filtersByUpdatedAt(jobs.list(changes, options), updatedAtStart)) return 'instance';
  if (workspaces.length === 0) return 'none';
  const workspaceIds = workspaces.map(({ workspaceId }) => workspaceId);
  const ofWorkspaces = jobs.listForWorkspaces({ ...changes, workspaceIds }, options);
  return (await filtersByUpdatedAt(ofWorkspaces, updatedAtStart)) ? 'workspaces' : 'none';
}
