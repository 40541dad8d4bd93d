import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Makes a function that compares a text with a secret. Its time does not depend on the secret: it compares hashes, which have one
 * length.
 */
export function secretComparison(secret: string): (given: string) => boolean {
  const hash = (value: string) => createHash('sha256').update(value).digest();
  const expected = hash(secret);
  return (given) => timingSafeEqual(hash(given), expected);
}
