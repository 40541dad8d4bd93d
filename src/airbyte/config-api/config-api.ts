import type { z } from 'zod';
import type { AirbyteApi } from '../airbyte-api';
import type { CallKind, CallOptions } from '../calls';
import { type BodyReader, listReader } from '../http/body-readers';
import { assertReadable, type ParsedList } from '../lists/list-responses';
import { UnsupportedEndpoints } from './unsupported-endpoints';

/** The calls of the Config API. What its resources are built on. */
export class ConfigApi {
  readonly baseUrl: string;
  readonly lacked = new UnsupportedEndpoints();
  readonly #api: AirbyteApi;

  constructor(api: AirbyteApi) {
    this.#api = api;
    this.baseUrl = api.baseUrl;
  }

  /** Almost every call: a POST with a JSON body. */
  post<Schema extends z.ZodType>(
    call: string,
    kind: CallKind,
    body: object,
    schema: Schema,
    options?: CallOptions,
    read?: BodyReader,
  ): Promise<z.output<Schema>> {
    return this.#api.send({ call, kind, body, schema, read }, options);
  }

  get<Schema extends z.ZodType>(call: string, schema: Schema, options?: CallOptions): Promise<z.output<Schema>> {
    return this.#api.send({ call, kind: 'read', schema }, options);
  }

  /** Tells a person what is not as it should be although a call succeeds. */
  get warn(): (message: string) => void {
    return this.#api.warn;
  }

  /** A call that is answered with a list; `field` is where its items are, undefined where the response is the list. */
  async list<Item>(
    call: string,
    body: object,
    field: string | undefined,
    item: z.ZodType<Item>,
    options?: CallOptions,
    read?: BodyReader,
  ): Promise<Item[]> {
    const list = await this.listPage(call, body, field, item, options, read);
    assertReadable({ call, baseUrl: this.baseUrl }, list);
    return list.items;
  }

  /** One page of a list, as far as it can be read. */
  listPage<Item>(
    call: string,
    body: object,
    field: string | undefined,
    item: z.ZodType<Item>,
    options?: CallOptions,
    read = listReader(field),
  ): Promise<ParsedList<Item>> {
    return this.#api.sendList({ call, kind: 'read', body, ...(field !== undefined && { field }), item, read }, options);
  }

  /** Whether the server gives tokens for client credentials. */
  issuesTokens(options?: CallOptions): Promise<boolean> {
    return this.#api.issuesTokens(options);
  }
}
