import { activityInfo } from '@temporalio/activity';
import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import { AirbyteError } from '../src/airbyte/errors';

/** The calls that send a whole configuration or catalog: what is too large of it stays too large. */
const SENDS_WHOLE_OBJECT = /\/(create|update)$|^(PATCH|PUT) |^POST (connections|sources|destinations)$/;

interface ErrorsSeen {
  sinceMs: number;
  /** How often each kind of response has come. */
  responses: Map<string, number>;
}

/** Activities that end without success are forgotten after this time. */
const EXPIRES_AFTER_MS = 30 * 60_000;
/** One response tells nothing, however long it took. */
const MINIMUM_RESPONSES = 2;
/** Airbyte checks what it is sent: the same would be rejected again. */
const VALIDATION_STATUSES: readonly (number | undefined)[] = [400, 422];

/**
 * Error responses that mean an end if Airbyte gives them, and nothing if a gateway does, or an Airbyte that restarts: a page,
 * nothing at all, a redirect to a login, 401, 403, 404, 413. Such a response is tried again for a time before it is final.
 */
export class TransientErrors {
  readonly #seen = new Map<string, ErrorsSeen>();

  constructor(private readonly patience: AirbyteTimings) {}

  /** The running activity has succeeded. */
  succeeded(): void {
    this.#seen.delete(keyOfActivity());
  }

  /** What an activity has met, retryable as long as it may pass; once it is final, its message tells how often it has come. */
  classify(error: unknown): unknown {
    if (!(error instanceof AirbyteError) || error.retryable || !mayBeTransient(error)) return error;
    const now = performance.now();
    const seen = this.#errorsSeenBefore(now);
    const what = `${error.call} ${error.status}`;
    seen.responses.set(what, (seen.responses.get(what) ?? 0) + 1);
    const lastedMs = now - seen.sinceMs;
    const count = [...seen.responses.values()].reduce((sum, times) => sum + times, 0);
    const withinMs = isAirbytes(error) ? this.patience.airbyteErrorTimeoutMs : this.patience.gatewayErrorTimeoutMs;
    if (withinMs > 0 && (lastedMs < withinMs || count < MINIMUM_RESPONSES)) {
      return new AirbyteError({ ...error, message: error.message, retryable: true, cause: error.cause });
    }
    this.succeeded();
    if (count === 1) return error;
    const all = [...seen.responses].map(([response, times]) => `${response} (${times})`).join(', ');
    const message = `${error.message} Tried ${count} times in ${Math.round(lastedMs / 1_000)} s: ${all}.`;
    return new AirbyteError({ ...error, message, cause: error.cause });
  }

  #errorsSeenBefore(now: number): ErrorsSeen {
    for (const [key, { sinceMs }] of this.#seen) {
      if (now - sinceMs < EXPIRES_AFTER_MS) break;
      this.#seen.delete(key);
    }
    const key = keyOfActivity();
    const seen = this.#seen.get(key) ?? { sinceMs: now, responses: new Map<string, number>() };
    this.#seen.set(key, seen);
    return seen;
  }
}

/** Of one attempt after the other. */
function keyOfActivity(): string {
  const { workflowExecution, activityId } = activityInfo();
  return `${workflowExecution?.runId} ${activityId}`;
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
      return !VALIDATION_STATUSES.includes(status);
    default:
      return false;
  }
}

/** Whether a response is Airbyte's own as far as can be told: one that names an object, or rejects the credentials. */
function isAirbytes({ type, status, isAirbytesOwn }: AirbyteError): boolean {
  return isAirbytesOwn || type === 'AirbyteNotFound' || status === 401;
}
