/** Errors with a failure type of the contract, for code that needs no Temporal. */
import type { FailureType } from './failure-types';

export interface DomainErrorOptions {
  /** Whether the same request can succeed later. @default false */
  retryable?: boolean;
  /** How long to wait before the next attempt, instead of what the retry policy says. */
  retryAfterMs?: number | undefined;
  /** What the caller gets in addition to the message, as JSON. */
  details?: readonly unknown[];
}

/**
 * An error that callers see with a type of the contract. The code below the activities throws it and needs no Temporal for
 * it; the activities turn it into Temporal's failure of that type.
 *
 * @example
 * throw new DomainError('AirbyteNotFound', `No workspace is named '${name}'.`);
 */
export class DomainError extends Error {
  override readonly name: string = 'DomainError';
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: readonly unknown[];

  constructor(
    readonly type: FailureType,
    message: string,
    { retryable = false, retryAfterMs, details = [] }: DomainErrorOptions = {},
  ) {
    super(message);
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
    this.details = details;
  }
}

/** Any error, with details for the caller: the activity fails with that error, and its failure has the details too. */
export class ErrorWithDetails extends Error {
  override readonly name = 'ErrorWithDetails';

  constructor(
    readonly error: unknown,
    readonly details: readonly unknown[],
  ) {
    super('An error with details', { cause: error });
  }
}
