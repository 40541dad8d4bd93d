import { setTimeout as delay } from 'node:timers/promises';
import { cancellationSignal, log } from '@temporalio/activity';
import { AirbyteError } from '../src/airbyte/errors';
import { attemptedBefore, creating } from './attempts';

/** How something is found by its name, and created where there is none. */
export interface Creation<T> {
  /** What to call it in a log: `the source 'shop'`. */
  what: string;
  /** Looks for it in the whole list. Undefined: there is none. */
  find(): Promise<T | undefined>;
  create(): Promise<T>;
}

/**
 * Waits between the looks for what a creation may still bring about: Airbyte goes on with a request whose gateway has
 * timed out or whose connection broke, and a connection takes it more than a minute.
 */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** A gateway's words for that it does not know what became of the request. */
const GATEWAY_STATUSES = [408, 502, 503, 504];

/**
 * Creates what was looked for in vain, once: looks again right before, since another may have created it meanwhile, and
 * again after a creation of unknown effect, instead of leaving it to the next attempt to create a second one.
 *
 * @returns whether it is there by this creation, or by that of an attempt before
 * @throws AirbyteError of the creation
 */
export async function createOnce<T>(
  { what, find, create }: Creation<T>,
  waitsMs = WAITS_MS,
): Promise<{ found: T; created: boolean }> {
  const other = await find();
  if (other !== undefined) return { found: other, created: attemptedBefore().creating === true };
  try {
    return { found: await creating(create), created: true };
  } catch (error) {
    if (!(error instanceof AirbyteError) || error.effect === 'none') throw error;
    const isOver = error.status !== undefined && !GATEWAY_STATUSES.includes(error.status);
    const found = await lookAfterwards(find, isOver ? [] : waitsMs);
    if (found === undefined) throw error;
    log.info(`Created ${what}, though Airbyte's response was lost`, { reason: error.message });
    return { found, created: true };
  }
}

/** Looks at once, and after each of the waits. A look that fails is one in vain. */
async function lookAfterwards<T>(
  find: () => Promise<T | undefined>,
  waitsMs: readonly number[],
): Promise<T | undefined> {
  for (const waitMs of [0, ...waitsMs]) {
    await delay(waitMs, undefined, { signal: cancellationSignal() });
    const found = await find().catch((error: unknown) => {
      if (error instanceof AirbyteError) return undefined;
      throw error;
    });
    if (found !== undefined) return found;
  }
  return undefined;
}
