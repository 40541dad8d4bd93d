/**
 * Resolves after a time. Unlike that of `node:timers/promises`, it resolves when the signal is aborted, too, and tests
 * can replace its clock.
 *
 * @param signal ends the wait early, without an error
 */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });
}
