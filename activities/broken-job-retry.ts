import { setTimeout } from 'node:timers/promises';
import { log } from '@temporalio/activity';
import { AirbyteError } from '../src/airbyte/errors';
import { formatDuration } from '../src/text/formatting';
import { timeLeftMs } from './time-left';

/**
 * Makes a call for which Airbyte runs a job, a check or a discovery, and a few times more while that breaks. It would most
 * likely break in the same way for a quarter of an hour, and each of them asks the source or the destination again.
 *
 * @param pausesMs before each further one
 * @throws AirbyteError that is not retryable, after the last one
 */
export async function retryBrokenJob<T>(
  call: () => Promise<T>,
  pausesMs: readonly number[],
  signal?: AbortSignal,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!isBrokenJobError(error)) throw error;
      const pauseMs = pausesMs[tries - 1];
      if (pauseMs === undefined || pauseMs >= timeLeftMs()) throw final(error, tries);
      log.info('A job of Airbyte broke: running it again', { reason: error.message, pause: formatDuration(pauseMs) });
      await setTimeout(pauseMs, undefined, { ref: false, ...(signal && { signal }) });
    }
  }
}

/** Where Airbyte responds with an error of its own, its job may have run as well. */
function isBrokenJobError(error: unknown): error is AirbyteError {
  if (!(error instanceof AirbyteError) || !error.retryable) return false;
  return error.isOfJob || (error.isAirbytesOwn && error.status === 500);
}

function final(error: AirbyteError, tries: number): AirbyteError {
  const message = `${error.message} Tried ${tries} times.`;
  // With a reason, the connector has failed, and Airbyte is up.
  const type = error.isOfJob && error.reason !== undefined ? 'AirbyteInvalidRequest' : error.type;
  return new AirbyteError({ ...error, type, message, retryable: false, isOfJob: true, cause: error.cause });
}
