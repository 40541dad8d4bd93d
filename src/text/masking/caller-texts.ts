import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * What the caller of the activity at hand has written. A caller who writes a guess must not learn from stars in the place of
 * it that the guess was right, so what the caller has written itself is shown as it is, whether it is a secret or not.
 */
const storage = new AsyncLocalStorage<readonly unknown[]>();

/** Runs something on behalf of a caller who has written these JSON values. */
export function onBehalfOf<T>(written: readonly unknown[], run: () => T): T {
  return storage.run(written, run);
}

/** What the caller has written on whose behalf the code at hand runs, as one text. */
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
