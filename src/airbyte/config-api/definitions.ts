import type { z } from 'zod';
import type { CallOptions } from '../calls';
import type { DefinitionIdField, Definitions } from '../resources';
import {
  type Definition,
  type DefinitionSpecification,
  definitionSpecificationSchema,
  destinationDefinitionSchema,
  sourceDefinitionSchema,
} from '../schemas';
import type { ConfigApi } from './config-api';

/** The names of the calls and fields of one kind of definition. */
interface DefinitionKind {
  calls: string;
  specificationCall: string;
  schema: z.ZodType<Definition>;
  /** The field of the response that holds the list. */
  plural: string;
}

const KINDS: Record<DefinitionIdField, DefinitionKind> = {
  sourceDefinitionId: {
    calls: 'source_definitions',
    specificationCall: 'source_definition_specifications/get',
    schema: sourceDefinitionSchema,
    plural: 'sourceDefinitions',
  },
  destinationDefinitionId: {
    calls: 'destination_definitions',
    specificationCall: 'destination_definition_specifications/get',
    schema: destinationDefinitionSchema,
    plural: 'destinationDefinitions',
  },
};

export class ConfigDefinitions<IdField extends DefinitionIdField> implements Definitions<IdField> {
  readonly #api: ConfigApi;
  readonly #kind: DefinitionKind;

  constructor(api: ConfigApi, idField: IdField) {
    this.#api = api;
    this.#kind = KINDS[idField];
  }

  list(workspaceId: string, options?: CallOptions): Promise<Definition[]> {
    return this.#api.unsupportedEndpoints.withFallback(
      `${this.#kind.calls}/list_for_workspace`,
      (call) => this.#list(call, workspaceId, options),
      () => this.#list(`${this.#kind.calls}/list`, workspaceId, options),
    );
  }

  get(id: Record<IdField, string> & { workspaceId?: string }, options?: CallOptions): Promise<Definition> {
    const call = `${this.#kind.calls}/${id.workspaceId === undefined ? 'get' : 'get_for_workspace'}`;
    return this.#api.post(call, 'read', id, this.#kind.schema, options);
  }

  specification(
    id: Record<IdField, string> & { workspaceId: string },
    options?: CallOptions,
  ): Promise<DefinitionSpecification> {
    return this.#api.post(this.#kind.specificationCall, 'read', id, definitionSpecificationSchema, options);
  }

  #list(call: string, workspaceId: string, options: CallOptions | undefined): Promise<Definition[]> {
    const { plural, schema } = this.#kind;
    return this.#api.list(call, { workspaceId }, plural, schema, options);
  }
}
