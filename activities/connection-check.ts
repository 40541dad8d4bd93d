import { cancellationSignal, log } from '@temporalio/activity';
import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { AirbyteClient } from '../src/airbyte/client';
import { AirbyteError } from '../src/airbyte/errors';
import { DomainError } from '../src/contract/domain-error';
import { retryBrokenJob } from '../src/jobs/broken-job-retry';
import { asSentence } from '../src/text/as-sentence';
import { timeLeftMs } from './time-left';

type CheckResult = Awaited<ReturnType<AirbyteClient['sources']['checkConnection']>>;

/** What a check is told beside the id. */
export interface DocumentConfiguration {
  /**
   * As the document has it, with its secrets by name. It is not sent: what the caller has written is shown as it is in the
   * message of a check that quotes it, so that stars do not tell a caller that a guess at a secret is right.
   */
  configuration?: Readonly<Record<string, unknown>>;
}

/**
 * Passes when a connection check succeeds.
 *
 * @throws DomainError of type `AirbyteCheckFailed` with the connector's own message, or `AirbyteUnavailable` when
 *   the check itself broke (Airbyte then answers 200 without a status) each time that it was tried
 */
export async function passCheck(
  kind: 'source' | 'destination',
  id: string,
  { checkConnection }: { checkConnection(signal: AbortSignal): Promise<CheckResult> },
  { jobRetryDelaysMs }: Pick<AirbyteTimings, 'jobRetryDelaysMs'>,
): Promise<void> {
  const signal = cancellationSignal();
  await retryBrokenJob(async () => assertPassed(kind, id, await checkConnection(signal)), {
    ...{ pausesMs: jobRetryDelaysMs, timeLeftMs, logger: log, signal },
  });
  log.info(`The ${kind} passed its connection check`, { id });
}

function assertPassed(kind: 'source' | 'destination', id: string, check: CheckResult): void {
  const { status } = check;
  if (status === 'succeeded') return;
  const reason = check.message ?? check.failure?.message ?? 'no reason given';
  if (status === 'failed' || check.failure?.type === 'config_error') {
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
