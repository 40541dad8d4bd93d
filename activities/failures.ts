import { types } from 'node:util';
import { ApplicationFailure } from '@temporalio/activity';
import type { ApplicationFailureOptions } from '@temporalio/common';
import { AirbyteError } from '../src/airbyte/errors';
import { DomainError } from '../src/contract/domain-error';
import type { FailureType } from '../src/contract/failure-types';
import { SecretError, type SecretResolver } from '../src/secrets/secret-resolver';
import { shorten } from '../src/text/shorten';

/** Temporal stores a failure with every attempt, and drops one that exceeds its size limit. */
const MESSAGE_LIMIT = 10_000;

/**
 * Temporal fails an activity immediately when its next attempt would begin after its timeout. So a longer `Retry-After` is not
 * passed on: the requests of a process wait for it by themselves.
 */
const LONGEST_RETRY_DELAY_MS = 60_000;

/** The reason for a stack or a text that overflows. It is not retryable, because the same input overflows each time. */
const TOO_LARGE = 'What was given to the activity, or what Airbyte responded, is too deep or too large to be read';

/**
 * Turns an error into a Temporal failure. Errors of the client and of the domain keep their type, say whether a retry can
 * help, and hand Airbyte's `Retry-After` to Temporal, up to a minute. Other errors pass as they are, and Temporal retries them.
 *
 * @param secrets masks the secrets that Airbyte or a connector quotes: a failure goes into the history
 * @param details what the caller gets in addition to the message
 */
export function toFailure(
  error: unknown,
  secrets: Pick<SecretResolver, 'mask'>,
  details: readonly unknown[] = [],
): unknown {
  const toSafeMessage = (message: string) => shorten(secrets.mask(message), MESSAGE_LIMIT);
  if (error instanceof AirbyteError) {
    return withoutStack({
      type: error.type,
      message: toSafeMessage(error.message),
      nonRetryable: !error.retryable,
      details: [...details],
      // 0 would mean no delay at all, whatever the retry policy says.
      ...(error.retryAfterMs && { nextRetryDelay: Math.min(error.retryAfterMs, LONGEST_RETRY_DELAY_MS) }),
    });
  }
  if (error instanceof DomainError) {
    return withoutStack({
      type: error.type,
      message: toSafeMessage(error.message),
      nonRetryable: !error.retryable,
      details: [...error.details, ...details],
      ...(error.retryAfterMs !== undefined && { nextRetryDelay: error.retryAfterMs }),
    });
  }
  if (error instanceof SecretError) return invalidInput(error.message);
  if (error instanceof RangeError) return invalidInput(`${TOO_LARGE} (${error.message}).`);
  maskUnknownError(error, secrets.mask);
  return error;
}

function invalidInput(message: string): ApplicationFailure {
  return withoutStack({ message, type: 'InvalidInput' satisfies FailureType, nonRetryable: true });
}

/** How many causes of an error are masked. No error of this project has a longer chain of causes. */
const MAXIMUM_CAUSE_DEPTH = 10;

/** Masks the message, the stack and the causes of an unforeseen error: Temporal stores all of them. */
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

/** The stack would show where the failure was created, with paths of the worker's machine, and not what caused it. */
function withoutStack(options: ApplicationFailureOptions): ApplicationFailure {
  const failure = ApplicationFailure.create(options);
  failure.stack = '';
  return failure;
}
