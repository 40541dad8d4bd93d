import { z } from 'zod';
import type { SecretMask } from '../text/masking/secret-mask';
import type { AirbyteFlavour, AirbyteUrl } from './airbyte-url';
import { type AirbyteAuth, type Authenticator, createAuthenticator, TOKEN_CALL, tokenRequest } from './auth';
import type { CallKind, CallOptions } from './calls';
import type { AirbyteClientObserver } from './client-observer';
import { errorResponseOf, NONEXISTENT_ID } from './endpoint-probes';
import { AirbyteError, isUnsupportedEndpoint } from './errors';
import type { ExtraHeaders } from './extra-headers';
import { HttpTransport, type Request } from './http/http-transport';
import type { RateLimiter } from './http/rate-limiter';
import { listResponseSchema, type ParsedList } from './lists/list-responses';
import type { RequestTracer } from './request-tracer';

/** A request whose response holds a list. */
export interface ListRequest<Item> extends Omit<Request<z.ZodType>, 'schema'> {
  /** The field of the response that holds the list. Default: the response itself is the list. */
  field?: string;
  item: z.ZodType<Item>;
}

/** The calls that show whether Airbyte responds at all. */
const PROBES: Record<AirbyteFlavour, readonly Pick<Request<z.ZodType>, 'call' | 'method' | 'path' | 'body'>[]> = {
  config: [{ call: 'health' }, { call: 'workspaces/list', body: {} }],
  public: [{ call: 'GET workspaces', method: 'GET', path: 'workspaces?limit=1' }],
};

/** The most warnings of one client. Each is given only once. */
const MAXIMUM_WARNINGS = 1_000;

export interface AirbyteApiOptions {
  auth: AirbyteAuth;
  proxyUrl: string | undefined;
  timeoutsMs: Partial<Record<CallKind, number>> | undefined;
  warn: (message: string) => void;
  masking: SecretMask;
  observer: AirbyteClientObserver | undefined;
  tracer: RequestTracer | undefined;
  extraHeaders: ExtraHeaders | undefined;
}

/** Sends calls with credentials to one Airbyte server. The modules of both API flavours use it. */
export class AirbyteApi {
  readonly baseUrl: string;
  /** Warns of a problem although a call succeeds. */
  readonly warn: (message: string) => void;
  readonly #flavour: AirbyteFlavour;
  readonly #auth: AirbyteAuth;
  readonly #transport: HttpTransport;
  readonly #authenticator: Authenticator;
  readonly #warned = new Set<string>();

  constructor({ url, flavour }: AirbyteUrl, options: AirbyteApiOptions) {
    const { auth, timeoutsMs, proxyUrl, warn, masking, observer, tracer, extraHeaders } = options;
    this.baseUrl = url;
    this.warn = (message) => warn(masking.mask(message));
    this.#flavour = flavour;
    this.#auth = auth;
    this.#transport = new HttpTransport(url, masking, {
      ...{ timeoutsMs, proxyUrl, observer, tracer },
      ...(extraHeaders && { extraHeaders: () => extraHeaders.current((warning) => this.#warnOnce(warning)) }),
    });
    this.#authenticator = createAuthenticator(auth, flavour, this.#transport, observer);
    masking.add(this.#authenticator.secrets);
    if (extraHeaders) masking.add(extraHeaders.secrets);
  }

  async send<Schema extends z.ZodType>(request: Request<Schema>, options?: CallOptions): Promise<z.output<Schema>> {
    try {
      return await this.#sendWithCredentials(request, options);
    } catch (error) {
      const isOurs = request.baseUrl === undefined || request.baseUrl === this.baseUrl;
      if (isOurs && error instanceof AirbyteError && this.#transport.isRejectionUnconfirmed(request.call)) {
        await this.#probeOtherCalls(request.call, options && { signal: options.signal, first: options.first });
      }
      throw error;
    }
  }

  async #sendWithCredentials<Schema extends z.ZodType>(
    request: Request<Schema>,
    options: CallOptions | undefined,
  ): Promise<z.output<Schema>> {
    let headers: Record<string, string> = {};
    const credentials = async (signal: AbortSignal | undefined) => {
      headers = await this.#authenticator.headers(signal);
      return headers;
    };
    try {
      return await this.#transport.send({ ...request, credentials }, options);
    } catch (error) {
      // A 401 changed nothing, so the same request may go out once more with a new token.
      if (!(error instanceof AirbyteError && error.status === 401 && this.#authenticator.renew(headers))) {
        throw error;
      }
    }
    return this.#transport.send({ ...request, credentials }, { ...options, first: true });
  }

  /**
   * Makes calls that some servers support, until one succeeds, which shows that the responses come from Airbyte itself.
   */
  async #probeOtherCalls(rejectedCall: string, options: CallOptions | undefined): Promise<void> {
    for (const call of PROBES[this.#flavour].filter(({ call }) => call !== rejectedCall)) {
      try {
        await this.#sendWithCredentials({ ...call, kind: 'read', schema: z.looseObject({}) }, options);
        return;
      } catch (error) {
        if (!(error instanceof AirbyteError)) throw error;
      }
    }
  }

  /** Reads a list. For each item that cannot be read, or only in part, it warns once. */
  async sendList<Item>(
    { field, item, ...request }: ListRequest<Item>,
    options?: CallOptions,
  ): Promise<ParsedList<Item>> {
    const list = await this.send({ ...request, schema: listResponseSchema(field, item) }, options);
    for (const warning of list.warnings) this.#warnOnce(`${request.call} at ${this.baseUrl}: ${warning}.`);
    return list;
  }

  #warnOnce(warning: string): void {
    if (this.#warned.has(warning) || this.#warned.size >= MAXIMUM_WARNINGS) return;
    this.#warned.add(warning);
    this.warn(warning);
  }

  /**
   * Whether the server issues tokens for client credentials. Unless the client uses them itself, it asks for a token
   * with credentials that do not exist.
   */
  async issuesTokens(options?: CallOptions): Promise<boolean> {
    if (this.#auth.kind === 'clientCredentials') return true;
    const body = tokenRequest(this.#flavour, NONEXISTENT_ID, NONEXISTENT_ID);
    const response = this.send({ call: TOKEN_CALL, kind: 'read', body, schema: z.unknown() }, options);
    return !isUnsupportedEndpoint(await errorResponseOf(response, { unauthorized: 'return' }));
  }

  /** Limits how fast requests go out. */
  get rateLimiter(): RateLimiter {
    return this.#transport.rateLimiter;
  }

  /** The server's current epoch seconds, or a little less; undefined until a response has shown its time. */
  get serverTime(): number | undefined {
    return this.#transport.clock.now();
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}
