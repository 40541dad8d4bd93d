import { setTimeout as delay } from 'node:timers/promises';
import { AirbyteError } from '../airbyte/errors';
import type { CreationKey, CreationLock, ReconcilePorts } from './ports';

type CreationPorts = Pick<ReconcilePorts, 'logger' | 'cancellation' | 'earlier' | 'report' | 'lockCreation'>;

/** How an object is found by its name, and created when there is none. */
export interface Creation<T> {
  key: CreationKey;
  /** Searches the whole list. Undefined: there is none. */
  find(): Promise<T | undefined>;
  create(): Promise<T>;
}

interface Created<T> {
  found: T;
  /** Whether this activity created it, in this attempt or an earlier one. */
  created: boolean;
}

/**
 * The delays between the polls for an object whose creation has an unknown effect. Airbyte continues a request whose gateway
 * timed out or whose connection broke, and the creation of a connection takes it more than a minute.
 */
const POLL_DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 40_000];

/** With these a gateway says that it does not know what happened to the request. */
const GATEWAY_STATUSES = [408, 502, 503, 504];

/**
 * Creates an object once. Only one activity at a time creates objects of a name. It searches for the object right before the
 * request, since another activity may have created it in the meantime, and polls for it after a request of unknown effect,
 * so that no later attempt creates a duplicate.
 *
 * @throws AirbyteError of the creation
 */
export async function createOnce<T>(
  creation: Creation<T>,
  ports: CreationPorts,
  pollDelaysMs: readonly number[] = POLL_DELAYS_MS,
): Promise<Created<T>> {
  const locked = await ports.lockCreation(creation.key, creation.find);
  if ('found' in locked) return alreadyCreated(locked.found, ports);
  try {
    return await createWithLock(creation, locked.lock, ports, pollDelaysMs);
  } finally {
    await locked.lock.release();
  }
}

function alreadyCreated<T>(found: T, { earlier }: CreationPorts): Created<T> {
  return { found, created: earlier.creating === true };
}

async function createWithLock<T>(
  { key, find, create }: Creation<T>,
  lock: CreationLock,
  ports: CreationPorts,
  pollDelaysMs: readonly number[],
): Promise<Created<T>> {
  const other = await find();
  if (other !== undefined) return alreadyCreated(other, ports);
  await lock.check();
  try {
    return { found: await reportCreation(create, ports), created: true };
  } catch (error) {
    if (!(error instanceof AirbyteError) || error.effect === 'none') throw error;
    const isDefinite = error.status !== undefined && !GATEWAY_STATUSES.includes(error.status);
    const found = await pollForCreated(find, isDefinite ? [] : pollDelaysMs, ports.cancellation);
    if (found === undefined) throw error;
    ports.logger.info(`Created the ${key.kind} '${key.name}', although Airbyte's response was lost`, {
      reason: error.message,
    });
    return { found, created: true };
  }
}

/** Sends a request that creates an object, and reports it, so that a later attempt that finds the object knows who created it. */
async function reportCreation<T>(create: () => Promise<T>, { report }: CreationPorts): Promise<T> {
  report({ creating: true });
  try {
    return await create();
  } catch (error) {
    if (error instanceof AirbyteError && error.effect === 'none') report({});
    throw error;
  }
}

/** Polls immediately, and after each of the delays. A failed poll counts as one that found nothing. */
async function pollForCreated<T>(
  find: () => Promise<T | undefined>,
  delaysMs: readonly number[],
  signal: AbortSignal,
): Promise<T | undefined> {
  for (const delayMs of [0, ...delaysMs]) {
    await delay(delayMs, undefined, { signal });
    const found = await find().catch((error: unknown) => {
      if (error instanceof AirbyteError) return undefined;
      throw error;
    });
    if (found !== undefined) return found;
  }
  return undefined;
}
