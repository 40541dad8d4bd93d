import type { ClientInterceptors } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { FailureType } from '../contract/failure-types';
import { describeLimitViolation } from '../contract/validation/input-limits';

/**
 * Rejects workflows and schedules whose input exceeds a limit, before the client sends them. Temporal's own error names neither
 * the document nor what to do, and for some sizes it does not respond.
 *
 * @throws ApplicationFailure of type `InvalidInput` instead of the request
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
