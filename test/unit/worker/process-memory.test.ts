import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { loadMallocTrim } from '../../../worker/process-memory';

const BLOCK_BYTES = 8 * 1024;
const BLOCKS = 25_000;
/** Of those that stay, so that what lies between them cannot simply be cut off. */
const KEPT = 10;
/** Without the trim it is a hundredth. */
const RETURNED_BYTES = (BLOCKS * BLOCK_BYTES) / 2;

it('gives back to the system what native code has freed between what stays', async () => {
  const said: string[] = [];
  const trim = loadMallocTrim({ info: (message) => void said.push(message) });
  if (process.platform !== 'linux') {
    expect(trim).toBeUndefined();
    return;
  }
  const kept = allocate().filter((_, index) => index % KEPT === 0);
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const before = process.memoryUsage.rss();
  const returned = () => before - process.memoryUsage.rss();
  // V8 frees in the background what it has collected.
  for (let time = 0; time < 20 && returned() < RETURNED_BYTES; time++) {
    collect();
    await trim?.();
  }
  expect(said).toEqual([]);
  expect(returned()).toBeGreaterThanOrEqual(RETURNED_BYTES);
  expect(kept).toHaveLength(BLOCKS / KEPT);
});

/** In the heap of the C library, each block on its own. */
function allocate(): Buffer[] {
  return Array.from({ length: BLOCKS }, () => Buffer.allocUnsafeSlow(BLOCK_BYTES).fill(1));
}
