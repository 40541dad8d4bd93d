import { type CallSite, LACKS_CALL } from './answer-errors';
import { AirbyteError } from './errors';
import type { CallKind } from './http';

/** Two rejections so far apart are no single page of a gateway. */
const APART_MS = 2_000;
/** A rejection that is older than this is forgotten. */
const REMEMBERED_FOR_MS = 10 * 60_000;

const FROM_A_GATEWAY =
  'A gateway answers so while Airbyte restarts, so try again; if it stays so, this Airbyte does not have the call.';

/** An id within a path of the public API. */
const ID = /\/(\d+|[0-9a-f]{8}-[0-9a-f-]{27})(?=\/|$)/gi;

/**
 * The calls that a server is known to have, from its responses so far: the page that a gateway sends in place of a
 * response must neither end a sync for good nor count as a call that the server lacks.
 */
export class KnownCalls {
  readonly #worked = new Set<string>();
  /** When a call was rejected as one that is missing; milliseconds of our own clock. */
  readonly #rejectedAt = new Map<string, number>();
  #lastWorkedAt = Number.NEGATIVE_INFINITY;

  /** The server has responded to a call as Airbyte does. */
  worked(site: CallSite): void {
    const key = keyOf(site);
    this.#worked.add(key);
    this.#rejectedAt.delete(key);
    this.#lastWorkedAt = performance.now();
  }

  /**
   * What an error means, given what is known. One that says the server lacks the call is trouble, worth another try,
   * when the call has worked before, starts a job or cancels one; the second time, some seconds later, it is taken at
   * its word if another call has worked in between.
   */
  judged(site: CallSite, kind: CallKind, error: AirbyteError): AirbyteError {
    const key = keyOf(site);
    // In words of its own a 404 is as likely about the object, which another try does not bring.
    if (error.type === 'AirbyteNotFound') return error;
    if (!error.callMayBeMissing && !isNoApiResponse(error)) return error;
    if (error.callMayBeMissing && this.#isRejectedAgain(key)) {
      const fields = { type: 'AirbyteUnsupported', retryable: false, effect: 'none' } as const;
      return new AirbyteError({ ...error, ...fields, message: `${whatCame(site, error)} ${LACKS_CALL}` });
    }
    if (kind !== 'trigger' && kind !== 'cancel' && !this.#worked.has(key)) return error;
    const fields = { type: 'AirbyteUnavailable', retryable: true, effect: 'unknown', callMayBeMissing: false } as const;
    return new AirbyteError({ ...error, ...fields, message: `${whatCame(site, error)} ${FROM_A_GATEWAY}` });
  }

  #isRejectedAgain(key: string): boolean {
    const now = performance.now();
    const before = this.#rejectedAt.get(key);
    if (before === undefined || now - before > REMEMBERED_FOR_MS) {
      this.#rejectedAt.set(key, now);
      return false;
    }
    return now - before >= APART_MS && this.#lastWorkedAt > before;
  }
}

function keyOf({ call, baseUrl }: CallSite): string {
  return `${baseUrl} ${call.replace(ID, '/*')}`;
}

/** A 2xx that is not JSON, or has nothing in it. */
function isNoApiResponse({ type, status = 0, reason }: AirbyteError): boolean {
  return type === 'AirbyteUnavailable' && status >= 200 && status < 300 && reason !== undefined;
}

function whatCame({ call, baseUrl }: CallSite, { status, reason }: AirbyteError): string {
  return `${call} at ${baseUrl} answered ${status}: ${reason}`;
}
