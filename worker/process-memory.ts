import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { messageOf } from '../src/text/error-message';

/** Below this, as with some hundreds of syncs, there is little memory to save and it would cost processor time. */
const MINIMUM_MANAGED_BYTES = 512 * 2 ** 20;

/**
 * An option of V8, read at each collection. Most of a large worker's memory belongs to waiting syncs and lives as long as they
 * do. By default V8 lets such a heap double before it collects garbage.
 */
const COLLECT_EARLY = '--heap-growing-percent=10';

/** An option of V8, read when a thread starts: it keeps the workflow thread from collecting garbage whenever it is idle. */
const COLLECT_WHEN_NEEDED = '--no-memory-reducer';

/** When thousands of syncs end together, a worker grows by tens of MB per second. */
const POLL_INTERVAL_MS = 2_000;

/** Trimming walks through the heaps of the C library, which less memory than this is not worth. */
const MINIMUM_TRIM_BYTES = 32 * 2 ** 20;

/**
 * Keeps a worker's process from holding much more memory than it uses, once it has half a GiB: V8 collects earlier, and memory
 * that the native code of the Temporal SDK has freed returns to the system. The GNU C library would otherwise keep that memory
 * between the small allocations of waiting syncs: 430 of 520 MB with ten thousand of them.
 *
 * @returns stops it
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

/** Loads `malloc_trim(3)`, which runs in its own thread; undefined where it does not exist, as on systems other than Linux. */
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
