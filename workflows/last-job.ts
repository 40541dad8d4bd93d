import { isCancellation } from '@temporalio/workflow';
import type { JobSnapshot } from '../src/contract/connection-job';
import type { TriggerInput } from '../src/contract/trigger';
import { airbyteCalls, localCalls } from './activity-options';
import { isNonRetryable } from './failures';

/**
 * The newest job of a connection. Read before each trigger, and recorded together with it, before the trigger can have any
 * effect.
 *
 * @param untilDeadline how long to go on trying
 */
export async function lastJob(
  input: Pick<TriggerInput, 'connectionId' | 'jobType'>,
  untilDeadline: () => number,
): Promise<JobSnapshot | null> {
  const purpose = 'Look for the last job of the connection';
  try {
    return await localCalls(untilDeadline(), purpose).findLastJob(input);
  } catch (error) {
    if (isCancellation(error) || isNonRetryable(error)) throw error;
    return airbyteCalls(untilDeadline(), purpose).findLastJob(input);
  }
}
