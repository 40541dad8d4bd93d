import { types } from 'node:util';
import { ApplicationFailure } from '@temporalio/activity';
import { AirbyteError } from '../src/airbyte/errors';
import type { FailureType } from '../src/contract/failure-types';
import { NoSlotError } from '../src/jobs/sync-slots';
import { SecretError, type SecretResolver } from '../src/secrets/secret-resolver';
import { shorten } from '../src/text/shorten';

/** A failure is kept with every attempt, and one that is larger than Temporal takes would not arrive at all. */
const MESSAGE_LIMIT = 10_000;

/**
 * Temporal gives an activity up at once whose next attempt would begin after its time; the requests of a process wait
 * out a longer `Retry-After` by themselves.
 */
const LONGEST_RETRY_DELAY_MS = 60_000;

/** Said of a stack or a text that overflows: whatever it was, it overflows each time. */
const BEYOND_BOUNDS = 'What was given to the activity, or what Airbyte responded, is too deep or too large to be read';

/** Fails an activity for good: trying again would give the same. */
export function failure(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

/**
 * The one place where errors become Temporal failures: the client's errors keep their type, say whether a retry can
 * help, and hand Airbyte's `Retry-After` to Temporal, up to a minute. Anything unknown is retried.
 *
 * @param secrets masks what an Airbyte or a connector quotes of its configuration: a failure goes into the history
 * @param details what the workflow is to know beside the error
 */
export function toFailure(error: unknown, secrets: Pick<SecretResolver, 'mask'>, details: unknown[] = []): unknown {
  const toSafeMessage = (message: string) => shorten(secrets.mask(message), MESSAGE_LIMIT);
  if (error instanceof AirbyteError) {
    return ApplicationFailure.create({
      type: error.type,
      message: toSafeMessage(error.message),
      nonRetryable: !error.retryable,
      details,
      // 0 would mean without any delay, whatever the retry policy says.
      ...(error.retryAfterMs && { nextRetryDelay: Math.min(error.retryAfterMs, LONGEST_RETRY_DELAY_MS) }),
    });
  }
  if (error instanceof NoSlotError) {
    return ApplicationFailure.retryable(error.message, 'AirbyteUnavailable' satisfies FailureType, ...details);
  }
  if (error instanceof SecretError) return failure('InvalidInput', error.message);
  if (error instanceof ApplicationFailure) {
    const message = toSafeMessage(error.message);
    if (message === error.message && details.length === 0) return error;
    const { type, nonRetryable, nextRetryDelay } = error;
    const all = [...(error.details ?? []), ...details];
    return new ApplicationFailure(message, type, nonRetryable, all, undefined, nextRetryDelay);
  }
  if (error instanceof RangeError) return failure('InvalidInput', `${BEYOND_BOUNDS} (${error.message}).`);
  maskUnknownError(error, secrets.mask);
  return error;
}

/** No error that we throw is caused by another that is caused by another, and so on, further than this. */
const MAXIMUM_CAUSE_DEPTH = 10;

/** Of an error that nobody has foreseen Temporal keeps all: its message, its stack and its causes, which may quote anything. */
function maskUnknownError(error: unknown, mask: SecretResolver['mask']): void {
  let cause = error;
  for (let depth = 0; depth < MAXIMUM_CAUSE_DEPTH && types.isNativeError(cause); depth++) {
    for (const field of ['message', 'stack'] as const) {
      const value = shorten(mask(cause[field] ?? ''), MESSAGE_LIMIT);
      if (value !== cause[field]) Object.defineProperty(cause, field, { value, configurable: true, writable: true });
    }
    cause = cause.cause;
  }
}
