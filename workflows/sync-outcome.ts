import { type ApplicationFailure, metricMeter } from '@temporalio/workflow';
import type { JobSnapshot } from '../src/contract/connection-job';
import type { JobOutcome } from '../src/contract/job-outcome';
import { fullNameOf, isNamed } from '../src/contract/stream-name';
import type { SyncConnectionOptions } from '../src/contract/sync-options';
import { isWaiting } from '../src/jobs/unstarted-job';
import { failure } from './failures';

type OutcomeOptions = Pick<SyncConnectionOptions, 'connectionId' | 'jobType' | 'minimumRecords' | 'unmeasured'>;

const WHY_NOT_BEGUN =
  'Airbyte cancels a job that has been queued for 8 hours or until its next scheduled run, and one whose connection is changed';

/** Streams that a message names; the details have more of them. */
const NAMED_STREAMS = 10;

/** What a sync ends with when its job did not do what was asked of it; undefined when it did. */
export function evaluateOutcome(outcome: JobOutcome, options: OutcomeOptions): ApplicationFailure | undefined {
  const { jobId, status } = outcome;
  const { connectionId } = options;
  if (status === 'succeeded') {
    const shortfall = movesRecords(options) ? describeShortfall(outcome, options) : undefined;
    if (shortfall === undefined) return undefined;
    return failure('AirbyteSyncFailed', `${describeSuccess(options, outcome)}, but ${shortfall}.`, outcome);
  }
  if (status === 'cancelled') {
    const job = `The job ${jobId} of connection ${connectionId}`;
    const cancelled = outcome.notBegun
      ? `${job} had not begun (it had no attempts) when it was cancelled by Airbyte, not by this workflow: ${WHY_NOT_BEGUN}.`
      : `${job} was cancelled in Airbyte, not by this workflow.`;
    return failure('AirbyteJobCancelled', [cancelled, ...describeMoved(outcome)].join('\n'), outcome);
  }
  return failure('AirbyteSyncFailed', describeFailure(options, outcome), outcome);
}

/** Warns of a job that Airbyte has started in place of the one that was asked for; undefined where it is that one. */
export function warnOfOtherJobType(job: JobSnapshot, { connectionId, jobType }: OutcomeOptions): string[] | undefined {
  // Workers of before did not say of which kind it is.
  const kind = job.jobType?.replace(/_connection$/, '');
  if (job.sameKind || kind === undefined) return undefined;
  const became = `The ${jobType} of connection ${connectionId} has become job ${job.jobId}, a ${kind} that was pending on it`;
  return [`${became}: no ${jobType} of its own has run. Start the ${jobType} again to have one.`];
}

/** What a person should know of a sync that did what was asked of it. */
export function warningsOf(outcome: JobOutcome, options: OutcomeOptions): string[] {
  if (!isUnmeasured(outcome, options) || options.unmeasured !== 'warn') return [];
  return [`${describeSuccess(options, outcome)}, but ${NOT_MEASURED}; whether it has moved anything is not known.`];
}

/** Counts a succeeded sync of which nothing was measured, unless that is accepted. Called once for each job, in a workflow. */
export function countUnmeasured(outcome: JobOutcome, options: OutcomeOptions): void {
  const { jobType, unmeasured } = options;
  if (!isUnmeasured(outcome, options) || unmeasured === 'accept') return;
  const description = 'Syncs that succeeded without a count of their records by Airbyte';
  metricMeter.createCounter(UNMEASURED_SYNCS, undefined, description).add(1, { job_type: jobType, unmeasured });
}

/** Without `_total`, as the SDK's own counters: it adds that where its users ask for it. */
const UNMEASURED_SYNCS = 'temporal_airbyte_unmeasured_syncs';

function isUnmeasured({ status, recordsSynced }: JobOutcome, options: OutcomeOptions): boolean {
  return status === 'succeeded' && recordsSynced === null && movesRecords(options);
}

const NOT_MEASURED = 'Airbyte has not measured how many records it has moved';

/** A reset or a clear takes records away: there is nothing for it to have synced. */
function movesRecords({ jobType }: OutcomeOptions): boolean {
  return jobType === 'sync' || jobType === 'refresh';
}

