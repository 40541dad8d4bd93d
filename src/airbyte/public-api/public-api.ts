import { z } from 'zod';
import type { AirbyteApi } from '../airbyte-api';
import type { CallKind, CallOptions } from '../calls';
import { AirbyteError } from '../errors';
import { listReader } from '../http/body-readers';
import type { Method } from '../http/http-transport';
import { assertReadable, type ParsedList } from '../lists/list-responses';
import { readAllPages, reportIncompleteList } from '../lists/paged-list';
import type { ListOptions } from '../resources';

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

/**
 * Sends calls of the public API. Its resources are built on it. A call is named by its method and path: `GET jobs/7`.
 */
export class PublicApi {
  readonly baseUrl: string;
  readonly #api: AirbyteApi;

  /** @param baseUrl default: the base of the client */
  constructor(api: AirbyteApi, baseUrl = api.baseUrl) {
    this.#api = api;
    this.baseUrl = baseUrl;
  }

  get<Schema extends z.ZodType>(
    path: string,
    query: Query,
    schema: Schema,
    options?: CallOptions,
    kind: CallKind = 'read',
  ): Promise<z.output<Schema>> {
    return this.#send('GET', path, kind, { query, schema }, options);
  }

  post<Schema extends z.ZodType>(
    path: string,
    kind: CallKind,
    body: object,
    schema: Schema,
    options?: CallOptions,
  ): Promise<z.output<Schema>> {
    return this.#send('POST', path, kind, { body, schema }, options);
  }

  patch<Schema extends z.ZodType>(
    path: string,
    body: object,
    schema: Schema,
    options?: CallOptions,
  ): Promise<z.output<Schema>> {
    return this.#send('PATCH', path, 'write', { body, schema }, options);
  }

  put<Schema extends z.ZodType>(
    path: string,
    body: object,
    schema: Schema,
    options?: CallOptions,
  ): Promise<z.output<Schema>> {
    return this.#send('PUT', path, 'write', { body, schema }, options);
  }

  delete<Schema extends z.ZodType>(
    path: string,
    kind: CallKind,
    schema: Schema,
    options?: CallOptions,
  ): Promise<z.output<Schema>> {
    return this.#send('DELETE', path, kind, { schema }, options);
  }

  /** Checks that a list can be read. @throws AirbyteError */
  async checkListable(path: string, options?: CallOptions): Promise<void> {
    await this.listPage(path, { limit: 1 }, z.unknown(), options);
  }

  /** The readable part of one page of a list. */
  listPage<Item>(
    path: string,
    query: Query,
    item: z.ZodType<Item>,
    options?: CallOptions,
    read = listReader('data'),
  ): Promise<ParsedList<Item>> {
    const request = this.#request('GET', path, query);
    return this.#api.sendList({ ...request, kind: 'read', field: 'data', item, read }, options);
  }

  /** Reads a list that has no pages, or one page of a list. */
  async list<Item>(path: string, query: Query, item: z.ZodType<Item>, options?: CallOptions): Promise<Item[]> {
    const list = await this.listPage(path, query, item, options);
    assertReadable({ call: `GET ${path}`, baseUrl: this.baseUrl }, list);
    return list.items;
  }

  /**
   * Reads a whole list, page by page. If rows may be missing nevertheless, a warning names the list.
   *
   * @throws AirbyteError `AirbyteUnavailable` instead of the warning, if the caller requires the complete list
   */
  async listAll<Item>(
    path: string,
    query: Query,
    schema: z.ZodType<Item>,
    idOf: (item: Item) => string,
    options?: ListOptions,
  ): Promise<Item[]> {
    let problem: z.ZodError | undefined;
    const { items: rows, incompleteReason } = await readAllPages(
      async (page) => {
        const list = await this.listPage(path, { ...query, ...page }, schema, options);
        problem ??= list.problem;
        return list.rows;
      },
      (row) => ('item' in row ? idOf(row.item) : row.unreadable),
    );
    const items = rows.flatMap((row) => ('item' in row ? [row.item] : []));
    assertReadable({ call: `GET ${path}`, baseUrl: this.baseUrl }, { items, problem });
    if (incompleteReason !== undefined) {
      const list = { call: `GET ${path}`, baseUrl: this.baseUrl, incompleteReason, known: items.length };
      reportIncompleteList(list, this.#api.warn, options);
    }
    return items;
  }

  /** Whether the server issues tokens for client credentials. */
  issuesTokens(options?: CallOptions): Promise<boolean> {
    return this.#api.issuesTokens(options);
  }

  /** The error of a call that only the Config API has. No request was sent. */
  unsupported(call: string, what: string, advice: string): AirbyteError {
    return new AirbyteError({
      type: 'AirbyteUnsupported',
      call,
      message: `${what} is not available from ${this.baseUrl}: Airbyte's public API has no call for it. ${advice}`,
      retryable: false,
      effect: 'none',
    });
  }

  /** The error of a request that the public API cannot represent. No request was sent. */
  invalid(call: string, problem: string): AirbyteError {
    return new AirbyteError({
      type: 'AirbyteInvalidRequest',
      call,
      message: `${call} was not sent to ${this.baseUrl}: ${problem}`,
      retryable: false,
      effect: 'none',
    });
  }

  #send<Schema extends z.ZodType>(
    method: Method,
    path: string,
    kind: CallKind,
    { query = {}, ...request }: { query?: Query; body?: object; schema: Schema },
    options?: CallOptions,
  ): Promise<z.output<Schema>> {
    return this.#api.send({ ...this.#request(method, path, query), kind, ...request }, options);
  }

  #request(method: Method, path: string, query: Query) {
    const search = searchOf(query);
    const target = search === '' ? path : `${path}?${search}`;
    const endpoint = `${method} ${withoutIds(path)}`;
    return { call: `${method} ${path}`, endpoint, method, path: target, baseUrl: this.baseUrl };
  }
}

/** What to do if the public API does not have a call, but the server is self-managed. */
export const USE_CONFIG_API = 'A self-managed Airbyte has it in its Config API: set AIRBYTE_URL to …/api/v1.';

/** The words of the paths of the public API. Everything else in a path is an id. */
const PATH_WORDS: readonly string[] = [
  ...['applications', 'connections', 'definitions', 'destinations', 'health', 'jobs'],
  ...['sources', 'streams', 'tags', 'token', 'workspaces'],
];

/** `workspaces/{id}/definitions/sources` for the same path with an id in it. */
function withoutIds(path: string): string {
  return path.replaceAll(/[^/]+/g, (part) => (PATH_WORDS.includes(part) ? part : '{id}'));
}

function searchOf(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  return search.toString();
}
