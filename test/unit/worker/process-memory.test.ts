import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { loadTrim } from '../../../src/worker/process-memory';

const BLOCK_BYTES = 8 * 1024;
const BLOCKS = 25_000;
/** Of those that stay, so that what lies between them cannot simply be cut off. */
const KEPT = 10;

it('gives back to the system what native code has freed between what stays', async () => {
  const said: string[] = [];
  const trim = loadTrim({ info: (message) => void said.push(message) });
  if (process.platform !== 'linux') {
    expect(trim).toBeUndefined();
    return;
  }
  const kept = allocate().filter((_, index) => index % KEPT === 0);
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  const before = process.memoryUsage.rss();
  await trim?.();
  expect(said).toEqual([]);
  expect(before - process.memoryUsage.rss()).toBeGreaterThan((BLOCKS * BLOCK_BYTES) / 4);
  expect(kept).toHaveLength(BLOCKS / KEPT);
});

/** In the heap of the C library, each block on its own. */
function allocate(): Buffer[] {
  return Array.from({ length: BLOCKS }, () => Buffer.allocUnsafeSlow(BLOCK_BYTES).fill(1));
}
