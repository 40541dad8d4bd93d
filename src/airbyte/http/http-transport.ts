import type { Dispatcher } from 'undici';
import type { z } from 'zod';
import { Semaphore } from '../../async/semaphore';
import { unlessAborted } from '../../async/unless-aborted';
import type { SecretMask } from '../../text/masking/secret-mask';
import { PACKAGE_VERSION } from '../../text/package';
import { type CallKind, type CallOptions, type CallSite, TIMEOUTS_MS } from '../calls';
import type { AirbyteClientObserver, EndedRequest } from '../client-observer';
import { AirbyteError } from '../errors';
import type { RequestTracer } from '../request-tracer';
import { CallAvailability } from '../responses/call-availability';
import type { HttpResponse, ResponseBody } from '../responses/http-response';
import {
  errorOfNonJsonResponse,
  errorOfResponse,
  errorOfUnexpectedShape,
  retryAfterMs,
} from '../responses/response-errors';
import { maskErrorResponse, maskTexts } from '../responses/response-masking';
import { type BodyReader, readError, readFullBody } from './body-readers';
import { decodeBody } from './content-encoding';
import { LargeResponseSlot, MAXIMUM_CONCURRENT_LARGE_RESPONSES } from './large-response-slot';
import { errorOfNetwork, errorOfTimeout, WrongProtocolError } from './network-errors';
import { RateLimiter } from './rate-limiter';
import { parseDateHeader, ServerClock } from './server-clock';
import { openConnections, type ServerConnections, type StartListener } from './server-connections';
import { isPlainHttpToTlsPort } from './tls-probe';

/**
 * The connections for calls whose response comes immediately. Calls that wait for Airbyte's work have connections of
 * their own.
 */
export const QUICK_CONNECTIONS = 32;
const SLOW_CONNECTIONS = 256;

/** A shorter wait is no wait for the rate limit. */
const MINIMUM_WAIT_MS = 1;

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface Request<Schema extends z.ZodType> {
  call: string;
  /** The call without the ids in it, from a fixed set. Default: the name of the call, which has none. */
  endpoint?: string;
  kind: CallKind;
  /** Default: POST when there is a body, else GET. */
  method?: Method;
  /** The path below the base, with the query. Default: the name of the call. */
  path?: string;
  body?: unknown;
  schema: Schema;
  /** Reads the body of a 2xx response while it comes in. Default: reads all of it. */
  read?: BodyReader | undefined;
  /** The base URL, if it is not the client's own. */
  baseUrl?: string;
  /**
   * Gives the headers with the credentials, once the rate limit lets the request go: a token may expire in a long
   * queue.
   */
  credentials?: (signal: AbortSignal | undefined) => Promise<Record<string, string>>;
}

export interface HttpTransportOptions {
  timeoutsMs?: Partial<Record<CallKind, number>> | undefined;
  proxyUrl?: string | undefined;
  observer?: AirbyteClientObserver | undefined;
  tracer?: RequestTracer | undefined;
  /** Gives the headers that each request has in addition to its own. */
  extraHeaders?: () => Readonly<Record<string, string>>;
}

/** Sends one request and reads its response. It has no credentials of its own and retries nothing. */
export class HttpTransport {
  /** Limits how fast requests go out; all requests to one server share it. */
  readonly rateLimiter = new RateLimiter();
  readonly clock = new ServerClock();
  readonly #baseUrl: string;
  readonly #timeoutsMs: Record<CallKind, number>;
  readonly #quick: ServerConnections;
  readonly #slow: ServerConnections;
  /** Whether any response has come, which shows that the address and the protocol are right. */
  #hasResponded = false;
  readonly #largeResponses = new Semaphore(MAXIMUM_CONCURRENT_LARGE_RESPONSES);
  readonly #calls = new CallAvailability();
  readonly #proxyUrl: string | undefined;
  readonly #observer: AirbyteClientObserver | undefined;
  readonly #tracer: RequestTracer | undefined;
  readonly #extraHeaders: HttpTransportOptions['extraHeaders'];
  readonly #userAgent = `temporal-airbyte/${PACKAGE_VERSION}`;

  /** @param masking masks the secrets in the server's texts, before any of them is shortened or quoted */
  constructor(
    baseUrl: string,
    private readonly masking: SecretMask,
    { timeoutsMs, proxyUrl, observer, tracer, extraHeaders }: HttpTransportOptions = {},
  ) {
    this.#baseUrl = baseUrl;
    this.#proxyUrl = proxyUrl;
    this.#observer = observer;
    this.#tracer = tracer;
    this.#extraHeaders = extraHeaders;
    this.#timeoutsMs = { ...TIMEOUTS_MS, ...timeoutsMs };
    const { origin } = new URL(baseUrl);
    this.#quick = openConnections(origin, QUICK_CONNECTIONS, proxyUrl);
    this.#slow = openConnections(origin, SLOW_CONNECTIONS, proxyUrl);
  }

