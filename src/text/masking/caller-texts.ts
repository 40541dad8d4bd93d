import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The texts that the caller of the current activity has written. They are never masked, even if they are secrets:
 * otherwise a caller could write a guess and learn from its mask that the guess was right.
 */
const storage = new AsyncLocalStorage<readonly unknown[]>();

/** Runs a function on behalf of a caller who has written these JSON values. */
export function onBehalfOf<T>(written: readonly unknown[], run: () => T): T {
  return storage.run(written, run);
}

/** All texts of the caller on whose behalf the current code runs, joined into one. */
export function callerTexts(): string {
  const texts: string[] = [];
  const stack: unknown[] = [...(storage.getStore() ?? [])];
  for (let value = stack.pop(); value !== undefined || stack.length > 0; value = stack.pop()) {
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) {
      stack.push(...Object.keys(value).filter(() => !Array.isArray(value)));
      for (const item of Object.values(value)) stack.push(item);
    }
  }
  return texts.join('\n');
}
