import type { z } from 'zod';
import type { AirbyteApi } from '../airbyte-api';
import type { CallKind, CallOptions } from '../calls';
import { type BodyReader, listReader } from '../http/body-readers';
import { assertReadable, type ParsedList } from '../lists/list-responses';
import { UnsupportedEndpoints } from './unsupported-endpoints';

/** Sends calls of the Config API. Its resources are built on it. */
export class ConfigApi {
  readonly baseUrl: string;
  readonly unsupportedEndpoints = new UnsupportedEndpoints();
  readonly #api: AirbyteApi;

  constructor(api: AirbyteApi) {
    this.#api = api;
    this.baseUrl = api.baseUrl;
  }

  /** Sends a POST with a JSON body, as for almost every call. */
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

  /** Warns of a problem although a call succeeds. */
  get warn(): (message: string) => void {
    return this.#api.warn;
  }

  /** Reads a list. `field` is the field of its items; undefined where the response itself is the list. */
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

  /** The readable part of one page of a list. */
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

  /** Whether the server issues tokens for client credentials. */
  issuesTokens(options?: CallOptions): Promise<boolean> {
    return this.#api.issuesTokens(options);
  }
}
