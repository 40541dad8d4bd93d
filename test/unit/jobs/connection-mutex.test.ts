import { describe, expect, it } from '@jest/globals';
import { ConnectionMutex } from '../../../src/jobs/connection-mutex';

const never = new AbortController().signal;
const ignore = () => undefined;

/** Work on a connection that continues until the test ends it. */
function heldWork() {
  let end: () => void = ignore;
  const work = () =>
    new Promise<void>((resolve) => {
      end = resolve;
    });
  return { work, end: () => end() };
}

describe('work on a connection', () => {
  it('waits for other work on the same connection, and is called back because it had to', async () => {
    const mutex = new ConnectionMutex();
    const order: string[] = [];
    const first = heldWork();
    const running = mutex.run('a', first.work, () => order.push('first waited'), never);
    const second = mutex.run(
      'a',
      async () => order.push('second'),
      () => order.push('second waited'),
      never,
    );
    await mutex.run(
      'b',
      async () => order.push('other connection'),
      () => order.push('other waited'),
      never,
    );
    first.end();
    await Promise.all([running, second]);
    expect(order).toEqual(['second waited', 'other connection', 'second']);
  });

  it('ends its wait with the reason of its signal, and the next one continues', async () => {
    const mutex = new ConnectionMutex();
    const first = heldWork();
    const running = mutex.run('a', first.work, ignore, never);
    const abort = new AbortController();
    const second = mutex.run('a', async () => 'second', ignore, abort.signal);
    const third = mutex.run('a', async () => 'third', ignore, never);
    const reason = new Error('cancelled');
    abort.abort(reason);
    await expect(second).rejects.toBe(reason);
    first.end();
    await running;
    await expect(third).resolves.toBe('third');
  });
});
