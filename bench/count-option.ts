import { InvalidArgumentError } from 'commander';

/** Reads how many of something an option asks for. */
export function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('Not a whole number above 0.');
}
