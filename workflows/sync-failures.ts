import {
  ActivityFailure,
  type ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
} from '@temporalio/workflow';
import type { JobOutcome } from '../src/contract/job-outcome';
import type { SyncConnectionOptions } from '../src/contract/sync-options';
import { failure, hasType, isTimeout, withContext } from './failures';

/** What a sync ends with that has not led to the end of a job. */
export function syncFailures({
  connectionId,
  jobType,
  timeout,
}: Pick<SyncConnectionOptions, 'connectionId' | 'jobType'> & { timeout: string }) {
  return {
    /** What a call that should have led to a job ends with. One that failed because it was cancelled is a cancellation. */
    notStarted(error: unknown, addition = ''): unknown {
      if (isCancellation(error)) return error;
      if (error instanceof ActivityFailure && CancellationScope.current().consideredCancelled) {
        return new CancelledFailure('The workflow was cancelled');
      }
      const within = isTimeout(error) || hasType(error, 'AirbyteSyncTimedOut') ? ` within ${timeout}` : '';
      return withContext(`The ${jobType} of connection ${connectionId} was not started${within}${addition}`, error);
    },

    timedOut(what: string, details?: JobOutcome): ApplicationFailure {
      const took = `The ${jobType} of connection ${connectionId} took longer than ${timeout}`;
      return failure('AirbyteSyncTimedOut', `${took}: ${what.replace(/[.…]?$/, '.')}`, details);
    },
  };
}
