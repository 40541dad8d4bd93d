import { z } from 'zod';
import { STARTABLE_JOB_TYPES, type StartableJobType } from '../../contract/job-types';
import type { CallOptions } from '../calls';
import type { AirbyteCapabilities, UncertainCapability } from '../capabilities';
import { filtersByUpdatedAt, NONEXISTENT_ID, refusalOf } from '../endpoint-probes';
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
  const calls = new CallProbe(api, options);
  const uncertain: UncertainCapability[] = [];
  const has = async (capability: UncertainCapability, call: string, body: object) => {
    const found = await calls.find(call, body);
    if (found === 'uncertain') uncertain.push(capability);
    return found !== false;
  };
  const connection = { connectionId: NONEXISTENT_ID };
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
    has('definitionsPerWorkspace', 'source_definitions/list_for_workspace', { workspaceId: NONEXISTENT_ID }),
    has('specifications', 'source_definition_specifications/get', NONEXISTENT_DEFINITION),
    has('connectionChecks', 'sources/check_connection', { sourceId: NONEXISTENT_ID }),
    has('jobLogs', 'jobs/get', { id: 0 }),
    findChangeFeed(jobs, listed.workspaces, options),
    has('reset', 'connections/reset', connection),
    has('refresh', 'connections/refresh', { ...connection, refreshMode: 'Merge' }),
    has('clear', 'connections/clear', connection),
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

/** No Airbyte has it. */
const NONEXISTENT_CALL = 'connections/no_such_call';

/** Finds out which calls a server has. Made after a call whose credentials were taken. */
class CallProbe {
  #baselineStatuses: Promise<[noCall: number | undefined, noObject: number | undefined]> | undefined;

  constructor(
    private readonly api: ConfigApi,
    private readonly options: CallOptions | undefined,
  ) {}

  /** A server has a call unless it answers as to any path that it does not know. */
  async find(call: string, body: object): Promise<boolean | 'uncertain'> {
    const refusal = await this.#refusalOf(call, body);
    // What is answered with 200 and no JSON is a web page, which some servers have for any path.
    if (refusal?.type === 'AirbyteUnsupported' || refusal?.status === 200) return false;
    if (refusal?.type === 'AirbyteUnauthorized') return this.#probeForbidden(refusal.status);
    if (refusal?.status === 405 || refusal?.status === 501) return false;
    if (refusal?.callMayBeMissing !== true && !(refusal?.status === 404 && refusal.retryable)) return true;
    // A page, or words that we do not know: a call that exists would say something else to nothing at all.
    return (await this.#refusalOf(call, {}))?.status !== 404;
  }

  /** With authentication on, a call that is missing is forbidden, and an object that does not exist may be as well. */
  async #probeForbidden(status: number | undefined): Promise<boolean | 'uncertain'> {
    this.#baselineStatuses ??= Promise.all([
      this.#refusalOf(NONEXISTENT_CALL, { connectionId: NONEXISTENT_ID }).then((refusal) => refusal?.status),
      this.#refusalOf('connections/get', { connectionId: NONEXISTENT_ID }).then((refusal) => refusal?.status),
    ]);
    const [noCall, noObject] = await this.#baselineStatuses;
    if (status !== noCall) return true;
    return status === noObject ? 'uncertain' : false;
  }

  #refusalOf(call: string, body: object): Promise<AirbyteError | undefined> {
    const answer = this.api.post(call, 'read', body, z.unknown(), this.options);
    return refusalOf(answer, { unauthorized: 'is a refusal' });
  }
}

async function listedOrNone(list: Promise<ListedWorkspaces>): Promise<ListedWorkspaces | typeof NO_WORKSPACE_LIST> {
  return (await refusalOf(list)) === undefined ? list : NO_WORKSPACE_LIST;
}

async function readVersion(api: ConfigApi, options: CallOptions | undefined): Promise<string | undefined> {
  const instance = api.get('instance_configuration', instanceSchema, options);
  return (await refusalOf(instance, { unauthorized: 'is a refusal' })) === undefined
    ? (await instance).version
    : undefined;
}

/** The same requests as those that follow the jobs, so that they find the same. */
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
