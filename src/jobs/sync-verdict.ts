import type { JobSnapshot } from '../contract/connection-job';
import type { FailureType } from '../contract/failure-types';
import type { JobOutcome } from '../contract/job-outcome';
import { fullNameOf, matchesStreamName } from '../contract/stream-name';
import type { SyncConnectionOptions } from '../contract/sync-options';
import { describePartialSuccess, describeStall, describeStreams, NAMED_STREAMS } from './outcome-texts';

type VerdictOptions = Pick<
  SyncConnectionOptions,
  'connectionId' | 'jobType' | 'minimumRecords' | 'stallTimeout' | 'unmeasured'
>;

/** A sync whose job did not do what was asked of it. */
export interface FailedSync {
  type: FailureType;
  message: string;
  details: [JobOutcome];
  /** Whether another attempt may succeed. */
  mayRetry: boolean;
}

const WHY_NOT_BEGUN =
  'Airbyte cancels a job that has been queued for 8 hours or until its next scheduled run, and one whose connection is changed';

const NOT_MEASURED = 'Airbyte has not measured how many records it has moved';

/** Compares how a job has ended with what was asked of the sync; undefined when the job did what was asked of it. */
export function evaluateOutcome(outcome: JobOutcome, options: VerdictOptions): FailedSync | undefined {
  const { status } = outcome;
  const failed = { details: [outcome] as [JobOutcome], mayRetry: mayRetryAfter(outcome) };
  if (status === 'succeeded') {
    const shortfall = movesRecords(options) ? describeShortfall(outcome, options) : undefined;
    if (shortfall === undefined) return undefined;
    return { ...failed, type: 'AirbyteSyncFailed', message: `${describeSuccess(options, outcome)}, but ${shortfall}.` };
  }
  if (status === 'cancelled' && outcome.stalledSince !== undefined) {
    const cancelled = `${describeStall(outcome, options)} The job was cancelled.`;
    const message = [cancelled, ...describePartialSuccess(outcome)].join('\n');
    return { ...failed, type: 'AirbyteSyncTimedOut', message };
  }
  if (status === 'cancelled') {
    return { ...failed, type: 'AirbyteJobCancelled', message: describeCancelledJob(options, outcome) };
  }
  return { ...failed, type: 'AirbyteSyncFailed', message: describeFailedJob(options, outcome) };
}

/**
 * Whether another attempt may succeed: a wrong configuration stays wrong, and a job that was cancelled while it ran was
 * cancelled on purpose, unless that was because it had stalled. A job that was cancelled before it began was mostly cancelled by
 * Airbyte itself.
 */
function mayRetryAfter({ status, failure, notBegun = false, stalledSince }: JobOutcome): boolean {
  return (status !== 'cancelled' || notBegun || stalledSince !== undefined) && failure?.type !== 'config_error';
}

/** The delay before the second attempt; it doubles from there. */
const RETRY_DELAY_MS = 30_000;
const MAXIMUM_RETRY_DELAY_MS = 10 * 60_000;

/** How long to wait after an attempt before the next one. */
export function retryDelayMs(attempt: number): number {
  return Math.min(RETRY_DELAY_MS * 2 ** (attempt - 1), MAXIMUM_RETRY_DELAY_MS);
}

/** Warns of a job of another kind that Airbyte has started in place of the requested one; undefined for the requested kind. */
export function warnOfOtherJobType(job: JobSnapshot, { connectionId, jobType }: VerdictOptions): string[] | undefined {
  // Workers of earlier releases do not report the kind of the job.
  const kind = job.jobType?.replace(/_connection$/, '');
  if (job.sameKind || kind === undefined) return undefined;
  const became = `The ${jobType} of connection ${connectionId} has become job ${job.jobId}, a ${kind} that was pending on it`;
  return [`${became}: no ${jobType} of its own has run. Start the ${jobType} again to have one.`];
}

/** What the operator should know about a sync that did what was asked of it. */
export function warningsOf(outcome: JobOutcome, options: VerdictOptions): string[] {
  if (!isUnmeasured(outcome, options) || options.unmeasured !== 'warn') return [];
  return [`${describeSuccess(options, outcome)}, but ${NOT_MEASURED}; whether it has moved anything is not known.`];
}

/** Whether a job succeeded that should have moved records, without Airbyte having counted them. */
export function isUnmeasured({ status, recordsSynced }: JobOutcome, options: VerdictOptions): boolean {
  return status === 'succeeded' && recordsSynced === null && movesRecords(options);
}

/** A reset and a clear only delete records, so they have none to count. */
function movesRecords({ jobType }: VerdictOptions): boolean {
  return jobType === 'sync' || jobType === 'refresh';
}

/** In what a job that succeeded falls short of what was asked of it; undefined when it does not. */
function describeShortfall(outcome: JobOutcome, { minimumRecords, unmeasured }: VerdictOptions): string | undefined {
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

/** Where several namespaces have a stream of the name, each of these streams is compared on its own. */
function describeShortStream({ streams }: JobOutcome, name: string, least: number): string[] {
  const known = streams.filter((stream) => matchesStreamName(stream, name));
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

function describeSuccess({ connectionId, jobType }: VerdictOptions, { jobId }: JobOutcome): string {
  return `The ${jobType} of connection ${connectionId} (job ${jobId}) succeeded`;
}

function describeCancelledJob({ connectionId }: VerdictOptions, outcome: JobOutcome): string {
  const job = `The job ${outcome.jobId} of connection ${connectionId}`;
  const cancelled = outcome.notBegun
    ? `${job} had not begun (it had no attempts) when it was cancelled by Airbyte, not by this workflow: ${WHY_NOT_BEGUN}.`
    : `${job} was cancelled in Airbyte, not by this workflow.`;
  return [cancelled, ...describePartialSuccess(outcome)].join('\n');
}

function describeFailedJob({ connectionId, jobType }: VerdictOptions, outcome: JobOutcome): string {
  const { jobId, jobAttempts, failure: reason, logLines = [] } = outcome;
  const origin = [reason?.origin, reason?.type].filter(Boolean).join(', ');
  const tries = jobAttempts > 1 ? ` after ${jobAttempts} attempts` : '';
  const noReason = `Airbyte gives no reason${logLines.length > 0 ? '' : '; see the log of the job in Airbyte'}`;
  return [
    `The ${jobType} of connection ${connectionId} (job ${jobId}) failed${tries}: ` +
      `${reason?.message ?? noReason}${origin && ` (${origin})`}`,
    ...describePartialSuccess(outcome),
    ...(logLines.length > 0 ? ['Last log lines:', ...logLines] : []),
  ].join('\n');
}
