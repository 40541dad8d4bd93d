import type { ApplicationFailure } from '@temporalio/workflow';
import type { JobOutcome } from '../src/jobs/job-outcome';
import type { SyncConnectionOptions } from '../src/pipeline/sync-options';
import { failure } from './failures';

/** What a sync ends with when its job did not do what was asked of it; undefined when it did. */
export function judgeOutcome(
  outcome: JobOutcome,
  { connectionId, minimumRecords = 0 }: Pick<SyncConnectionOptions, 'connectionId' | 'minimumRecords'>,
): ApplicationFailure | undefined {
  const { jobId, status, recordsSynced } = outcome;
  if (status === 'succeeded' && recordsSynced >= minimumRecords) return undefined;
  if (status === 'succeeded') {
    return failure(
      'AirbyteSyncFailed',
      `The sync of connection ${connectionId} (job ${jobId}) succeeded, but synced ${recordsSynced} records, ` +
        `fewer than the ${minimumRecords} of minimumRecords.`,
      outcome,
    );
  }
  if (status === 'cancelled') {
    return failure(
      'AirbyteJobCancelled',
      `The job ${jobId} of connection ${connectionId} was cancelled in Airbyte, not by this workflow.`,
      outcome,
    );
  }
  return failure('AirbyteSyncFailed', describeFailure(connectionId, outcome), outcome);
}

/** Whether another attempt may succeed: a wrong configuration stays wrong, and who cancels a job means it. */
export function mayRetry({ status, failure }: JobOutcome): boolean {
  return status !== 'cancelled' && failure?.type !== 'config_error';
}

function describeFailure(connectionId: string, { jobId, jobAttempts, ...outcome }: JobOutcome): string {
  const { failure: reason, logLines = [], partialSuccess, recordsSynced } = outcome;
  const origin = [reason?.origin, reason?.type].filter(Boolean).join(', ');
  const tries = jobAttempts > 1 ? ` after ${jobAttempts} attempts` : '';
  const lines = [
    `The sync of connection ${connectionId} (job ${jobId}) failed${tries}: ` +
      `${reason?.message ?? 'Airbyte gives no reason'}${origin && ` (${origin})`}`,
  ];
  if (partialSuccess) lines.push(`Part of it is in the destination: ${recordsSynced} records.`);
  // Without a reason of Airbyte's the log is all there is to go by.
  if (logLines.length > 0) lines.push('Last log lines:', ...logLines);
  return lines.join('\n');
}
