import { z } from 'zod';
import { sentence } from '../answer-errors';
import { AirbyteError, isInvalidRequest } from '../errors';
import type { CallOptions } from '../http';
import { toJobFailure } from '../jobs';
import type { ActorInput, Actors, ConnectionCheck, DefinitionIdField, DiscoveredSchema, Sources } from '../resources';
import {
  checkConnectionSchema,
  type Destination,
  destinationSchema,
  discoverSchemaSchema,
  looseRecord,
  type Source,
  sourceSchema,
} from '../schemas';
import type { ConfigApi } from './config-api';

/** How Airbyte names the calls and fields of sources, and of destinations. */
interface ActorKind<Actor, IdField extends string> {
  plural: 'sources' | 'destinations';
  idField: IdField;
  schema: z.ZodType<Actor>;
}

const PAGE_SIZE = 100;

/** What sources and destinations have in common. */
abstract class ConfigActors<
  IdField extends string,
  ActorDefinitionIdField extends DefinitionIdField,
  Actor extends Record<IdField, string>,
> implements Actors<IdField, ActorDefinitionIdField, Actor>
{
  protected readonly api: ConfigApi;
  readonly #kind: ActorKind<Actor, IdField>;

  constructor(api: ConfigApi, kind: ActorKind<Actor, IdField>) {
    this.api = api;
    this.#kind = kind;
  }

  /**
   * Every source or destination of a workspace. Since 1.8 Airbyte gives 20 at a time and says so (`page_size`); the
   * next page begins after the id sent as `cursor`. Other servers give all of them at once.
   */
  async list(workspaceId: string, options?: CallOptions): Promise<Actor[]> {
    const { plural, idField, schema } = this.#kind;
    const pageSchema = looseRecord({ page_size: z.number().optional() });
    const actorsSchema = z.looseObject({ [plural]: z.array(schema) });
    const listSchema = pageSchema.pipe(actorsSchema);
    const actors = new Map<string, Actor>();
    let body: object = { workspaceId };
    for (let more = true; more; ) {
      const known = actors.size;
      const answer = await this.api.post(`${plural}/list`, 'read', body, listSchema, options);
      const page = answer[plural] as Actor[];
      for (const actor of page) {
        actors.set(actor[idField], actor);
      }
      // A page without anything new ends the list also on a server that ignores the cursor.
      const pageSize = answer['page_size'];
      more = typeof pageSize === 'number' && page.length >= pageSize && actors.size > known;
      body = { workspaceId, cursor: page.at(-1)?.[idField], pageSize: PAGE_SIZE };
    }
    return [...actors.values()];
  }

  get(id: string, options?: CallOptions): Promise<Actor> {
    const { plural, idField, schema } = this.#kind;
    return this.api.post(`${plural}/get`, 'read', { [idField]: id }, schema, options);
  }

  create(
    input: ActorInput & { workspaceId: string } & Record<ActorDefinitionIdField, string>,
    options?: CallOptions,
  ): Promise<Actor> {
    return this.api.post(`${this.#kind.plural}/create`, 'write', input, this.#kind.schema, options);
  }

  update(input: ActorInput & Record<IdField, string>, options?: CallOptions): Promise<Actor> {
    return this.api.post(`${this.#kind.plural}/update`, 'write', input, this.#kind.schema, options);
  }

  async checkConnection(id: string, options?: CallOptions): Promise<ConnectionCheck> {
    const { plural, idField } = this.#kind;
    const body = { [idField]: id };
    const answer = await this.api.post(`${plural}/check_connection`, 'check', body, checkConnectionSchema, options);
    const reason = answer.jobInfo?.failureReason;
    return { status: answer.status, message: answer.message, failure: reason && toJobFailure(reason) };
  }
}

export class ConfigDestinations extends ConfigActors<'destinationId', 'destinationDefinitionId', Destination> {
  constructor(api: ConfigApi) {
    super(api, { plural: 'destinations', idField: 'destinationId', schema: destinationSchema });
  }
}

export class ConfigSources extends ConfigActors<'sourceId', 'sourceDefinitionId', Source> implements Sources {
  constructor(api: ConfigApi) {
    super(api, { plural: 'sources', idField: 'sourceId', schema: sourceSchema });
  }

  async discoverSchema(
    sourceId: string,
    request: { disableCache?: boolean; connectionId?: string } = {},
    options?: CallOptions,
  ): Promise<DiscoveredSchema> {
    const call = 'sources/discover_schema';
    const discover = (fields: object) =>
      this.api.post(call, 'discover', { sourceId, ...fields }, discoverSchemaSchema, options);
    const fields = { connectionId: request.connectionId, disable_cache: request.disableCache };
    const { catalog, catalogId, jobInfo } = await discover(fields).catch((error: unknown) => {
      // A server that keeps no answers may refuse to be told not to use them.
      if (request.disableCache !== undefined && isInvalidRequest(error))
        return discover({ ...fields, disable_cache: undefined });
      throw error;
    });
    if (catalog !== undefined && jobInfo?.succeeded !== false) {
      return { catalogId, catalog };
    }
    const failure = toJobFailure(jobInfo?.failureReason ?? {});
    const misconfigured = failure.type === 'config_error';
    const advice = misconfigured ? "Correct the source's configuration." : 'Check the source, then try again.';
    throw new AirbyteError({
      type: misconfigured ? 'AirbyteInvalidRequest' : 'AirbyteUnavailable',
      call,
      status: 200,
      message: `${call} at ${this.api.baseUrl} found no schema: ${sentence(failure.message ?? 'Airbyte gave no reason')} ${advice}`,
      retryable: !misconfigured,
      effect: 'none',
    });
  }
}
