import { findLimitViolation, MAXIMUM_INPUT_BYTES } from '../src/contract/validation/input-limits';
import { describeLocatedProblems } from '../src/contract/validation/schema-problems';
import { formatNumber } from '../src/text/formatting';
import { failure } from './failures';

/** @throws ApplicationFailure of type `InvalidInput` when an activity is given more than anything of ours has */
export function assertWithinLimits(args: readonly unknown[]): void {
  for (const arg of args) {
    const excess = findLimitViolation(arg);
    if (excess !== undefined) throw failure('InvalidInput', describeLocatedProblems([excess]));
  }
}

/**
 * Refuses a result that Temporal would not take: the activity would be tried again until its time is over, with the same
 * result each time.
 *
 * @throws ApplicationFailure of type `InvalidInput`
 */
export function assertResultSize<T>(activity: string, result: T): T {
  if (result === undefined) return result;
  const bytes = Buffer.byteLength(JSON.stringify(result));
  if (bytes <= MAXIMUM_INPUT_BYTES) return result;
  throw failure(
    'InvalidInput',
    `What ${activity} has found takes ${formatNumber(bytes)} bytes, and Temporal takes ${formatNumber(MAXIMUM_INPUT_BYTES)}: ` +
      'select fewer streams or connections, in several documents.',
  );
}
