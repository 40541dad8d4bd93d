import { describeDuration } from '../contract/duration';
import type { JobOutcome } from '../contract/job-outcome';
import { fullNameOf } from '../contract/stream-name';
import type { SyncConnectionOptions } from '../contract/sync-options';

/** How many streams a message names; the details list more of them. */
export const NAMED_STREAMS = 10;

/** Why a job had not begun, and which job Airbyte has started in its place, as sentences for the end of a message. */
export function describeNotBegun({ jobId, notBegunBecause, successor }: JobOutcome): string[] {
  return [
    ...(notBegunBecause === undefined ? [] : [`It had not begun: ${notBegunBecause}.`]),
    ...(successor === undefined
      ? []
      : [
          `Airbyte has started job ${successor.jobId} (${successor.status}) after the cancel of job ${jobId}: it was left running, since it is not the job of this sync.`,
        ]),
  ];
}

/** What the cancel of a job has led to, where that is something else than a cancelled job. */
export function describeCancelOutcome(outcome: JobOutcome, jobType: SyncConnectionOptions['jobType']): string[] {
  const { jobId, status, successor } = outcome;
  return [
    ...(status === 'succeeded'
      ? [`The ${jobType} was to be cancelled, but its job ${jobId} had succeeded by then.`]
      : []),
    ...(successor ? describeNotBegun(outcome) : []),
  ];
}

/** For how long, and since when, nothing has moved in a job that has stalled. */
export function describeStall(
  { jobId, stalledSince }: Pick<JobOutcome, 'jobId' | 'stalledSince'>,
  {
    connectionId,
    jobType,
    stallTimeout = '',
  }: Pick<SyncConnectionOptions, 'connectionId' | 'jobType' | 'stallTimeout'>,
): string {
  const unmoved = `for ${describeDuration(stallTimeout)}, since ${stalledSince}`;
  const what = 'neither its status, nor its attempts, nor its counts of records and bytes have changed';
  return `The ${jobType} of connection ${connectionId} (job ${jobId}) has stalled: ${unmoved}, ${what}.`;
}

/** What a job that did not succeed has moved nevertheless, as a line of a message. */
export function describePartialSuccess(outcome: JobOutcome): string[] {
  const { partialSuccess, recordsSynced, recordsRejected } = outcome;
  if (!partialSuccess) return [];
  const rejected = recordsRejected > 0 ? `, ${recordsRejected} rejected` : '';
  const records = recordsSynced === null ? 'an unmeasured number of records' : `${recordsSynced} records`;
  return [`Part of it is in the destination: ${records}${describeStreams(outcome)}${rejected}.`];
}

/** ` (orders 500, customers 20, and 3 more streams)` */
export function describeStreams({ streams, moreStreams = 0 }: JobOutcome): string {
  if (streams.length === 0) return '';
  const named = streams
    .slice(0, NAMED_STREAMS)
    .map((stream) => `${fullNameOf(stream)} ${stream.recordsSynced ?? 'not measured'}`);
  const more = streams.length - named.length + moreStreams;
  return ` (${[...named, ...(more > 0 ? [`and ${more} more streams`] : [])].join(', ')})`;
}
