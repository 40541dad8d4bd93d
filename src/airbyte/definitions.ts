import { z } from 'zod';
import { type ConfigApi, isMissingCall } from './config-api';
import type { CallOptions } from './http';
import {
  type Definition,
  type DefinitionSpecification,
  definitionSpecificationSchema,
  destinationDefinitionSchema,
  looseRecord,
  sourceDefinitionSchema,
} from './schemas';

type IdField = 'sourceDefinitionId' | 'destinationDefinitionId';

/** How Airbyte names the calls and fields of one kind of definition. */
interface DefinitionKind {
  calls: string;
  specificationCall: string;
  schema: z.ZodType<Definition>;
  listSchema: z.ZodType<Definition[]>;
}

const KINDS: Record<IdField, DefinitionKind> = {
  sourceDefinitionId: {
    calls: 'source_definitions',
    specificationCall: 'source_definition_specifications/get',
    schema: sourceDefinitionSchema,
    listSchema: looseRecord({ sourceDefinitions: z.array(sourceDefinitionSchema) }).transform(
      (list) => list.sourceDefinitions,
    ),
  },
  destinationDefinitionId: {
    calls: 'destination_definitions',
    specificationCall: 'destination_definition_specifications/get',
    schema: destinationDefinitionSchema,
    listSchema: looseRecord({ destinationDefinitions: z.array(destinationDefinitionSchema) }).transform(
      (list) => list.destinationDefinitions,
    ),
  },
};

/** Connector definitions: what sources or destinations can be made of. */
export class Definitions<Field extends IdField> {
  readonly #api: ConfigApi;
  readonly #kind: DefinitionKind;
  #lacksListForWorkspace = false;

  constructor(api: ConfigApi, idField: Field) {
    this.#api = api;
    this.#kind = KINDS[idField];
  }

  /**
   * The connectors that a workspace may use, its own custom ones among them. A server that knows no list per workspace
   * gives all it has.
   */
  async list(workspaceId: string, options?: CallOptions): Promise<Definition[]> {
    if (!this.#lacksListForWorkspace) {
      try {
        return await this.#list('list_for_workspace', workspaceId, options);
      } catch (error) {
        if (!isMissingCall(error)) {
          throw error;
        }
      }
    }
    const definitions = await this.#list('list', workspaceId, options);
    this.#lacksListForWorkspace = true;
    return definitions;
  }

  /** One definition, in the version that the workspace uses when one is given. */
  get(id: Record<Field, string> & { workspaceId?: string }, options?: CallOptions): Promise<Definition> {
    const call = `${this.#kind.calls}/${id.workspaceId === undefined ? 'get' : 'get_for_workspace'}`;
    return this.#api.post(call, 'read', id, this.#kind.schema, options);
  }

  /**
   * What the connector's configuration has to be.
   *
   * @throws AirbyteError `AirbyteUnsupported` from a server that keeps no specifications.
   */
  specification(
    id: Record<Field, string> & { workspaceId: string },
    options?: CallOptions,
  ): Promise<DefinitionSpecification> {
    return this.#api.post(this.#kind.specificationCall, 'read', id, definitionSpecificationSchema, options);
  }

  #list(name: string, workspaceId: string, options: CallOptions | undefined): Promise<Definition[]> {
    return this.#api.post(`${this.#kind.calls}/${name}`, 'read', { workspaceId }, this.#kind.listSchema, options);
  }
}
