import type { Dispatcher } from 'undici';
import type { z } from 'zod';
import type { SecretMask } from '../../text/masking/secret-mask';
import { PACKAGE_VERSION } from '../../text/package';
import { type CallKind, type CallOptions, type CallSite, TIMEOUTS_MS } from '../calls';
import type { AirbyteError } from '../errors';
import { CallAvailability } from '../responses/call-availability';
import {
  type Answer,
  errorOfNonJsonResponse,
  errorOfResponse,
  errorOfUnexpectedShape,
  retryAfterMs,
} from '../responses/response-errors';
import { maskErrorResponse, maskTexts } from '../responses/response-masking';
import { Semaphore } from '../semaphore';
import { unlessAborted } from '../unless-aborted';
import { type BodyReader, type ReadBody, readError, readFullBody } from './body-readers';
import { decoded } from './content-encoding';
import { LargeResponseSlot, MAXIMUM_CONCURRENT_LARGE_RESPONSES } from './large-response-slot';
import { errorOfNetwork, errorOfTimeout, mayBePlainHttpToTlsPort, WrongProtocolError } from './network-errors';
import { RateLimiter } from './rate-limiter';
import { ServerClock, timeOf } from './server-clock';
import { openConnections, type ServerConnections, type StartListener } from './server-connections';
import { speaksTls } from './tls-probe';

/** Connections for calls that answer at once, and apart from them for those that wait for Airbyte's work. */
export const QUICK_CONNECTIONS = 32;
const SLOW_CONNECTIONS = 256;

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface Request<Schema extends z.ZodType> {
  call: string;
  kind: CallKind;
  /** Left out: a POST when there is a body, else a GET. */
  method?: Method;
  /** Where it goes below the base, with its query; left out: as the call is named. */
  path?: string;
  body?: unknown;
  schema: Schema;
  /** Reads the body of a 2xx response while it comes in. Left out: all of it. */
  read?: BodyReader | undefined;
  /** Another base than the client's own. */
  baseUrl?: string;
  /** The headers that the request proves itself with. Asked when it is its turn: a token would not outlive a long queue. */
  credentials?: (signal: AbortSignal | undefined) => Promise<Record<string, string>>;
}

/** Sends one request and reads its answer. Knows no credentials and repeats nothing. */
export class HttpTransport {
  /** How fast requests may go out; all of one server's share it. */
  readonly pace = new RateLimiter();
  readonly clock = new ServerClock();
  readonly #baseUrl: string;
  readonly #timeoutsMs: Record<CallKind, number>;
  readonly #quick: ServerConnections;
  readonly #slow: ServerConnections;
  /** Whether anything has come back: the address is right then. */
  #hasResponded = false;
  readonly #large = new Semaphore(MAXIMUM_CONCURRENT_LARGE_RESPONSES);
  readonly #calls = new CallAvailability();
  readonly #userAgent = `temporal-airbyte/${PACKAGE_VERSION}`;

  /** @param masking takes the secrets out of whatever the server says, before anything of it is shortened or quoted */
  constructor(
    baseUrl: string,
    private readonly masking: SecretMask,
    timeoutsMs: Partial<Record<CallKind, number>> = {},
    private readonly proxyUrl?: string,
  ) {
    this.#baseUrl = baseUrl;
    this.#timeoutsMs = { ...TIMEOUTS_MS, ...timeoutsMs };
    const { origin } = new URL(baseUrl);
    this.#quick = openConnections(origin, QUICK_CONNECTIONS, proxyUrl);
    this.#slow = openConnections(origin, SLOW_CONNECTIONS, proxyUrl);
  }

