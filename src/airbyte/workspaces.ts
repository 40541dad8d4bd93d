import { z } from 'zod';
import { type ConfigApi, isMissingCall } from './config-api';
import { AirbyteError } from './errors';
import type { CallOptions } from './http';
import { looseRecord, type Workspace, workspaceSchema } from './schemas';

const PUBLIC_PAGE_SIZE = 100;

export class Workspaces {
  readonly #api: ConfigApi;

  constructor(api: ConfigApi) {
    this.#api = api;
  }

  /** Every workspace the credentials may read. */
  async list(options?: CallOptions): Promise<Workspace[]> {
    const schema = looseRecord({ workspaces: z.array(workspaceSchema) });
    try {
      return (await this.#api.post('workspaces/list', 'read', {}, schema, options)).workspaces;
    } catch (error) {
      // The call names no object, so any 404 means that the server does not have it (Airbyte since 1.8). A 403 is for
      // those who may read some workspaces but not the list of all.
      if (error instanceof AirbyteError && (isMissingCall(error) || error.status === 404 || error.status === 403)) {
        return this.#listPublic(error, options);
      }
      throw error;
    }
  }

  get(workspaceId: string, options?: CallOptions): Promise<Workspace> {
    return this.#api.post('workspaces/get', 'read', { workspaceId }, workspaceSchema, options);
  }

  async #listPublic(refused: AirbyteError, options: CallOptions | undefined): Promise<Workspace[]> {
    const schema = looseRecord({ data: z.array(workspaceSchema) });
    const workspaces = new Map<string, Workspace>();
    for (let more = true; more; ) {
      const call = `workspaces?limit=${PUBLIC_PAGE_SIZE}&offset=${workspaces.size}`;
      const known = workspaces.size;
      const { data } = await this.#api.getPublic(call, schema, options).catch((error: unknown) => {
        // A server with neither list is better described by the first answer than by the second.
        throw error instanceof AirbyteError && !error.retryable ? refused : error;
      });
      for (const workspace of data) {
        workspaces.set(workspace.workspaceId, workspace);
      }
      more = data.length >= PUBLIC_PAGE_SIZE && workspaces.size > known;
    }
    return [...workspaces.values()];
  }
}
