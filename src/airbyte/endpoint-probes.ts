import { AirbyteError } from './errors';
import type { Job } from './jobs';

/** No object has it: a call about it changes nothing, and shows whether there is such a call. */
export const NONEXISTENT_ID = '00000000-0000-0000-0000-000000000000';

/** Answers that say nothing of the call: Airbyte is overloaded, starting, or behind a gateway that gave up. */
const TRANSIENT_STATUSES = [408, 429, 502, 503, 504];

/**
 * How a server refused a call that was made to see whether it has it; undefined when it answered.
 *
 * @throws AirbyteError when Airbyte is out of reach or overloaded, or does not take the credentials: nothing is known then
 */
export async function refusalOf(
  call: Promise<unknown>,
  { unauthorized = 'tells nothing' }: { unauthorized?: 'tells nothing' | 'is a refusal' } = {},
): Promise<AirbyteError | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (!(error instanceof AirbyteError)) throw error;
    if (error.status === undefined || TRANSIENT_STATUSES.includes(error.status)) throw error;
    if (error.status === 401 && unauthorized === 'tells nothing') throw error;
    return error;
  }
}

/** Whether a list of jobs is refused by nobody, and has none that changed before the moment it was asked for. */
export async function filtersByUpdatedAt(list: Promise<Job[]>, updatedAtStart: Date): Promise<boolean> {
  if ((await refusalOf(list, { unauthorized: 'is a refusal' })) !== undefined) return false;
  const start = Math.floor(updatedAtStart.getTime() / 1_000);
  return (await list).every(({ updatedAt = start }) => updatedAt >= start);
}
