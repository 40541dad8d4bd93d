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

/** The calls of the public API. What its resources are built on. A call is named by its method and path: `GET jobs/7`. */
export class PublicApi {
  readonly baseUrl: string;
  readonly #api: AirbyteApi;

  /** @param baseUrl left out: the API's own */
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

  /** Whether there is a list to be read. */
  async touch(path: string, options?: CallOptions): Promise<void> {
    await this.listPage(path, { limit: 1 }, z.unknown(), options);
  }

  /** One page of a list, as far as it can be read. */
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

  /** A list that comes at once, or one page of it. */
  async list<Item>(path: string, query: Query, item: z.ZodType<Item>, options?: CallOptions): Promise<Item[]> {
    const list = await this.listPage(path, query, item, options);
    assertReadable({ call: `GET ${path}`, baseUrl: this.baseUrl }, list);
    return list.items;
  }

  /**
   * Everything a list has, page by page. Where rows may be missing all the same, a warning names the list.
   *
   * @throws AirbyteError `AirbyteUnavailable` instead of the warning, where only the whole list will do
   */
  async listAll<Item>(
    path: string,
    query: Query,
    schema: z.ZodType<Item>,
    idOf: (item: Item) => string,
    options?: ListOptions,
  ): Promise<Item[]> {
    let problem: z.ZodError | undefined;
    const { items: rows, doubt } = await readAllPages(
      async (page) => {
        const list = await this.listPage(path, { ...query, ...page }, schema, options);
        problem ??= list.problem;
        return list.rows;
      },
      (row) => ('item' in row ? idOf(row.item) : row.leftOut),
    );
    const items = rows.flatMap((row) => ('item' in row ? [row.item] : []));
    assertReadable({ call: `GET ${path}`, baseUrl: this.baseUrl }, { items, problem });
    if (doubt !== undefined) {
      const list = { call: `GET ${path}`, baseUrl: this.baseUrl, doubt, known: items.length };
      reportIncompleteList(list, this.#api.warn, options);
    }
    return items;
  }

  /** Whether the server gives tokens for client credentials. */
  issuesTokens(options?: CallOptions): Promise<boolean> {
    return this.#api.issuesTokens(options);
  }

  /** The error of something that only the Config API has. Nothing was asked of the server. */
  unsupported(call: string, what: string, advice: string): AirbyteError {
    return new AirbyteError({
      type: 'AirbyteUnsupported',
      call,
      message: `${what} cannot be had from ${this.baseUrl}: Airbyte's public API has no call for it. ${advice}`,
      retryable: false,
      effect: 'none',
    });
  }

  /** The error of a request that the public API has no words for. Nothing was sent. */
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
    return { call: `${method} ${path}`, method, path: target, baseUrl: this.baseUrl };
  }
}

/** What to do where the public API falls short and the server is one's own. */
export const USE_CONFIG_API = 'A self-managed Airbyte has it in its Config API: set AIRBYTE_URL to …/api/v1.';

function searchOf(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  return search.toString();
}
