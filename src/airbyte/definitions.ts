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

/** Connector definitions of one kind: what sources or destinations can be made of. */
interface DefinitionKind {
  /** `source_definitions`, and `source_definition_specifications` for the specifications. */
  calls: string;
  specificationCalls: string;
  idField: string;
  schema: z.ZodType<Definition>;
  listSchema: z.ZodType<Definition[]>;
}

const SOURCE_KIND: DefinitionKind = {
  calls: 'source_definitions',
  specificationCalls: 'source_definition_specifications',
  idField: 'sourceDefinitionId',
  schema: sourceDefinitionSchema,
  listSchema: looseRecord({ sourceDefinitions: z.array(sourceDefinitionSchema) }).transform(
    (list) => list.sourceDefinitions,
  ),
};

const DESTINATION_KIND: DefinitionKind = {
  calls: 'destination_definitions',
  specificationCalls: 'destination_definition_specifications',
  idField: 'destinationDefinitionId',
  schema: destinationDefinitionSchema,
  listSchema: looseRecord({ destinationDefinitions: z.array(destinationDefinitionSchema) }).transform(
    (list) => list.destinationDefinitions,
  ),
};

class Definitions {
  readonly #api: ConfigApi;
  readonly #kind: DefinitionKind;

  constructor(api: ConfigApi, kind: DefinitionKind) {
    this.#api = api;
    this.#kind = kind;
  }

  /**
   * The connectors that a workspace may use, its own custom ones among them. A server that knows no list per workspace
   * gives all it has.
   */
  async list(workspaceId: string, options?: CallOptions): Promise<Definition[]> {
    const { calls, listSchema } = this.#kind;
    try {
      return await this.#api.post(`${calls}/list_for_workspace`, 'read', { workspaceId }, listSchema, options);
    } catch (error) {
      if (!isMissingCall(error)) {
        throw error;
      }
    }
    return this.#api.post(`${calls}/list`, 'read', { workspaceId }, listSchema, options);
  }

  protected getById(definitionId: string, workspaceId?: string, options?: CallOptions): Promise<Definition> {
    const { calls, idField, schema } = this.#kind;
    return workspaceId === undefined
      ? this.#api.post(`${calls}/get`, 'read', { [idField]: definitionId }, schema, options)
      : this.#api.post(`${calls}/get_for_workspace`, 'read', { [idField]: definitionId, workspaceId }, schema, options);
  }

  protected specificationById(
    definitionId: string,
    workspaceId: string,
    options?: CallOptions,
  ): Promise<DefinitionSpecification> {
    const { specificationCalls, idField } = this.#kind;
    const body = { [idField]: definitionId, workspaceId };
    return this.#api.post(`${specificationCalls}/get`, 'read', body, definitionSpecificationSchema, options);
  }
}

export class SourceDefinitions extends Definitions {
  constructor(api: ConfigApi) {
    super(api, SOURCE_KIND);
  }

  get(id: { sourceDefinitionId: string; workspaceId?: string }, options?: CallOptions): Promise<Definition> {
    return this.getById(id.sourceDefinitionId, id.workspaceId, options);
  }

  /** What the connector's configuration has to be. @throws AirbyteError `AirbyteUnsupported` from servers without it. */
  specification(
    id: { sourceDefinitionId: string; workspaceId: string },
    options?: CallOptions,
  ): Promise<DefinitionSpecification> {
    return this.specificationById(id.sourceDefinitionId, id.workspaceId, options);
  }
}

export class DestinationDefinitions extends Definitions {
  constructor(api: ConfigApi) {
    super(api, DESTINATION_KIND);
  }

  get(id: { destinationDefinitionId: string; workspaceId?: string }, options?: CallOptions): Promise<Definition> {
    return this.getById(id.destinationDefinitionId, id.workspaceId, options);
  }

  /** What the connector's configuration has to be. @throws AirbyteError `AirbyteUnsupported` from servers without it. */
  specification(
    id: { destinationDefinitionId: string; workspaceId: string },
    options?: CallOptions,
  ): Promise<DefinitionSpecification> {
    return this.specificationById(id.destinationDefinitionId, id.workspaceId, options);
  }
}
