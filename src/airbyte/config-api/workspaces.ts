import type { AirbyteFlavour } from '../airbyte-url';
import type { CallOptions } from '../calls';
import { AirbyteError } from '../errors';
import type { ListOptions, Workspaces } from '../resources';
import { type Workspace, workspaceSchema } from '../schemas';
import type { ConfigApi } from './config-api';

export class ConfigWorkspaces implements Workspaces {
  readonly #api: ConfigApi;
  readonly #publicWorkspaces: Workspaces;

  /** @param publicWorkspaces those of the public API of the same server, for a Config API that does not list them */
  constructor(api: ConfigApi, publicWorkspaces: Workspaces) {
    this.#api = api;
    this.#publicWorkspaces = publicWorkspaces;
  }

  async list(options?: ListOptions): Promise<Workspace[]> {
    return (await listWorkspaces(this.#api, this.#publicWorkspaces, options)).workspaces;
  }

  get(workspaceId: string, options?: CallOptions): Promise<Workspace> {
    return this.#api.post('workspaces/get', 'read', { workspaceId }, workspaceSchema, options);
  }
}

export interface ListedWorkspaces {
  workspaces: Workspace[];
  /** The API that listed them. */
  from: AirbyteFlavour;
}

/** The workspaces that the credentials may read, from whichever API of the server lists them. */
export function listWorkspaces(
  api: ConfigApi,
  publicWorkspaces: Workspaces,
  options?: ListOptions,
): Promise<ListedWorkspaces> {
  return api.lacked.withFallback<ListedWorkspaces>(
    'workspaces/list',
    async (call) => {
      const workspaces = await api.list(call, {}, 'workspaces', workspaceSchema, options);
      return { workspaces, from: 'config' };
    },
    async (refusal) => {
      try {
        return { workspaces: await publicWorkspaces.list(options), from: 'public' };
      } catch (error) {
        // A server with neither list is better described by the first answer than by the second.
        const hasNeither = error instanceof AirbyteError && (!error.retryable || error.status === 404);
        throw refusal !== undefined && hasNeither ? refusal : error;
      }
    },
    // The call names no object, so any 404 means that the server does not have it (Airbyte since 1.8). With
    // authentication on, that is a 401 or a 403; a 403 is also for those who may read some workspaces but not all.
    ({ status = 0 }) => [401, 403, 404].includes(status),
  );
}
