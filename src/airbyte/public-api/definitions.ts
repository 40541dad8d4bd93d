import { z } from 'zod';
import type { CallOptions } from '../calls';
import { AirbyteError, isUnsupportedEndpoint, withAdvice } from '../errors';
import type { DefinitionIdField, Definitions } from '../resources';
import { type Definition, type DefinitionSpecification, looseRecord } from '../schemas';
import { type PublicApi, USE_CONFIG_API } from './public-api';

const definitionSchema = looseRecord({
  id: z.string().min(1),
  name: z.string(),
  dockerRepository: z.string().optional(),
  dockerImageTag: z.string().optional(),
});

/** The names of one kind of definition in the public API. */
const KINDS: Record<DefinitionIdField, { path: string; noun: string; others: readonly string[] }> = {
  // Sources from Airbyte's Connector Builder have a list of their own.
  sourceDefinitionId: { path: 'sources', noun: 'source', others: ['declarative_sources'] },
  destinationDefinitionId: { path: 'destinations', noun: 'destination', others: [] },
};

export class PublicDefinitions<IdField extends DefinitionIdField> implements Definitions<IdField> {
  readonly #api: PublicApi;
  readonly #idField: IdField;

  constructor(api: PublicApi, idField: IdField) {
    this.#api = api;
    this.#idField = idField;
  }

  async list(workspaceId: string, options?: CallOptions): Promise<Definition[]> {
    const { path, others: otherPaths } = KINDS[this.#idField];
    const main = this.#list(workspaceId, path, options).catch((error: unknown) => {
      throw isUnsupportedEndpoint(error)
        ? withAdvice(error, `The public API has definitions since Airbyte 1.6. ${USE_CONFIG_API}`)
        : error;
    });
    const others = otherPaths.map(async (other) => {
      const list = () => this.#list(workspaceId, other, options);
      try {
        return await list();
      } catch (error) {
        if (!isUnsupportedEndpoint(error)) return emptyIfRejected(error);
        // This may be a gateway's page. Once the main list has come, the responses are Airbyte's own, so try again.
        await main;
        return list().catch((secondError: unknown) =>
          isUnsupportedEndpoint(secondError) ? [] : emptyIfRejected(secondError),
        );
      }
    });
    const lists = await Promise.all([main, ...others]);
    return lists.flat();
  }

  async get(id: Record<IdField, string> & { workspaceId?: string }, options?: CallOptions): Promise<Definition> {
    const { path, noun } = KINDS[this.#idField];
    const definitionId = id[this.#idField];
    if (id.workspaceId === undefined) {
      const call = `GET workspaces/{workspaceId}/definitions/${path}/${definitionId}`;
      throw this.#api.invalid(
        call,
        `this API has ${noun} definitions only within a workspace. Give the workspaceId too.`,
      );
    }
    const within = pathOf(id.workspaceId, path);
    const found = await this.#api.get(`${within}/${encodeURIComponent(definitionId)}`, {}, definitionSchema, options);
    return this.#read(found);
  }

  async specification({ [this.#idField]: definitionId }: Record<IdField, string>): Promise<DefinitionSpecification> {
    throw this.#api.unsupported('specification', `The specification of ${definitionId}`, USE_CONFIG_API);
  }

  async #list(workspaceId: string, path: string, options: CallOptions | undefined): Promise<Definition[]> {
    const definitions = await this.#api.list(pathOf(workspaceId, path), {}, definitionSchema, options);
    return definitions.map((definition) => this.#read(definition));
  }

  #read({ id, ...definition }: z.output<typeof definitionSchema>): Definition {
    return { ...definition, definitionId: id, [this.#idField]: id };
  }
}

function pathOf(workspaceId: string, path: string): string {
  return `workspaces/${encodeURIComponent(workspaceId)}/definitions/${path}`;
}

/** An empty list if the server rejects the call: not every server has this list, and no caller requires it. */
function emptyIfRejected(error: unknown): Definition[] {
  if (error instanceof AirbyteError && !error.retryable) return [];
  throw error;
}
