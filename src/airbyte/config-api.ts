import type { z } from 'zod';
import { type AirbyteAuth, type Authenticator, createAuthenticator, secretsIn } from './auth';
import { publicApiUrl } from './config-api-url';
import { AirbyteError } from './errors';
import { type CallKind, type CallOptions, HttpTransport, type Request } from './http';
import type { RequestPace } from './request-pace';

/** Calls of one Airbyte server, with credentials. What the resources of the client are built on. */
export class ConfigApi {
  readonly baseUrl: string;
  readonly #transport: HttpTransport;
  readonly #authenticator: Authenticator;

  constructor(baseUrl: string, auth: AirbyteAuth, timeoutsMs: Partial<Record<CallKind, number>> | undefined) {
    this.baseUrl = baseUrl;
    this.#transport = new HttpTransport(baseUrl, timeoutsMs);
    this.#authenticator = createAuthenticator(auth, this.#transport);
  }

  /** A call of the Config API: always a POST with a JSON body. */
  post<Schema extends z.ZodType>(
    call: string,
    kind: CallKind,
    body: object,
    schema: Schema,
    options?: CallOptions,
  ): Promise<z.output<Schema>> {
    return this.#send({ call, kind, body, schema }, options);
  }

  get<Schema extends z.ZodType>(call: string, schema: Schema, options?: CallOptions): Promise<z.output<Schema>> {
    return this.#send({ call, kind: 'read', schema }, options);
  }

  /** A GET of the public API of the same server. */
  getPublic<Schema extends z.ZodType>(call: string, schema: Schema, options?: CallOptions): Promise<z.output<Schema>> {
    return this.#send({ call, kind: 'read', schema, baseUrl: publicApiUrl(this.baseUrl) }, options);
  }

  get pace(): RequestPace {
    return this.#transport.pace;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #send<Schema extends z.ZodType>(request: Request<Schema>, options?: CallOptions): Promise<z.output<Schema>> {
    const headers = await this.#authenticator.headers(options?.signal);
    try {
      return await this.#transport.send({ ...request, headers, secrets: secretsIn(headers) }, options);
    } catch (error) {
      // A 401 changed nothing, so the same request may go out once more with a new token.
      if (!(error instanceof AirbyteError && error.status === 401 && this.#authenticator.renew(headers))) {
        throw error;
      }
    }
    const renewed = await this.#authenticator.headers(options?.signal);
    return this.#transport.send({ ...request, headers: renewed, secrets: secretsIn(renewed) }, options);
  }
}

/** Whether a server refused a call because it does not have it, as far as can be told: what else there is, is tried. */
export function isMissingCall(error: unknown): boolean {
  return error instanceof AirbyteError && (error.type === 'AirbyteUnsupported' || error.callMayBeMissing);
}

/** Whether a server refused what was sent: one that knows only the fields of its own version may take fewer of them. */
export function isInvalidRequest(error: unknown): boolean {
  return error instanceof AirbyteError && error.type === 'AirbyteInvalidRequest';
}
