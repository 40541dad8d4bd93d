import type { ClientInterceptors } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { findLimitViolation } from '../contract/validation/input-limits';
import { describeLocatedProblems } from '../contract/validation/schema-problems';

/**
 * Refuses to start workflows and to make schedules of which Temporal would not take the input: it answers such a request
 * in words that name neither the document nor what to do, or not at all.
 *
 * @throws ApplicationFailure of type `InvalidInput` in place of the request
 */
export const inputSizeInterceptors: ClientInterceptors = {
  workflow: [
    {
      startWithDetails: async (input, next) => {
        assertWithinLimits(input.options.args);
        return next(input);
      },
    },
  ],
  schedule: [
    {
      create: async (input, next) => {
        assertWithinLimits(input.options.action.args);
        return next(input);
      },
    },
  ],
};

function assertWithinLimits(args: readonly unknown[] = []): void {
  for (const arg of args) {
    const excess = findLimitViolation(arg);
    if (excess !== undefined) throw ApplicationFailure.nonRetryable(describeLocatedProblems([excess]), 'InvalidInput');
  }
}
