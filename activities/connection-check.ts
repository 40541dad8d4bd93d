import { cancellationSignal, log } from '@temporalio/activity';
import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import { AirbyteError } from '../src/airbyte/errors';
import type { ConnectionCheck } from '../src/airbyte/resources';
import { DomainError } from '../src/contract/domain-error';
import { retryBrokenJob } from '../src/jobs/broken-job-retry';
import type { ActorCalls, ActorKind } from '../src/reconcile/actor-calls';
import { asSentence } from '../src/text/as-sentence';
import { timeLeftMs } from './time-left';

/**
 * Checks the connection of a source or a destination, and returns when the check succeeds.
 *
 * @throws DomainError `AirbyteCheckFailed` with the connector's own message; AirbyteError `AirbyteUnavailable` when the check
 *   itself broke in every attempt (then Airbyte sends 200 without a status)
 */
export async function requirePassedCheck(
  { kind, check }: Pick<ActorCalls, 'kind' | 'check'>,
  id: string,
  { jobRetryDelaysMs }: Pick<AirbyteTimings, 'jobRetryDelaysMs'>,
): Promise<void> {
  const signal = cancellationSignal();
  await retryBrokenJob(async () => assertPassed(kind, id, await check(id, { signal })), {
    ...{ pausesMs: jobRetryDelaysMs, timeLeftMs, logger: log, signal },
  });
  log.info(`The ${kind} passed its connection check`, { id });
}

function assertPassed(kind: ActorKind, id: string, check: ConnectionCheck): void {
  if (check.status === 'succeeded') return;
  const reason = check.message ?? check.failure?.message ?? 'no reason given';
  if (check.status === 'failed' || check.failure?.type === 'config_error') {
    throw new DomainError('AirbyteCheckFailed', `The ${kind} ${id} failed its connection check: ${reason}`);
  }
  throw new AirbyteError({
    type: 'AirbyteUnavailable',
    call: `${kind}s/check_connection`,
    message: `The connection check of the ${kind} ${id} did not run to its end: ${asSentence(reason)}`,
    retryable: true,
    effect: 'none',
    isOfJob: true,
  });
}
