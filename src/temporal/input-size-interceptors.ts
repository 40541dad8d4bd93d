import type { ClientInterceptors } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { FailureType } from '../contract/failure-types';
import { describeLimitViolation } from '../contract/validation/input-limits';

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
  const violation = describeLimitViolation(args);
  if (violation !== undefined) throw ApplicationFailure.nonRetryable(violation, 'InvalidInput' satisfies FailureType);
}
