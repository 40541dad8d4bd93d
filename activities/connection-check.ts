import { cancellationSignal, log } from '@temporalio/activity';
import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { CallOptions } from '../src/airbyte/calls';
import { AirbyteError } from '../src/airbyte/errors';
import type { ConnectionCheck } from '../src/airbyte/resources';
import { DomainError } from '../src/contract/domain-error';
import { retryBrokenJob } from '../src/jobs/broken-job-retry';
import type { ActorKind } from '../src/reconcile/actor-calls';
import { asSentence } from '../src/text/as-sentence';
import { timeLeftMs } from './time-left';

/** A check of a source or a destination. */
export interface ActorCheck {
  kind: ActorKind;
  /** The subject of messages: `source shop`. */
  subject: string;
  check(options: CallOptions): Promise<ConnectionCheck>;
}

/**
 * Checks the connection of a source or a destination, and returns when the check succeeds.
 *
 * @throws DomainError `AirbyteCheckFailed` with the connector's own message; AirbyteError `AirbyteUnavailable` when the check
 *   itself broke in every attempt (then Airbyte sends 200 without a status)
 */
export async function requirePassedCheck(
  { kind, subject, check }: ActorCheck,
  { jobRetryDelaysMs }: Pick<AirbyteTimings, 'jobRetryDelaysMs'>,
): Promise<void> {
  const signal = cancellationSignal();
  await retryBrokenJob(async () => assertPassed(kind, subject, await check({ signal })), {
    ...{ pausesMs: jobRetryDelaysMs, timeLeftMs, logger: log, signal },
  });
  log.info(`The ${subject} passed its connection check`);
}

function assertPassed(kind: ActorKind, subject: string, check: ConnectionCheck): void {
  if (check.status === 'succeeded') return;
  const reason = check.message ?? check.failure?.message ?? 'no reason given';
  if (check.status === 'failed' || check.failure?.type === 'config_error') {
    throw new DomainError('AirbyteCheckFailed', `The ${subject} failed its connection check: ${reason}`);
  }
  throw new AirbyteError({
    type: 'AirbyteUnavailable',
    call: `${kind}s/check_connection`,
    message: `The connection check of the ${subject} did not run to its end: ${asSentence(reason)}`,
    retryable: true,
    effect: 'none',
    isOfJob: true,
  });
}
