import type { CallKind, CallSite } from '../calls';
import { AirbyteError } from '../errors';
import { isNonJsonResponse, UNSUPPORTED_ENDPOINT_ADVICE, USUAL_PATHS_ADVICE } from './response-errors';

/** Two rejections that are this far apart do not come from one short outage of a gateway. */
const MINIMUM_REJECTION_GAP_MS = 2_000;
/** A rejection that is older than this is forgotten, because the server may have been upgraded. */
const REMEMBERED_FOR_MS = 10 * 60_000;
/** How long an address at which no call has ever succeeded may still be that of an Airbyte that restarts. */
const WRONG_PATH_AFTER_MS = 2 * 60_000;
/**
 * Longer than the longest interval between two retries: after such a gap, a rejection counts as the first one again.
 */
const LONGEST_GAP_MS = 60_000;

const GATEWAY_ADVICE = 'A gateway responds like this while Airbyte restarts: try again.';
const MAYBE_UNSUPPORTED_ADVICE = 'If the error persists, this Airbyte does not support the call.';
const WRONG_PATH_ADVICE = `No call has succeeded at this address so far: AIRBYTE_URL may have the wrong path. ${USUAL_PATHS_ADVICE}`;

/** An id within a path of the public API. */
const ID = /\/(\d+|[0-9a-f]{8}-[0-9a-f-]{27})(?=\/|$)/gi;

/**
 * The calls of the Config API that every Airbyte supports from 0.50 on, and the user's reference names as well. If a
 * response says that one of them does not exist, the response comes from a gateway.
 */
const CONFIG_CALLS: ReadonlySet<string> = new Set([
  'source_definitions/list',
  'sources/list',
  'sources/create',
  'sources/discover_schema',
  'destinations/create',
  'connections/get',
  'connections/create',
  'connections/update',
  'connections/sync',
  'jobs/get',
  'jobs/list',
  'jobs/cancel',
]);

/** The same of the public API, which names a call by its method and path. */
const PUBLIC_CALLS = [
  /^GET (workspaces|sources|destinations|connections|jobs|streams)$/,
  /^GET (workspaces|sources|destinations|connections|jobs)\/[^/]+$/,
  /^POST (sources|destinations|connections|jobs)$/,
  /^PATCH connections\/[^/]+$/,
  /^DELETE jobs\/[^/]+$/,
];

/** Whether every Airbyte supports a call, so that it never counts as unsupported. */
function isCommonCall(call: string): boolean {
  return CONFIG_CALLS.has(call) || PUBLIC_CALLS.some((pattern) => pattern.test(call));
}

/** The results of the calls below one base URL so far. Times are milliseconds of our own clock. */
class BaseUrlHistory {
  /** Airbyte has responded here, even if with an error: the path is right. */
  isAirbyte = false;
  lastSuccessAt = Number.NEGATIVE_INFINITY;
  readonly succeeded = new Set<string>();
  /** When a call was first rejected as unsupported. */
  readonly rejectedAt = new Map<string, number>();
  /** While all responses are pages of a gateway: when the first and the last of them came. */
  #pages: { since: number; last: number } | undefined;

  /** @returns for how many milliseconds all responses have been pages of a gateway, this one included */
  recordPage(now: number): number {
    const since = this.#pages && now - this.#pages.last <= LONGEST_GAP_MS ? this.#pages.since : now;
    this.#pages = { since, last: now };
    return now - since;
  }

  recordAirbyteResponse(): void {
    this.isAirbyte = true;
    this.#pages = undefined;
  }
}

/**
 * Remembers which calls a server has supported and which it has rejected. A gateway sends a page while Airbyte
 * restarts: that page must neither fail a sync for good nor make the call count as unsupported.
 */
export class CallAvailability {
  readonly #bases = new Map<string, BaseUrlHistory>();

