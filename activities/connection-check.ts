import { ApplicationFailure, log } from '@temporalio/activity';
import type { AirbyteClient } from '../src/airbyte/client';
import { failure } from './failures';

type CheckResult = Awaited<ReturnType<AirbyteClient['sources']['checkConnection']>>;

/** What a check is told beside the id. */
export interface WrittenConfiguration {
  /**
   * As the document has it, with its secrets by name. It is not sent: what the caller has written is shown as it is in the
   * message of a check that quotes it, so that stars do not tell a caller that a guess at a secret is right.
   */
  configuration?: Readonly<Record<string, unknown>>;
}

/**
 * Passes when a connection check succeeded.
 *
 * @throws ApplicationFailure of type `AirbyteCheckFailed` with the connector's own message, or the retryable
 *   `AirbyteUnavailable` when the check itself broke (Airbyte then answers 200 without a status)
 */
export function passCheck(kind: 'source' | 'destination', id: string, check: CheckResult): void {
  const { status } = check;
  const reason = check.message ?? check.failure?.message ?? 'no reason given';
  if (status === 'succeeded') {
    log.info(`The ${kind} passed its connection check`, { id });
    return;
  }
  if (status === 'failed' || check.failure?.type === 'config_error') {
    throw failure('AirbyteCheckFailed', `The ${kind} ${id} failed its connection check: ${reason}`);
  }
  throw ApplicationFailure.retryable(
    `The connection check of the ${kind} ${id} did not run to its end: ${reason}`,
    'AirbyteUnavailable',
  );
}
