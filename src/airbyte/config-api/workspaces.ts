import type { AirbyteFlavour } from '../airbyte-url';
import type { CallOptions } from '../calls';
import { AirbyteError } from '../errors';
import type { ListOptions, Workspaces } from '../resources';
import { type Workspace, workspaceSchema } from '../schemas';
import type { ConfigApi } from './config-api';

export class ConfigWorkspaces implements Workspaces {
  readonly #api: ConfigApi;
  readonly #publicWorkspaces: Workspaces;

  /**
   * @param publicWorkspaces the workspaces in the public API of the same server, for a Config API that does not list
   * them
   */
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
  return api.unsupportedEndpoints.withFallback<ListedWorkspaces>(
    'workspaces/list',
    async (call) => {
      const workspaces = await api.list(call, {}, 'workspaces', workspaceSchema, options);
      return { workspaces, from: 'config' };
    },
    async (errorResponse) => {
      try {
        return { workspaces: await publicWorkspaces.list(options), from: 'public' };
      } catch (error) {
        // If the server has neither list, the first error says more than the second.
        const hasNeither = error instanceof AirbyteError && (!error.retryable || error.status === 404);
        throw errorResponse !== undefined && hasNeither ? errorResponse : error;
      }
    },
    // The call is about no object, so any 404 means that the server does not support it (Airbyte since 1.8). With
    // authentication enabled, that is a 401 or a 403. Credentials that may not read all workspaces get a 403, too.
    ({ status = 0 }) => [401, 403, 404].includes(status),
  );
}