  /** Remembers that Airbyte has responded to a call with success. */
  recordSuccess(site: CallSite): void {
    const base = this.#baseOf(site);
    base.recordAirbyteResponse();
    base.lastSuccessAt = performance.now();
    base.succeeded.add(keyOf(site));
    base.rejectedAt.delete(keyOf(site));
  }

  /**
   * What an error means after the responses so far. A page, or any other response that Airbyte does not send, is an
   * error to be retried. It means that the server does not support the call only if three things hold: not every
   * Airbyte supports the call, the server rejected it twice, some seconds apart, and another call succeeded in between.
   * Where no call has ever succeeded, the URL may have the wrong path: the message says so from the first time on, and
   * after two minutes the error is non-retryable.
   */
  classify(site: CallSite, kind: CallKind, error: AirbyteError): AirbyteError {
    const base = this.#baseOf(site);
    const isCommon = isCommonCall(site.call);
    if (error.type !== 'AirbyteUnsupported' && !isNonJsonResponse(error)) {
      if (error.isAirbytesOwn) base.recordAirbyteResponse();
      return error;
    }
    // Airbyte itself says that it does not have the call.
    if (error.isAirbytesOwn && !isCommon) return error;
    const isWritten = kind === 'trigger' || kind === 'cancel';
    if (!base.isAirbyte && isNonJsonResponse(error) && !isWritten) return error;
    const key = keyOf(site);
    if (error.callMayBeMissing && !isCommon && isRejectedAgain(base, key)) {
      const fields = { type: 'AirbyteUnsupported', retryable: false, effect: 'none' } as const;
      return new AirbyteError({
        ...error,
        ...fields,
        message: `${describeResponse(site, error)} ${UNSUPPORTED_ENDPOINT_ADVICE}`,
      });
    }
    // A call that has succeeded is not replaced by another one because of a single page.
    const callMayBeMissing = error.callMayBeMissing && !isCommon && !base.succeeded.has(key);
    const sinceMs = base.recordPage(performance.now());
    const retryable = base.isAirbyte || sinceMs < WRONG_PATH_AFTER_MS;
    const advice = [
      GATEWAY_ADVICE,
      ...(callMayBeMissing ? [MAYBE_UNSUPPORTED_ADVICE] : []),
      ...(base.isAirbyte ? [] : [WRONG_PATH_ADVICE]),
    ];
    return new AirbyteError({
      ...error,
      type: 'AirbyteUnavailable',
      message: [describeResponse(site, error), ...(retryable ? advice : [WRONG_PATH_ADVICE])].join(' '),
      retryable,
      effect: 'unknown',
      callMayBeMissing,
    });
  }

  /**
   * Whether a call was rejected as unsupported, and no call has succeeded since to show that the rejection was
   * Airbyte's.
   */
  isRejectionUnconfirmed(site: CallSite): boolean {
    const base = this.#baseOf(site);
    const rejectedAt = base.rejectedAt.get(keyOf(site));
    return rejectedAt !== undefined && base.lastSuccessAt <= rejectedAt;
  }

  #baseOf({ baseUrl }: CallSite): BaseUrlHistory {
    const base = this.#bases.get(baseUrl) ?? new BaseUrlHistory();
    this.#bases.set(baseUrl, base);
    return base;
  }
}

function isRejectedAgain({ rejectedAt, lastSuccessAt }: BaseUrlHistory, key: string): boolean {
  const now = performance.now();
  const before = rejectedAt.get(key);
  if (before === undefined || now - before > REMEMBERED_FOR_MS) {
    rejectedAt.set(key, now);
    return false;
  }
  return now - before >= MINIMUM_REJECTION_GAP_MS && lastSuccessAt > before;
}

function keyOf({ call }: CallSite): string {
  return call.replace(ID, '/*');
}

function describeResponse({ call, baseUrl }: CallSite, { status, reason }: AirbyteError): string {
  return `${call} at ${baseUrl} returned ${status}: ${reason}`;
}
