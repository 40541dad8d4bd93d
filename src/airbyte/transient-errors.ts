import type { AirbyteTimings } from './airbyte-timings';
import { AirbyteError } from './errors';

/** The calls that send a whole configuration or catalog: a 413 is final for them, since their body stays too large. */
const SENDS_WHOLE_OBJECT = /\/(create|update)$|^(PATCH|PUT) |^POST (connections|sources|destinations)$/;

interface ErrorsSeen {
  sinceMs: number;
  /** How often each kind of error response has come. */
  responses: Map<string, number>;
}

/** The errors of a caller that never succeeds are forgotten after this time. */
const EXPIRES_AFTER_MS = 30 * 60_000;
/** A single response proves nothing, however long it took. */
const MINIMUM_RESPONSES = 2;
/** Airbyte validates what it receives: it would reject the same body again. */
const VALIDATION_STATUSES: readonly (number | undefined)[] = [400, 422];

/**
 * Error responses that are final if Airbyte sends them, and transient if a gateway or a restarting Airbyte does: a web page,
 * an empty body, a redirect to a login, 401, 403, 404, 413. Such an error is retryable for a time before it is final.
 */
export class TransientErrors {
  readonly #seen = new Map<string, ErrorsSeen>();

  constructor(private readonly timings: Pick<AirbyteTimings, 'airbyteErrorTimeoutMs' | 'gatewayErrorTimeoutMs'>) {}

  /** Forgets the errors of a caller that has succeeded. */
  succeeded(caller: string): void {
    this.#seen.delete(caller);
  }

  /**
   * The error, made retryable while it may be transient. Once it is final, its message says how often it has come.
   *
   * @param caller identifies what is retried: the same in each of its attempts
   */
  classify(error: unknown, caller: string): unknown {
    if (!(error instanceof AirbyteError) || error.retryable || !mayBeTransient(error)) return error;
    const now = performance.now();
    const seen = this.#errorsSeenBefore(caller, now);
    const kind = `${error.call} ${error.status}`;
    seen.responses.set(kind, (seen.responses.get(kind) ?? 0) + 1);
    const lastedMs = now - seen.sinceMs;
    const count = [...seen.responses.values()].reduce((sum, times) => sum + times, 0);
    const withinMs = isFromAirbyte(error) ? this.timings.airbyteErrorTimeoutMs : this.timings.gatewayErrorTimeoutMs;
    if (withinMs > 0 && (lastedMs < withinMs || count < MINIMUM_RESPONSES)) {
      return new AirbyteError({ ...error, message: error.message, retryable: true, cause: error.cause });
    }
    this.#seen.delete(caller);
    if (count === 1) return error;
    const all = [...seen.responses].map(([response, times]) => `${response} (${times})`).join(', ');
    const message = `${error.message} Tried ${count} times in ${Math.round(lastedMs / 1_000)} s: ${all}.`;
    return new AirbyteError({ ...error, message, cause: error.cause });
  }

  #errorsSeenBefore(caller: string, now: number): ErrorsSeen {
    for (const [key, { sinceMs }] of this.#seen) {
      if (now - sinceMs < EXPIRES_AFTER_MS) break;
      this.#seen.delete(key);
    }
    const seen = this.#seen.get(caller) ?? { sinceMs: now, responses: new Map<string, number>() };
    this.#seen.set(caller, seen);
    return seen;
  }
}

function mayBeTransient({ type, call, status, isOfJob }: AirbyteError): boolean {
  if (isOfJob || (status === 413 && SENDS_WHOLE_OBJECT.test(call))) return false;
  switch (type) {
    case 'AirbyteUnauthorized':
    case 'AirbyteNotFound':
      return true;
    case 'AirbyteUnavailable':
      return status !== undefined;
    case 'AirbyteInvalidRequest':
      // Without a status the client itself has rejected the request, and would reject it again.
      return status !== undefined && !VALIDATION_STATUSES.includes(status);
    default:
      return false;
  }
}

/** Whether a response is most likely Airbyte's own: it names an object, or rejects the credentials. */
function isFromAirbyte({ type, status, isAirbytesOwn }: AirbyteError): boolean {
  return isAirbytesOwn || type === 'AirbyteNotFound' || status === 401;
}