  /**
   * @throws AirbyteError for every failure, except that a call whose signal is aborted throws the signal's reason.
   */
  async send<Schema extends z.ZodType>(request: Request<Schema>, options: CallOptions = {}): Promise<z.output<Schema>> {
    const site: CallSite = { call: request.call, baseUrl: request.baseUrl ?? this.#baseUrl };
    const { signal, abortBeforeSend } = options;
    const beforeSent =
      signal && abortBeforeSend ? AbortSignal.any([signal, abortBeforeSend]) : (signal ?? abortBeforeSend);
    const first = options.first ?? request.kind === 'cancel';
    const requestedAt = performance.now();
    const sentAt = await this.rateLimiter.acquire({ signal: beforeSent, first }).catch((error: unknown) => {
      throw beforeSent?.aborted ? error : errorOfNetwork(site, error, false, this.#networkErrorContext);
    });
    if (sentAt - requestedAt >= MINIMUM_WAIT_MS) this.#observer?.onRateLimitWait(sentAt - requestedAt);
    const credentials = (await request.credentials?.(beforeSent)) ?? {};
    await options.beforeSent?.();
    const largeSlot = new LargeResponseSlot(this.#largeResponses);
    try {
      const exchange = this.#traced(site, request, (headers) =>
        this.#exchange(site, request, { ...headers, ...credentials }, largeSlot, options),
      );
      const response = await this.#observed(request, exchange);
      const waitMs = retryAfterMs(response.headers['retry-after'], Date.now());
      this.rateLimiter.observe({ status: response.status, retryAfterMs: waitMs }, sentAt);
      return this.#readResponse(site, request, response);
    } finally {
      largeSlot.release();
    }
  }

  /** Reports the end of a request. */
  async #observed(
    { call, endpoint = call }: Request<z.ZodType>,
    exchange: Promise<HttpResponse>,
  ): Promise<HttpResponse> {
    if (this.#observer === undefined) return exchange;
    const startedAt = performance.now();
    let status: EndedRequest['status'] = 'aborted';
    try {
      const response = await exchange;
      status = response.status;
      return response;
    } catch (error) {
      if (error instanceof AirbyteError) status = 'no response';
      throw error;
    } finally {
      this.#observer.onRequest({ endpoint, status, durationMs: performance.now() - startedAt });
    }
  }

  /** Records a request as a part of the current trace. */
  async #traced(
    { baseUrl }: CallSite,
    request: Request<z.ZodType>,
    exchange: (headers: Readonly<Record<string, string>>) => Promise<HttpResponse>,
  ): Promise<HttpResponse> {
    if (this.#tracer === undefined) return exchange({});
    const { call, path = call, endpoint = call } = request;
    const { origin, pathname } = new URL(`${baseUrl}/${path}`);
    const span = this.#tracer.begin({ method: methodOf(request), url: origin + pathname, endpoint });
    try {
      const response = await exchange(span.headers);
      span.end({ status: response.status });
      return response;
    } catch (error) {
      span.end({ errorType: error instanceof AirbyteError ? error.type : 'aborted' });
      throw error;
    }
  }

  #readResponse<Schema extends z.ZodType>(
    site: CallSite,
    { kind, schema }: Request<Schema>,
    response: HttpResponse,
  ): z.output<Schema> {
    const mask = this.masking.current();
    if (!isSuccess(response.status)) {
      throw this.#calls.classify(site, kind, errorOfResponse(site, kind, maskErrorResponse(response, mask)));
    }
    const { json, text } = response.body;
    // The JSON parser's message would only quote the page.
    if (text !== undefined)
      throw this.#calls.classify(site, kind, errorOfNonJsonResponse(site, maskErrorResponse(response, mask)));
    const parsed = schema.safeParse(maskTexts(json, mask));
    if (parsed.success) {
      this.#calls.recordSuccess(site);
      return parsed.data;
    }
    if (json !== undefined) throw errorOfUnexpectedShape(site, parsed.error);
    throw this.#calls.classify(site, kind, errorOfNonJsonResponse(site, response));
  }

  /**
   * Whether a call was rejected as unsupported, and no call has succeeded since to show that the rejection was
   * Airbyte's.
   */
  isRejectionUnconfirmed(call: string): boolean {
    return this.#calls.isRejectionUnconfirmed({ call, baseUrl: this.#baseUrl });
  }

  async close(): Promise<void> {
    this.rateLimiter.close(new Error('the client was closed'));
    await Promise.all([this.#quick.destroy(), this.#slow.destroy()]);
  }

  get #networkErrorContext() {
    return { mask: this.masking.mask, proxyUrl: this.#proxyUrl };
  }

  /**
   * The error of a request without a complete response. Where the very first request failed, a probe finds out whether
   * the port expects TLS.
   */
  async #networkError(site: CallSite, error: unknown, sent: boolean): Promise<AirbyteError> {
    const mayBeWrongProtocol = !this.#hasResponded && this.#proxyUrl === undefined;
    return mayBeWrongProtocol && (await isPlainHttpToTlsPort(error, new URL(site.baseUrl)))
      ? errorOfNetwork(site, new WrongProtocolError(), false, this.#networkErrorContext)
      : errorOfNetwork(site, error, sent, this.#networkErrorContext);
  }

  async #exchange(
    site: CallSite,
    request: Request<z.ZodType>,
    headers: Record<string, string>,
    largeSlot: LargeResponseSlot,
    { signal, abortBeforeSend, onSending, onResponse }: CallOptions,
  ): Promise<HttpResponse> {
    signal?.throwIfAborted();
    abortBeforeSend?.throwIfAborted();
    const { dispatcher } = request.kind === 'read' || request.kind === 'write' ? this.#quick : this.#slow;
    const timeoutMs = this.#timeoutsMs[request.kind];
    const giveUp = new AbortController();
    const url = new URL(`${site.baseUrl}/${request.path ?? request.call}`);
    let sent = false;
    let givenUpBy: { reason: unknown } | undefined;
    let sentAt = performance.now();
    let timer = setTimeout(() => giveUp.abort(TIMED_OUT), timeoutMs);
    const restartTimer = () => {
      clearTimeout(timer);
      timer = setTimeout(() => giveUp.abort(TIMED_OUT), timeoutMs);
    };
    const onAbort = () => giveUp.abort();
    const onAbortUnsent = () => {
      if (!sent) giveUp.abort();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    abortBeforeSend?.addEventListener('abort', onAbortUnsent, { once: true });
    try {
      const onStart = () => {
        if (!giveUp.signal.aborted) {
          try {
            onSending?.();
          } catch (reason) {
            givenUpBy = { reason };
            throw reason;
          }
          // Airbyte's time begins here: the wait for a free connection does not count against it.
          sent = true;
          sentAt = performance.now();
          restartTimer();
        }
      };
      const read = (body: AsyncIterable<Buffer>, reader: BodyReader) =>
        // The wait for other large responses does not count against Airbyte either. Each few megabytes restart the
        // timer.
        reader(largeSlot.acquireWhenLarge(body, giveUp.signal, restartTimer));
      const response = receive(dispatcher, request.read, read, {
        origin: url.origin,
        path: url.pathname + url.search,
        method: methodOf(request),
        headers: {
          ...this.#extraHeaders?.(),
          accept: 'application/json',
          'user-agent': this.#userAgent,
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal: giveUp.signal,
        opaque: { onStart } satisfies StartListener,
      });
      // undici notices an abort of a waiting request only when the request gets its connection.
      const received = await unlessAborted(response, giveUp.signal);
      this.#hasResponded = true;
      const serverTimeMs = parseDateHeader(received.headers['date']);
      this.clock.observe(serverTimeMs);
      onResponse?.({ tookMs: performance.now() - sentAt, serverTimeMs });
      return received;
    } catch (error) {
      if (givenUpBy) throw givenUpBy.reason;
      if (signal?.aborted) {
        throw signal.reason;
      }
      if (abortBeforeSend?.aborted && !sent) {
        throw abortBeforeSend.reason;
      }
      throw giveUp.signal.aborted ? errorOfTimeout(site, timeoutMs, sent) : await this.#networkError(site, error, sent);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      abortBeforeSend?.removeEventListener('abort', onAbortUnsent);
    }
  }
}

async function receive(
  dispatcher: Dispatcher,
  reader: BodyReader = readFullBody,
  read: (body: AsyncIterable<Buffer>, reader: BodyReader) => Promise<ResponseBody>,
  options: Dispatcher.RequestOptions<StartListener>,
): Promise<HttpResponse> {
  const { statusCode: status, headers, body: raw } = await dispatcher.request(options);
  const body = decodeBody(raw, headers['content-encoding']);
  return { status, headers, body: await read(body, isSuccess(status) ? reader : readError) };
}

function methodOf({ method, body }: Request<z.ZodType>): Method {
  return method ?? (body === undefined ? 'GET' : 'POST');
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

const TIMED_OUT = new Error('timed out');