  /**
   * @throws AirbyteError for every failure, except that a call given up by one of its signals throws the signal's reason.
   */
  async send<Schema extends z.ZodType>(request: Request<Schema>, options: CallOptions = {}): Promise<z.output<Schema>> {
    const site: CallSite = { call: request.call, baseUrl: request.baseUrl ?? this.#baseUrl };
    const { signal, abortBeforeSend } = options;
    const beforeSent =
      signal && abortBeforeSend ? AbortSignal.any([signal, abortBeforeSend]) : (signal ?? abortBeforeSend);
    const first = options.first ?? request.kind === 'cancel';
    const observeResponse = await this.pace.turn({ signal: beforeSent, first }).catch((error: unknown) => {
      throw beforeSent?.aborted ? error : errorOfNetwork(site, error, false, this.#surroundings);
    });
    const headers = (await request.credentials?.(beforeSent)) ?? {};
    await options.beforeSent?.();
    const room = new LargeResponseSlot(this.#large);
    try {
      const answer = await this.#exchange(site, request, headers, room, options);
      observeResponse({ status: answer.status, retryAfterMs: retryAfterMs(answer.headers['retry-after'], Date.now()) });
      return this.#readResponse(site, request, answer);
    } finally {
      room.leave();
    }
  }

  #readResponse<Schema extends z.ZodType>(
    site: CallSite,
    { kind, schema }: Request<Schema>,
    answer: ReceivedResponse,
  ): z.output<Schema> {
    const mask = this.masking.current();
    if (!isSuccess(answer.status)) {
      throw this.#calls.judged(site, kind, errorOfResponse(site, kind, maskErrorResponse(answer, mask)));
    }
    const { json, text } = answer.read;
    // The parser's words would only quote the page.
    if (text !== undefined)
      throw this.#calls.judged(site, kind, errorOfNonJsonResponse(site, maskErrorResponse(answer, mask)));
    const parsed = schema.safeParse(maskTexts(json, mask));
    if (parsed.success) {
      this.#calls.worked(site);
      return parsed.data;
    }
    if (json !== undefined) throw errorOfUnexpectedShape(site, parsed.error);
    throw this.#calls.judged(site, kind, errorOfNonJsonResponse(site, answer));
  }

  /** Whether a call was rejected as missing, and nothing has worked since that shows that it was Airbyte. */
  isInDoubt(call: string): boolean {
    return this.#calls.isInDoubt({ call, baseUrl: this.#baseUrl });
  }

  async close(): Promise<void> {
    this.pace.close(new Error('the client was closed'));
    await Promise.all([this.#quick.destroy(), this.#slow.destroy()]);
  }

  get #surroundings() {
    return { mask: this.masking.mask, proxyUrl: this.proxyUrl };
  }

  /** The error of a request that got no whole response. Where the very first one broke off, it is found out whether the port wants TLS. */
  async #networkError(site: CallSite, error: unknown, sent: boolean): Promise<AirbyteError> {
    const url = new URL(site.baseUrl);
    if (
      !this.#hasResponded &&
      this.proxyUrl === undefined &&
      mayBePlainHttpToTlsPort(error, url) &&
      (await speaksTls(url))
    ) {
      return errorOfNetwork(site, new WrongProtocolError(), false, this.#surroundings);
    }
    return errorOfNetwork(site, error, sent, this.#surroundings);
  }

  async #exchange(
    site: CallSite,
    request: Request<z.ZodType>,
    headers: Record<string, string>,
    room: LargeResponseSlot,
    { signal, abortBeforeSend, onSending, onResponse }: CallOptions,
  ): Promise<ReceivedResponse> {
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
          // Waiting for a free connection was not Airbyte's doing: its time begins here.
          sent = true;
          sentAt = performance.now();
          restartTimer();
        }
      };
      const read = (body: AsyncIterable<Buffer>, reader: BodyReader) =>
        // Waiting for other large responses is not Airbyte's doing, either; and each few megabytes get time of their own.
        reader(room.acquireWhenLarge(body, giveUp.signal, restartTimer));
      const answer = receive(dispatcher, request.read, read, {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method ?? (request.body === undefined ? 'GET' : 'POST'),
        headers: {
          accept: 'application/json',
          'user-agent': this.#userAgent,
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal: giveUp.signal,
        opaque: { onStart } satisfies StartListener,
      });
      // undici hears of an abort only when a waiting request gets its connection.
      const received = await unlessAborted(answer, giveUp.signal);
      this.#hasResponded = true;
      const serverTimeMs = timeOf(received.headers['date']);
      this.clock.hear(serverTimeMs);
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

/** A response as far as it was read; of an error response the body as text. */
type ReceivedResponse = Answer & { read: ReadBody };

async function receive(
  dispatcher: Dispatcher,
  reader: BodyReader = readFullBody,
  read: (body: AsyncIterable<Buffer>, reader: BodyReader) => Promise<ReadBody>,
  options: Dispatcher.RequestOptions<StartListener>,
): Promise<ReceivedResponse> {
  const { statusCode: status, headers, body: raw } = await dispatcher.request(options);
  const body = decoded(raw, headers['content-encoding']);
  if (isSuccess(status)) {
    const content = await read(body, reader);
    return { status, headers, read: content, body: content.text ?? '' };
  }
  const { json, text = json === undefined ? '' : JSON.stringify(json) } = await read(body, readError);
  return { status, headers, read: { text }, body: text };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

const TIMED_OUT = new Error('timed out');
