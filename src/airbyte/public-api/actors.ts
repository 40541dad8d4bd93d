import { z } from 'zod';
import type { CallOptions } from '../calls';
import type { ActorInput, Actors, ConnectionCheck, DefinitionIdField, ListOptions } from '../resources';
import { looseRecord } from '../schemas';
import { type PublicApi, USE_CONFIG_API } from './public-api';

/** The names of sources or destinations in the public API. */
interface ActorKind<IdField extends string, ActorDefinitionIdField extends DefinitionIdField> {
  path: 'sources' | 'destinations';
  noun: string;
  idField: IdField;
  definitionIdField: ActorDefinitionIdField;
}

/** The form in which sources and destinations are read: with the Config API's fields. */
type ReadActor<IdField extends string> = Record<IdField, string> & {
  name: string;
  workspaceId?: string | undefined;
  connectionConfiguration?: Record<string, unknown> | undefined;
};

export class PublicActors<
  IdField extends string,
  ActorDefinitionIdField extends DefinitionIdField,
  Actor extends ReadActor<IdField>,
> implements Actors<IdField, ActorDefinitionIdField, Actor>
{
  protected readonly api: PublicApi;
  readonly #kind: ActorKind<IdField, ActorDefinitionIdField>;
  readonly #schema: z.ZodType<Actor>;

  constructor(
    api: PublicApi,
    kind: ActorKind<IdField, ActorDefinitionIdField>,
    /** The Config API's schema, for the fields after their translation. */
    schema: z.ZodType<Actor>,
  ) {
    this.api = api;
    this.#kind = kind;
    this.#schema = actorSchema(kind.definitionIdField).pipe(schema);
  }

  list(workspaceId: string, options?: ListOptions): Promise<Actor[]> {
    const { path, idField } = this.#kind;
    const query = { workspaceIds: [workspaceId] };
    return this.api.listAll(path, query, this.#schema, (actor) => actor[idField], options);
  }

  get(id: string, options?: CallOptions): Promise<Actor> {
    return this.api.get(this.#pathOf(id), {}, this.#schema, options);
  }

  create(
    input: ActorInput & { workspaceId: string } & Record<ActorDefinitionIdField, string>,
    options?: CallOptions,
  ): Promise<Actor> {
    const { path, definitionIdField } = this.#kind;
    const { name, workspaceId, connectionConfiguration: configuration } = input;
    const body = { name, workspaceId, definitionId: input[definitionIdField], configuration };
    return this.api.post(path, 'write', body, this.#schema, options);
  }

  update(input: ActorInput & { replaces?: boolean } & Record<IdField, string>, options?: CallOptions): Promise<Actor> {
    const { name, connectionConfiguration: configuration, replaces = false } = input;
    const path = this.#pathOf(input[this.#kind.idField]);
    const body = { name, configuration };
    return replaces
      ? this.api.put(path, body, this.#schema, options)
      : this.api.patch(path, body, this.#schema, options);
  }

  async checkConnection(id: string): Promise<ConnectionCheck> {
    const { path, noun } = this.#kind;
    const what = `A connection check of the ${noun} ${id}`;
    throw this.api.unsupported(`${path}/check_connection`, what, USE_CONFIG_API);
  }

  async checkConnectionForUpdate(input: Record<IdField, string>): Promise<ConnectionCheck> {
    const { path, noun, idField } = this.#kind;
    const what = `A connection check of a new configuration of the ${noun} ${input[idField]}`;
    throw this.api.unsupported(`${path}/check_connection_for_update`, what, USE_CONFIG_API);
  }

  async checkConnectionForCreate(): Promise<ConnectionCheck> {
    const { path, noun } = this.#kind;
    const what = `A connection check of a new ${noun}`;
    throw this.api.unsupported(`scheduler/${path}/check_connection`, what, USE_CONFIG_API);
  }

  #pathOf(id: string): string {
    return `${this.#kind.path}/${encodeURIComponent(id)}`;
  }
}

function actorSchema(definitionIdField: DefinitionIdField) {
  return looseRecord({
    definitionId: z.string().min(1).optional(),
    configuration: z.record(z.string(), z.unknown()).optional(),
  }).transform(({ definitionId, configuration, ...rest }): unknown => ({
    ...rest,
    ...(definitionId !== undefined && { [definitionIdField]: definitionId }),
    ...(configuration !== undefined && { connectionConfiguration: configuration }),
  }));
}
