import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { asSentence } from '../../text/as-sentence';
import type { CallOptions } from '../calls';
import { AirbyteError, isInvalidRequest } from '../errors';
import { readCatalog, readJob } from '../http/body-readers';
import { toJobFailure } from '../job-responses/job-schemas';
import { assertReadable } from '../lists/list-responses';
import { ENDLESS_LIST, isEndless, mayBeCapped, PAGE_LIMIT, reportIncompleteList } from '../lists/paged-list';
import type {
  ActorInput,
  Actors,
  ConnectionCheck,
  DefinitionIdField,
  DiscoveredSchema,
  ListOptions,
  NewConfiguration,
  Sources,
} from '../resources';
import {
  checkConnectionSchema,
  type Destination,
  destinationSchema,
  discoverSchemaSchema,
  looseRecord,
  numberSchema,
  type Source,
  sourceSchema,
} from '../schemas';
import type { ConfigApi } from './config-api';

/** The names of the calls and fields of sources or destinations. */
interface ActorKind<Actor, IdField extends string> {
  plural: 'sources' | 'destinations';
  idField: IdField;
  schema: z.ZodType<Actor>;
}

/** The origin of failures that no connector is involved in. */
const AIRBYTE_PLATFORM_ORIGIN = 'airbyte_platform';

const pageFieldsSchema = looseRecord({ page_size: numberSchema.optional(), num_connections: numberSchema.optional() });

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
   * All sources or destinations of a workspace. An actor that is renamed meanwhile may move to a page that was read
   * before. So if the server counts more actors than were read, the list is read again, until that brings no new ones.
   */
  async list(workspaceId: string, options?: ListOptions): Promise<Actor[]> {
    const actors = new Map<string, Actor>();
    for (;;) {
      const known = actors.size;
      const { counted, incompleteReason } = await this.#readPages(workspaceId, actors, options);
      if (incompleteReason !== undefined) {
        const list = {
          call: `${this.#kind.plural}/list`,
          baseUrl: this.api.baseUrl,
          incompleteReason,
          known: actors.size,
        };
        reportIncompleteList(list, this.api.warn, options);
      }
      if (incompleteReason !== undefined || actors.size >= counted || actors.size === known)
        return [...actors.values()];
    }
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

  update(
    { replaces: _, ...input }: ActorInput & { replaces?: boolean } & Record<IdField, string>,
    options?: CallOptions,
  ): Promise<Actor> {
    return this.api.post(`${this.#kind.plural}/update`, 'write', input, this.#kind.schema, options);
  }

  checkConnection(id: string, options?: CallOptions): Promise<ConnectionCheck> {
    const { plural, idField } = this.#kind;
    return this.#check(`${plural}/check_connection`, { [idField]: id }, options);
  }

  checkConnectionForUpdate(
    input: ActorInput & Record<IdField, string>,
    options?: CallOptions,
  ): Promise<ConnectionCheck> {
    return this.#check(`${this.#kind.plural}/check_connection_for_update`, input, options);
  }

  checkConnectionForCreate(
    input: NewConfiguration & Record<ActorDefinitionIdField, string>,
    options?: CallOptions,
  ): Promise<ConnectionCheck> {
    return this.#check(`scheduler/${this.#kind.plural}/check_connection`, input, options);
  }

  async #check(call: string, body: object, options?: CallOptions): Promise<ConnectionCheck> {
    const response = await this.api.post(call, 'check', body, checkConnectionSchema, options, readJob);
    const reason = response.jobInfo?.failureReason;
    return { status: response.status, message: response.message, failure: reason && toJobFailure(reason) };
  }

  /**
   * Reads the list once. Since 1.8, Airbyte gives pages of 20, ordered by name, and shows the page size (`page_size`).
   * The next page begins after the id sent as `cursor`. Other servers give the whole list in one response.
   *
   * @returns how many actors the server counts (it calls them connections); 0 if it shows no count
   */
  async #readPages(
    workspaceId: string,
    actors: Map<string, Actor>,
    options: ListOptions | undefined,
  ): Promise<{ counted: number; incompleteReason?: string }> {
    const { plural, idField, schema } = this.#kind;
    let body: object = { workspaceId };
    const call = `${plural}/list`;
    let previous: string[] = [];
    let unreadableRows = 0;
    for (let read = 0; ; ) {
      const { rows, items, problem, response } = await this.api
        .listPage(call, body, plural, schema, options)
        .catch((error: unknown) => {
          throw previous.length > 0 ? toListChangedError(error) : error;
        });
      const ids = items.map((actor) => actor[idField]);
      for (const actor of items) actors.set(actor[idField], actor);
      assertReadable({ call, baseUrl: this.api.baseUrl }, { items: [...actors.keys()], problem });
      read += rows.length;
      unreadableRows += rows.length - items.length;
      const { page_size: pageSize, num_connections } = pageFieldsSchema.parse(response);
      const counted = Math.max(0, (num_connections ?? 0) - unreadableRows);
      if (pageSize === undefined || rows.length === 0) return { counted };
      const isComplete = actors.size >= counted && (num_connections !== undefined || !mayBeCapped(rows.length));
      if (rows.length < pageSize && (isComplete || isDeepStrictEqual(ids, previous))) return { counted };
      if (isDeepStrictEqual(ids, previous))
        return { counted, incompleteReason: 'the server gives the same page for every cursor' };
      if (isEndless(read, actors.size)) return { counted, incompleteReason: ENDLESS_LIST };
      previous = ids;
      body = { workspaceId, cursor: ids.at(-1), pageSize: PAGE_LIMIT };
    }
  }
}

/**
 * The error of a further page. A 404 is about the actor that the page should begin after, which was deleted meanwhile.
 */
function toListChangedError(error: unknown): unknown {
  if (!(error instanceof AirbyteError && error.type === 'AirbyteNotFound')) return error;
  const message = `${error.message} The list changed while it was read. Try again.`;
  return new AirbyteError({ ...error, type: 'AirbyteUnavailable', message, retryable: true, cause: error.cause });
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
      this.api.post(call, 'discover', { sourceId, ...fields }, discoverSchemaSchema, options, readCatalog);
    const fields = { connectionId: request.connectionId, disable_cache: request.disableCache };
    const discovered = await discover(fields).catch((error: unknown) => {
      // A server without a cache may reject the field that disables it.
      if (request.disableCache !== undefined && isInvalidRequest(error))
        return discover({ ...fields, disable_cache: undefined });
      throw error;
    });
    return this.#schemaOf(call, discovered);
  }

  async discoverSchemaOfConfiguration(
    input: NewConfiguration & { sourceDefinitionId: string; sourceId?: string },
    options?: CallOptions,
  ): Promise<DiscoveredSchema> {
    const call = 'scheduler/sources/discover_schema';
    return this.#schemaOf(
      call,
      await this.api.post(call, 'discover', input, discoverSchemaSchema, options, readCatalog),
    );
  }

  /** @throws AirbyteError with the connector's reason if the discovery found no schema */
  #schemaOf(call: string, { catalog, catalogId, jobInfo }: z.output<typeof discoverSchemaSchema>): DiscoveredSchema {
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
      message: `${call} at ${this.api.baseUrl} found no schema: ${asSentence(failure.message ?? 'Airbyte gave no reason')} ${advice}`,
      ...(failure.origin !== AIRBYTE_PLATFORM_ORIGIN && failure.message !== undefined && { reason: failure.message }),
      retryable: !misconfigured,
      effect: 'none',
      isOfJob: true,
    });
  }
}
