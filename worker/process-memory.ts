import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Below this, as with some hundreds of syncs, there is little memory to save and it would cost processor time. */
const MINIMUM_MANAGED_BYTES = 448 * 2 ** 20;

/**
 * An option of V8, which reads it at each collection. Most of a large worker's heap belongs to syncs that wait and lives as
 * long as they do, and by default V8 lets such a heap double before it collects garbage.
 */
const COLLECT_EARLY = '--heap-growing-percent=10';

const POLL_INTERVAL_MS = 2_000;

/**
 * Collects the worker's garbage once its process has 448 MiB, and lets V8 collect earlier from then on. What native code frees is up to the C library:
 * the variables of `MALLOC_` in the Dockerfile make that return it to the system, and have to be set before Node starts.
 *
 * @returns stops it
 */
export function limitMemory(): () => void {
  const timer = setInterval(() => {
    if (process.memoryUsage.rss() <= MINIMUM_MANAGED_BYTES) return;
    clearInterval(timer);
    setFlagsFromString(COLLECT_EARLY);
    collectGarbage();
  }, POLL_INTERVAL_MS).unref();
  return () => clearInterval(timer);
}

/**
 * Collects the garbage of this thread, in some 0.3 s. V8 decided at its last collection when the next one is, by its default:
 * without this one, the process would first grow by more than a hundred MiB.
 */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('globalThis.gc') as (() => void) | undefined;
  setFlagsFromString('--no-expose-gc');
  collect?.();
}
