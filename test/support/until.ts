import { setTimeout as delay } from 'node:timers/promises';

/** Short for a test, long for a server: each poll of Temporal takes processor time of the tests. */
const POLL_INTERVAL_MS = 100;

/**
 * Polls for what nothing announces.
 *
 * @param find gives undefined or false for as long as it is not there
 * @returns what it has found
 */
export async function until<T>(find: () => T | Promise<T>): Promise<Exclude<T, undefined | false>> {
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    await delay(POLL_INTERVAL_MS);
  }
}
