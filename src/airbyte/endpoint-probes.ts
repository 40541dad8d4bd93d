import { AirbyteError } from './errors';
import type { Job } from './jobs';

/** The id of no object: a call about it changes nothing, and shows whether the server supports the call. */
export const NONEXISTENT_ID = '00000000-0000-0000-0000-000000000000';

/**
 * The statuses of an Airbyte that is overloaded or restarts, or of a gateway. They do not show whether the server
 * supports a call.
 */
const TRANSIENT_STATUSES = [408, 429, 502, 503, 504];

/**
 * The error response to a call that probes whether the server supports it; undefined if the call succeeded.
 *
 * @param options.unauthorized whether a 401 is returned, or thrown because the credentials may be wrong. Default:
 * `throw`
 * @throws AirbyteError if Airbyte cannot be reached or is overloaded: such an error does not show whether it supports
 * the call
 */
export async function errorResponseOf(
  call: Promise<unknown>,
  { unauthorized = 'throw' }: { unauthorized?: 'throw' | 'return' } = {},
): Promise<AirbyteError | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (!(error instanceof AirbyteError)) throw error;
    if (error.status === undefined || TRANSIENT_STATUSES.includes(error.status)) throw error;
    if (error.status === 401 && unauthorized === 'throw') throw error;
    return error;
  }
}

/** Whether the server supports a list of jobs that changed since a time, and keeps to that time. */
export async function filtersByUpdatedAt(list: Promise<Job[]>, updatedAtStart: Date): Promise<boolean> {
  if ((await errorResponseOf(list, { unauthorized: 'return' })) !== undefined) return false;
  const start = Math.floor(updatedAtStart.getTime() / 1_000);
  return (await list).every(({ updatedAt = start }) => updatedAt >= start);
}
