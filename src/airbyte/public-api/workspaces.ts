import type { CallOptions } from '../calls';
import type { ListOptions, Workspaces } from '../resources';
import { type Workspace, workspaceSchema } from '../schemas';
import type { PublicApi } from './public-api';

export class PublicWorkspaces implements Workspaces {
  readonly #api: PublicApi;

  constructor(api: PublicApi) {
    this.#api = api;
  }

  list(options?: ListOptions): Promise<Workspace[]> {
    return this.#api.listAll('workspaces', {}, workspaceSchema, ({ workspaceId }) => workspaceId, options);
  }

  get(workspaceId: string, options?: CallOptions): Promise<Workspace> {
    return this.#api.get(`workspaces/${encodeURIComponent(workspaceId)}`, {}, workspaceSchema, options);
  }
}
