import type { ApplicationFailure } from '@temporalio/workflow';
import type { JobOutcome, StreamOutcome } from '../src/jobs/job-outcome';
import type { SyncConnectionOptions } from '../src/pipeline/sync-options';
import { failure } from './failures';

type JudgedOptions = Pick<SyncConnectionOptions, 'connectionId' | 'jobType' | 'minimumRecords'>;

/** Streams that a message names; the details have more of them. */
const NAMED_STREAMS = 10;

/** What a sync ends with when its job did not do what was asked of it; undefined when it did. */
export function judgeOutcome(outcome: JobOutcome, options: JudgedOptions): ApplicationFailure | undefined {
  const { jobId, status, recordsSynced } = outcome;
  const { connectionId, jobType } = options;
  // A reset or a clear takes records away: there is nothing for it to have synced.
  const minimumRecords = jobType === 'sync' || jobType === 'refresh' ? (options.minimumRecords ?? 0) : 0;
  if (status === 'succeeded' && recordsSynced >= minimumRecords) return undefined;
  if (status === 'succeeded') {
    return failure(
      'AirbyteSyncFailed',
      `The ${jobType} of connection ${connectionId} (job ${jobId}) succeeded, but synced ${recordsSynced} records` +
        `${describeStreams(outcome)}, fewer than the ${minimumRecords} of minimumRecords.`,
      outcome,
    );
  }
  if (status === 'cancelled') {
    const cancelled = `The job ${jobId} of connection ${connectionId} was cancelled in Airbyte, not by this workflow.`;
    return failure('AirbyteJobCancelled', [cancelled, ...describeMoved(outcome)].join('\n'), outcome);
  }
  return failure('AirbyteSyncFailed', describeFailure(options, outcome), outcome);
}

/** Whether another attempt may succeed: a wrong configuration stays wrong, and who cancels a job means it. */
export function mayRetry({ status, failure }: JobOutcome): boolean {
  return status !== 'cancelled' && failure?.type !== 'config_error';
}

function describeFailure({ connectionId, jobType }: JudgedOptions, outcome: JobOutcome): string {
  const { jobId, jobAttempts, failure: reason, logLines = [] } = outcome;
  const origin = [reason?.origin, reason?.type].filter(Boolean).join(', ');
  const tries = jobAttempts > 1 ? ` after ${jobAttempts} attempts` : '';
  const noReason = `Airbyte gives no reason${logLines.length > 0 ? '' : '; look at the log of the job in Airbyte'}`;
  return [
    `The ${jobType} of connection ${connectionId} (job ${jobId}) failed${tries}: ` +
      `${reason?.message ?? noReason}${origin && ` (${origin})`}`,
    ...describeMoved(outcome),
    ...(logLines.length > 0 ? ['Last log lines:', ...logLines] : []),
  ].join('\n');
}

/** What a job that did not succeed has moved all the same, as a line of a message. */
export function describeMoved(outcome: JobOutcome): string[] {
  const { partialSuccess, recordsSynced, recordsRejected } = outcome;
  if (!partialSuccess) return [];
  const rejected = recordsRejected > 0 ? `, ${recordsRejected} rejected` : '';
  return [`Part of it is in the destination: ${recordsSynced} records${describeStreams(outcome)}${rejected}.`];
}

/** ` (orders 500, customers 20, and 3 more streams)` */
function describeStreams({ streams, moreStreams = 0 }: JobOutcome): string {
  if (streams.length === 0) return '';
  const named = streams.slice(0, NAMED_STREAMS).map((stream) => `${nameOf(stream)} ${stream.recordsSynced}`);
  const more = streams.length - named.length + moreStreams;
  return ` (${[...named, ...(more > 0 ? [`and ${more} more streams`] : [])].join(', ')})`;
}

function nameOf({ name, namespace }: StreamOutcome): string {
  return namespace === undefined ? name : `${namespace}.${name}`;
}