/** In what a job that succeeded falls short of what was asked of it; undefined when it does not. */
function describeShortfall(outcome: JobOutcome, { minimumRecords, unmeasured }: OutcomeOptions): string | undefined {
  const { recordsSynced, recordsRejected, recordsEmitted = 0 } = outcome;
  if (recordsSynced === 0 && recordsEmitted > 0) {
    const rejected = recordsRejected > 0 ? ` (${recordsRejected} were rejected)` : '';
    return `of the ${recordsEmitted} records that the source has sent, 0 were committed in the destination${rejected}`;
  }
  const { total, streams = {} } = typeof minimumRecords === 'object' ? minimumRecords : { total: minimumRecords };
  if (total !== undefined && recordsSynced === null) return `${NOT_MEASURED}, and minimumRecords asks for ${total}`;
  if (total !== undefined && recordsSynced !== null && recordsSynced < total) {
    return `synced ${recordsSynced} records${describeStreams(outcome)}, fewer than the ${total} of minimumRecords`;
  }
  const short = Object.entries(streams).flatMap(([name, least]) => describeShortStream(outcome, name, least));
  if (short.length > 0) {
    const more = short.length - NAMED_STREAMS;
    return [...short.slice(0, NAMED_STREAMS), ...(more > 0 ? [`and ${more} more streams fall short`] : [])].join(', ');
  }
  return recordsSynced === null && unmeasured === 'fail' ? NOT_MEASURED : undefined;
}

/** Each stream of the name counts for itself, where several namespaces have one. */
function describeShortStream({ streams }: JobOutcome, name: string, least: number): string[] {
  const known = streams.filter((stream) => isNamed(stream, name));
  if (known.length === 0) return [`the records of the stream ${name} were not measured (minimumRecords: ${least})`];
  return known.flatMap((stream) => {
    const { recordsSynced } = stream;
    if (recordsSynced === null) return [`the records of the stream ${fullNameOf(stream)} were not measured`];
    if (recordsSynced >= least) return [];
    return [
      `the stream ${fullNameOf(stream)} synced ${recordsSynced} records, fewer than the ${least} of minimumRecords`,
    ];
  });
}

function describeSuccess({ connectionId, jobType }: OutcomeOptions, { jobId }: JobOutcome): string {
  return `The ${jobType} of connection ${connectionId} (job ${jobId}) succeeded`;
}

/**
 * Whether another attempt may succeed: a wrong configuration stays wrong, and who cancels a job that runs means it. One
 * that had not begun was mostly cancelled by Airbyte.
 */
export function mayRetry({ status, failure, notBegun = false }: JobOutcome): boolean {
  return (status !== 'cancelled' || notBegun) && failure?.type !== 'config_error';
}

/** Before the second attempt; doubles from there. */
const RETRY_DELAY_MS = 30_000;
const MAXIMUM_RETRY_DELAY_MS = 10 * 60_000;

/** How long to wait after an attempt before the next one. */
export function retryDelayMs(attempt: number): number {
  return Math.min(RETRY_DELAY_MS * 2 ** (attempt - 1), MAXIMUM_RETRY_DELAY_MS);
}

function describeFailure({ connectionId, jobType }: OutcomeOptions, outcome: JobOutcome): string {
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

/** The job that stands in the way of a sync. */
export function describeOtherJob(other: JobSnapshot, { connectionId, jobType }: OutcomeOptions): string {
  const how = isWaiting(other) ? `, ${other.status}: it was there before this ${jobType}` : '';
  return `Job ${other.jobId} is already running on the connection ${connectionId}${how}.`;
}

/** Why a job had not begun, and what Airbyte has started in its place, as sentences for the end of a message. */
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

/** What else than its end has come of the cancel of a job. */
export function describeCancelOutcome(outcome: JobOutcome, jobType: OutcomeOptions['jobType']): string[] {
  const { jobId, status, successor } = outcome;
  return [
    ...(status === 'succeeded'
      ? [`The ${jobType} was to be cancelled, but its job ${jobId} had succeeded by then.`]
      : []),
    ...(successor ? describeNotBegun(outcome) : []),
  ];
}

/** What a job that did not succeed has moved all the same, as a line of a message. */
export function describeMoved(outcome: JobOutcome): string[] {
  const { partialSuccess, recordsSynced, recordsRejected } = outcome;
  if (!partialSuccess) return [];
  const rejected = recordsRejected > 0 ? `, ${recordsRejected} rejected` : '';
  const records = recordsSynced === null ? 'an unmeasured number of records' : `${recordsSynced} records`;
  return [`Part of it is in the destination: ${records}${describeStreams(outcome)}${rejected}.`];
}

/** ` (orders 500, customers 20, and 3 more streams)` */
function describeStreams({ streams, moreStreams = 0 }: JobOutcome): string {
  if (streams.length === 0) return '';
  const named = streams
    .slice(0, NAMED_STREAMS)
    .map((stream) => `${fullNameOf(stream)} ${stream.recordsSynced ?? 'not measured'}`);
  const more = streams.length - named.length + moreStreams;
  return ` (${[...named, ...(more > 0 ? [`and ${more} more streams`] : [])].join(', ')})`;
}
