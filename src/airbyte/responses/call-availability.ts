import type { CallKind, CallSite } from '../calls';
import { AirbyteError } from '../errors';
import { isNonJsonResponse, UNSUPPORTED_ENDPOINT_ADVICE, USUAL_PATHS_ADVICE } from './response-errors';

/** Two rejections so far apart are no single page of a gateway. */
const MINIMUM_REJECTION_GAP_MS = 2_000;
/** A rejection that is older than this is forgotten: the server may have been upgraded. */
const REMEMBERED_FOR_MS = 10 * 60_000;
/** How long an address at which nothing has ever worked may be that of an Airbyte that restarts. */
const WRONG_PATH_AFTER_MS = 2 * 60_000;
/** Longer than the longest interval between two retries: after such a gap, a rejection is the first one again. */
const LONGEST_GAP_MS = 60_000;

const GATEWAY_ADVICE = 'A gateway answers so while Airbyte restarts: try again.';
const MAYBE_UNSUPPORTED_ADVICE = 'If it stays so, this Airbyte does not have the call.';
const WRONG_PATH_ADVICE = `Nothing has worked at this address so far: AIRBYTE_URL may have the wrong path. ${USUAL_PATHS_ADVICE}`;

/** An id within a path of the public API. */
const ID = /\/(\d+|[0-9a-f]{8}-[0-9a-f-]{27})(?=\/|$)/gi;

/** What is known of the calls below one base URL. Times are milliseconds of our own clock. */
class BaseUrlHistory {
  /** Airbyte has responded here, even if with an error: the path is right. */
  isAirbyte = false;
  lastWorkedAt = Number.NEGATIVE_INFINITY;
  readonly worked = new Set<string>();
  /** When a call was first rejected as missing. */
  readonly rejectedAt = new Map<string, number>();
  /** While nothing but pages comes: since when, and when the last one came. */
  #pages: { since: number; last: number } | undefined;

  /** Tells how long nothing but pages of a gateway have come, this one included. */
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
 * The calls that a server is known to have, or to lack, from its responses so far: the page that a gateway sends in place
 * of a response must neither end a sync for good nor count as a call that the server lacks.
 */
export class CallAvailability {
  readonly #bases = new Map<string, BaseUrlHistory>();

  /** The server has responded to a call as Airbyte does. */
  worked(site: CallSite): void {
    const base = this.#baseOf(site);
    base.recordAirbyteResponse();
    base.lastWorkedAt = performance.now();
    base.worked.add(keyOf(site));
    base.rejectedAt.delete(keyOf(site));
  }

  /**
   * What an error means, given what is known. A page, or anything else that no Airbyte sends, is trouble that is worth
   * another try. It says that the server lacks the call only if not every Airbyte has it, it was rejected twice, some seconds
   * apart, and another call has worked in between. Where nothing has ever worked, the path of the URL is wrong: that is
   * said from the first time on, and after two minutes it is final.
   */
  judged(site: CallSite, kind: CallKind, error: AirbyteError): AirbyteError {
    const base = this.#baseOf(site);
    const isCommon = isCommonCall(site.call);
    if (error.type !== 'AirbyteUnsupported' && !isNonJsonResponse(error)) {
      if (error.isAirbytesOwn) base.recordAirbyteResponse();
      return error;
    }
    // Airbyte itself says that it has no such call.
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
    // What has worked is not replaced by another call for a single page.
    const callMayBeMissing = error.callMayBeMissing && !isCommon && !base.worked.has(key);
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

  /** Whether a call was rejected as missing, and nothing has worked since that shows that it was Airbyte. */
  isInDoubt(site: CallSite): boolean {
    const base = this.#baseOf(site);
    const rejectedAt = base.rejectedAt.get(keyOf(site));
    return rejectedAt !== undefined && base.lastWorkedAt <= rejectedAt;
  }

  #baseOf({ baseUrl }: CallSite): BaseUrlHistory {
    const base = this.#bases.get(baseUrl) ?? new BaseUrlHistory();
    this.#bases.set(baseUrl, base);
    return base;
  }
}

function isRejectedAgain({ rejectedAt, lastWorkedAt }: BaseUrlHistory, key: string): boolean {
  const now = performance.now();
  const before = rejectedAt.get(key);
  if (before === undefined || now - before > REMEMBERED_FOR_MS) {
    rejectedAt.set(key, now);
    return false;
  }
  return now - before >= MINIMUM_REJECTION_GAP_MS && lastWorkedAt > before;
}

function keyOf({ call }: CallSite): string {
  return call.replace(ID, '/*');
}

function describeResponse({ call, baseUrl }: CallSite, { status, reason }: AirbyteError): string {
  return `${call} at ${baseUrl} answered ${status}: ${reason}`;
}

/**
 * The calls of the Config API that every Airbyte has, from 0.50 on, and the user's reference names as well: a response that
 * says otherwise is a gateway's.
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

/** Whether every Airbyte has a call, so that it never counts as missing. */
export function isCommonCall(call: string): boolean {
  return CONFIG_CALLS.has(call) || PUBLIC_CALLS.some((pattern) => pattern.test(call));
}
