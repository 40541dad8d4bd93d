import { setTimeout } from 'node:timers/promises';
import { AirbyteError } from '../airbyte/errors';
import { formatDuration } from '../text/formatting';

export interface BrokenJobRetryOptions {
  /** The pauses before each further call, in milliseconds. */
  pausesMs: readonly number[];
  /** How long the running activity may take: no pause goes beyond that. */
  timeLeftMs(): number;
  logger: Pick<Console, 'info'>;
  /** Ends a pause, with its reason. */
  signal?: AbortSignal;
}

/**
 * Makes a call for which Airbyte runs a job (a check or a discovery), and repeats it a few times while that job breaks. More
 * retries would most likely break in the same way, and each of them asks the source or the destination again.
 *
 * @throws AirbyteError that is not retryable, after the last call
 */
export async function retryBrokenJob<T>(
  call: () => Promise<T>,
  { pausesMs, timeLeftMs, logger, signal }: BrokenJobRetryOptions,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!isBrokenJobError(error)) throw error;
      const pauseMs = pausesMs[tries - 1];
      if (pauseMs === undefined || pauseMs >= timeLeftMs()) throw toFinalError(error, tries);
      logger.info('A job of Airbyte broke: it is run again', {
        reason: error.message,
        pause: formatDuration(pauseMs),
      });
      await setTimeout(pauseMs, undefined, { ref: false, ...(signal && { signal }) });
    }
  }
}

/** Airbyte may also have run the job when it responds with an error of its own. */
function isBrokenJobError(error: unknown): error is AirbyteError {
  if (!(error instanceof AirbyteError) || !error.retryable) return false;
  return error.isOfJob || (error.isAirbytesOwn && error.status === 500);
}

function toFinalError(error: AirbyteError, tries: number): AirbyteError {
  const message = `${error.message} Tried ${tries} times.`;
  // An error with a reason comes from the connector, while Airbyte itself is available.
  const type = error.isOfJob && error.reason !== undefined ? 'AirbyteInvalidRequest' : error.type;
  return new AirbyteError({ ...error, type, message, retryable: false, isOfJob: true, cause: error.cause });
}
