import { describe, expect, it } from '@jest/globals';
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/common';
import { rootCauseOf } from '../../../src/contract/root-cause';

const reason = ApplicationFailure.nonRetryable('no such connection', 'AirbyteNotFound');
const inActivity = (cause: Error | undefined) =>
  new ActivityFailure('Activity failed', 'waitForJob', '7', 'MAXIMUM_ATTEMPTS_REACHED', 'worker', cause);
const inChild = (cause: Error) =>
  new ChildWorkflowFailure(
    'default',
    { workflowId: 'w', runId: 'r' },
    'syncConnection',
    'NON_RETRYABLE_FAILURE',
    cause,
  );

describe('rootCauseOf', () => {
  it('opens the failures of activities and child workflows', () => {
    expect(rootCauseOf(inChild(inActivity(reason)))).toBe(reason);
  });

  it('leaves any other error as it is, with its cause', () => {
    const failed = new Error('failed', { cause: reason });
    expect(rootCauseOf(failed)).toBe(failed);
    expect(rootCauseOf('thrown')).toBe('thrown');
  });

  it('leaves a wrapper without a cause', () => {
    const failed = inActivity(undefined);
    expect(rootCauseOf(failed)).toBe(failed);
  });

  it('opens the further classes that are named', () => {
    const timeout = Object.assign(new TimeoutFailure('timed out', undefined, 'SCHEDULE_TO_CLOSE'), { cause: reason });
    expect(rootCauseOf(inActivity(timeout))).toBe(timeout);
    expect(rootCauseOf(inActivity(timeout), TimeoutFailure)).toBe(reason);
  });
});
