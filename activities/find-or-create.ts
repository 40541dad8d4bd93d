import { setTimeout as delay } from 'node:timers/promises';
import { cancellationSignal, log } from '@temporalio/activity';
import { AirbyteError } from '../src/airbyte/errors';
import { changesOfEarlierAttempts, creating } from './attempted-changes';
import { type CreationKey, type CreationLock, lockCreation } from './creation-lock';

/** How something is found by its name, and created where there is none. */
export interface Creation<T> {
  /** Of its name only one is created, however many ask for it at the same time. */
  of: CreationKey;
  /** Looks for it in the whole list. Undefined: there is none. */
  find(): Promise<T | undefined>;
  create(): Promise<T>;
}

/**
 * Waits between the looks for what a creation may still bring about: Airbyte goes on with a request whose gateway has
 * timed out or whose connection broke, and a connection takes it more than a minute.
 */
const POLL_DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 40_000];

/** A gateway's words for that it does not know what became of the request. */
const GATEWAY_STATUSES = [408, 502, 503, 504];

/**
 * Creates what was looked for in vain, once: only one activity at a time creates something of a name, it looks again right
 * before, since another may have created it meanwhile, and again after a creation of unknown effect, instead of leaving it
 * to the next attempt to create a second one.
 *
 * @returns whether it is there by this creation, or by that of an attempt before
 * @throws AirbyteError of the creation
 */
export async function createOnce<T>(creation: Creation<T>, pollDelaysMs = POLL_DELAYS_MS): Promise<Created<T>> {
  const locked = await lockCreation(creation.of, creation.find);
  if ('found' in locked) return alreadyCreated(locked.found);
  try {
    return await createWithLock(creation, locked.lock, pollDelaysMs);
  } finally {
    await locked.lock.release();
  }
}

interface Created<T> {
  found: T;
  created: boolean;
}

function alreadyCreated<T>(found: T): Created<T> {
  return { found, created: changesOfEarlierAttempts().creating === true };
}

async function createWithLock<T>(
  { of, find, create }: Creation<T>,
  lock: CreationLock,
  pollDelaysMs: readonly number[],
): Promise<Created<T>> {
  const other = await find();
  if (other !== undefined) return alreadyCreated(other);
  await lock.check();
  try {
    return { found: await creating(create), created: true };
  } catch (error) {
    if (!(error instanceof AirbyteError) || error.effect === 'none') throw error;
    const isOver = error.status !== undefined && !GATEWAY_STATUSES.includes(error.status);
    const found = await pollForCreated(find, isOver ? [] : pollDelaysMs);
    if (found === undefined) throw error;
    log.info(`Created the ${of.kind} '${of.name}', though Airbyte's response was lost`, { reason: error.message });
    return { found, created: true };
  }
}

/** Looks at once, and after each of the waits. A look that fails is one in vain. */
async function pollForCreated<T>(
  find: () => Promise<T | undefined>,
  pollDelaysMs: readonly number[],
): Promise<T | undefined> {
  for (const waitMs of [0, ...pollDelaysMs]) {
    await delay(waitMs, undefined, { signal: cancellationSignal() });
    const found = await find().catch((error: unknown) => {
      if (error instanceof AirbyteError) return undefined;
      throw error;
    });
    if (found !== undefined) return found;
  }
  return undefined;
}
