import type { z } from 'zod';
import type { AirbyteApi } from '../airbyte-api';
import type { CallKind, CallOptions } from '../http';
import { LackedCalls } from './lacked-calls';

/** The calls of the Config API. What its resources are built on. */
export class ConfigApi {
  readonly baseUrl: string;
  readonly lacked = new LackedCalls();
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
  ): Promise<z.output<Schema>> {
    return this.#api.send({ call, kind, body, schema }, options);
  }

  get<Schema extends z.ZodType>(call: string, schema: Schema, options?: CallOptions): Promise<z.output<Schema>> {
    return this.#api.send({ call, kind: 'read', schema }, options);
  }

  /** Tells a person what is not as it should be although a call succeeds. */
  get warn(): (message: string) => void {
    return this.#api.warn;
  }

  /** Whether the server gives tokens for client credentials. */
  issuesTokens(options?: CallOptions): Promise<boolean> {
    return this.#api.issuesTokens(options);
  }
}
