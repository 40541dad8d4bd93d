import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { messageOf } from '../src/text/error-message';

/** A worker with some hundreds of syncs has less: there is little to save, and it would cost processor time. */
const MINIMUM_MANAGED_BYTES = 512 * 2 ** 20;

/**
 * An option of V8's own, read at each collection. Most of a large worker's memory is that of syncs which wait, and lives as
 * long as they do: V8, left to itself, lets such a heap double before it looks for garbage.
 */
const COLLECT_EARLY = '--heap-growing-percent=10';

/** Also V8's own, read when a thread begins: that of the workflows does not collect whenever there is little to do. */
const COLLECT_WHEN_NEEDED = '--no-memory-reducer';

/** When thousands of syncs end at once, a worker grows by tens of MB a second. */
const POLL_INTERVAL_MS = 2_000;

/** Less is not worth the walk through the heaps of the C library. */
const MINIMUM_TRIM_BYTES = 32 * 2 ** 20;

/**
 * Keeps a worker's process, once it has half a GiB, from holding much more memory than it uses: V8 collects earlier, and
 * what the native code of the Temporal SDK has freed goes back to the system. The GNU C library would keep that for ever,
 * between the small allocations of the syncs that wait: with ten thousand of them 430 of 520 MB.
 *
 * @returns ends it
 */
export function limitMemory(logger: Pick<Console, 'info'>): () => void {
  setFlagsFromString(COLLECT_WHEN_NEEDED);
  const trim = loadMallocTrim(logger);
  let baselineBytes = MINIMUM_MANAGED_BYTES;
  const trimIfWorthwhile = async () => {
    const residentBytes = process.memoryUsage.rss();
    baselineBytes = Math.max(MINIMUM_MANAGED_BYTES, Math.min(baselineBytes, residentBytes));
    if (residentBytes > MINIMUM_MANAGED_BYTES) setFlagsFromString(COLLECT_EARLY);
    if (residentBytes - baselineBytes < MINIMUM_TRIM_BYTES) return;
    await trim?.();
    baselineBytes = process.memoryUsage.rss();
  };
  const timer = setInterval(() => {
    trimIfWorthwhile().catch((error: unknown) => {
      clearInterval(timer);
      logger.info(`The memory of finished syncs is no longer returned to the system: ${messageOf(error)}`);
    });
  }, POLL_INTERVAL_MS).unref();
  return () => clearInterval(timer);
}

/** `malloc_trim(3)`, in a thread of its own; undefined where there is none, as on other systems than Linux. */
export function loadMallocTrim(logger: Pick<Console, 'info'>): (() => Promise<unknown>) | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const { load } = require('koffi') as typeof import('koffi');
    const trim = load('libc.so.6').func('int malloc_trim(size_t pad)');
    return () => promisify(trim.async)(0);
  } catch (error) {
    logger.info(`The memory of finished syncs is not all returned to the system: ${messageOf(error)}`);
    return undefined;
  }
}
