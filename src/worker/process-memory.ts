import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { messageOf } from '../error-message';

/**
 * Most of a worker's memory is that of syncs which wait, and lives as long as they do: V8, left to itself, lets such a heap
 * double before it looks for garbage. The option is one of V8's own, read at each collection.
 */
const HEAP_GROWING_PERCENT = 10;

const LOOK_EVERY_MS = 10_000;

/** Less is not worth the walk through the heaps of the C library. */
const WORTH_RETURNING_BYTES = 32 * 2 ** 20;

export interface BoundedMemoryOptions {
  logger: Pick<Console, 'info'>;
}

/**
 * Keeps a worker's process from holding much more memory than it uses: V8 collects earlier, and what the native code of
 * the Temporal SDK has freed goes back to the system. The GNU C library would keep that for ever, between the small
 * allocations of the syncs that wait: with ten thousand of them 430 of 520 MB.
 *
 * @returns ends it
 */
export function boundMemory({ logger }: BoundedMemoryOptions): () => void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  const trim = loadTrim(logger);
  if (trim === undefined) return () => undefined;
  let keptBytes = 0;
  const look = async () => {
    if (process.memoryUsage.rss() - keptBytes < WORTH_RETURNING_BYTES) return;
    await trim();
    keptBytes = process.memoryUsage.rss();
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}

/** `malloc_trim(3)`, in a thread of its own; undefined where there is none, as on other systems than Linux. */
export function loadTrim(logger: Pick<Console, 'info'>): (() => Promise<unknown>) | undefined {
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
