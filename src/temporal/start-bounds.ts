import type { ClientInterceptors } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { findExcess } from '../contract/input-bounds';
import { describeLocated } from '../contract/problems';

/**
 * Refuses to start workflows and to make schedules of which Temporal would not take the input: it answers such a request
 * in words that name neither the document nor what to do, or not at all.
 *
 * @throws ApplicationFailure of type `InvalidInput` in place of the request
 */
export const refuseLargeInputs: ClientInterceptors = {
  workflow: [
    {
      startWithDetails: async (input, next) => {
        refuseExcess(input.options.args);
        return next(input);
      },
    },
  ],
  schedule: [
    {
      create: async (input, next) => {
        refuseExcess(input.options.action.args);
        return next(input);
      },
    },
  ],
};

function refuseExcess(args: readonly unknown[] = []): void {
  for (const arg of args) {
    const excess = findExcess(arg);
    if (excess !== undefined) throw ApplicationFailure.nonRetryable(describeLocated([excess]), 'InvalidInput');
  }
}
