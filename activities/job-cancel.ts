import { ApplicationFailure, activityInfo, log } from '@temporalio/activity';
import type { AirbyteClient } from '../src/airbyte/client';
import { AirbyteError } from '../src/airbyte/errors';
import { isTerminal, type Job } from '../src/airbyte/jobs';
import { findJob } from '../src/airbyte/lookup/find-job';
import { listRecentJobs } from '../src/airbyte/lookup/recent-jobs';
import type { JobOfConnection } from '../src/contract/connection-job';
import type { FailureType } from '../src/contract/failure-types';
import { isWaiting } from '../src/jobs/unstarted-job';
import { report } from './heartbeat';
import { notBegunBecause } from './not-begun-jobs';

/** What an attempt to cancel a job leaves for the next one, in its heartbeat. */
interface CancelHeartbeat {
  cancelsSent: number;
  /** ISO 8601. */
  firstSentAt: string;
  /** How the job was before the last one. Left out by workers before this field. */
  status?: string;
}

/** A job that has ended after its cancel. */
export interface CancelledJob {
  job: Job;
  /** The status that polls have shown before its end; undefined where none has. */
  statusBefore: string | undefined;
}

/** Between two cancels; doubles from the first on. */
const SHORTEST_INTERVAL_MS = 2_000;
const LONGEST_INTERVAL_MS = 30_000;

/** Rejections of a cancel that the next attempt meets as well. */
const FINAL: readonly string[] = ['AirbyteUnauthorized', 'AirbyteUnsupported'];

/** Jobs of the connection that are looked through for one that runs in place of ours. */
const RECENT_JOBS_PAGE_SIZE = 5;
/** A job that is not found for so long is gone. */
const LOST_AFTER_MS = 3 * 60_000;
/** A server that lists slowly must not hold up the cancel. */
const LIST_TIMEOUT_MS = 1_000;

/**
 * Sends a job's cancel once, and returns the job when it has ended. Airbyte responds with 200 also when it drops the cancel:
 * while the job is pending, or between two of its steps. So this fails as long as the job goes on, in a way that Temporal
 * tries again at growing intervals, 2 s to 30 s: neither the history grows by it nor does it hold a worker's slot.
 *
 * Airbyte cancels whatever runs on the job's connection: a cancel is sent only while our job is the one that runs there. How it
 * stands is read right before, so that a job which begins meanwhile is met in the time that one request takes, and no longer.
 *
 * @throws ApplicationFailure of type `AirbyteUnavailable`, retryable, that tells how often the cancel was sent and since
 *   when, also while Airbyte rejects it or is out of reach; AirbyteError when the credentials may not cancel
 */
export async function sendCancel(airbyte: AirbyteClient, input: JobOfConnection): Promise<CancelledJob> {
  const { jobs } = airbyte;
  const { jobId } = input;
  const read = () => findJob(jobs, input).catch(retryWhileMissing);
  // Workflows of before do not tell the connection: the job does.
  const told = input.connectionId === undefined ? await read() : undefined;
  const connectionId = input.connectionId ?? told?.connectionId;
  const other = connectionId === undefined ? undefined : await findNewerRunningJob(jobs, { jobId, connectionId });
  const last = activityInfo().heartbeatDetails as CancelHeartbeat | undefined;
  const cancelsSent = last?.cancelsSent ?? 0;
  const before = told ?? (await read());
  if (isTerminal(before.status)) return { job: before, statusBefore: last?.status };
  if (other) {
    throw goesOn(
      `Airbyte still shows job ${jobId} as ${before.status}, but it is job ${other.jobId} that runs on its connection: a cancel would stop that one, so none is sent.`,
      cancelsSent,
    );
  }
  const sent = {
    cancelsSent: cancelsSent + 1,
    firstSentAt: last?.firstSentAt ?? new Date().toISOString(),
    status: before.status,
  };
  // Before it is sent: a cancel whose response is lost counts as well.
  report(sent satisfies CancelHeartbeat);
  log.info(`Cancelling job ${jobId}`, { status: before.status, cancelsSent: sent.cancelsSent });
  const after = await jobs.cancel(jobId).catch(async (error: unknown) => {
    // What counts is how the job stands: it may have ended by itself, or been cancelled without a response.
    const now = await findJob(jobs, before).catch(() => undefined);
    if (now && isTerminal(now.status)) return now;
    // Airbyte answers 404, 400 or 409 also for what stands in the way of a cancel just now, while the job goes on.
    if (!(error instanceof AirbyteError) || FINAL.includes(error.type)) throw error;
    const state = now ? `is still ${now.status}` : 'may go on';
    throw goesOn(
      `Job ${jobId} ${state}: ${countOf(sent.cancelsSent)} of it since ${sent.firstSentAt}, and Airbyte rejected the last one. ${error.message}`,
      sent.cancelsSent,
      error.retryAfterMs,
    );
  });
  if (isTerminal(after.status)) return { job: after, statusBefore: before.status };
  const why = isWaiting(after)
    ? ` It has not begun: ${await notBegunBecause(airbyte, connectionId, after.status)}.`
    : '';
  throw goesOn(
    `Airbyte has accepted ${countOf(sent.cancelsSent)} of job ${jobId} since ${sent.firstSentAt}, but the job is still ${after.status}.${why} ` +
      'Airbyte drops a cancel while a job is pending or between two of its steps; if the job stays so, cancel it in Airbyte itself.',
    sent.cancelsSent,
  );
}

/** A job that Airbyte does not find may be there again in a while. */
function retryWhileMissing(error: unknown): never {
  const missing = error instanceof AirbyteError && error.type === 'AirbyteNotFound';
  if (!missing || Date.now() - activityInfo().scheduledTimestampMs >= LOST_AFTER_MS) throw error;
  throw goesOn(error.message, 1);
}

/** The newer job that runs on the connection of a job which Airbyte shows as running, too: it has forgotten that one. */
async function findNewerRunningJob(
  jobs: AirbyteClient['jobs'],
  { jobId, connectionId }: Required<JobOfConnection>,
): Promise<Job | undefined> {
  const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
  try {
    const recent = await listRecentJobs(jobs, { connectionId, pageSize: RECENT_JOBS_PAGE_SIZE }, { signal });
    return recent.find((job) => job.jobId > jobId && !isTerminal(job.status));
  } catch (error) {
    if (!(error instanceof AirbyteError) && error !== signal.reason) throw error;
    log.warn(`Job ${jobId} is cancelled without a look at the other jobs of its connection`, { reason: String(error) });
    return undefined;
  }
}

function goesOn(message: string, cancelsSent: number, retryAfterMs = 0): ApplicationFailure {
  const interval = SHORTEST_INTERVAL_MS * 2 ** Math.max(0, cancelsSent - 1);
  return ApplicationFailure.create({
    type: 'AirbyteUnavailable' satisfies FailureType,
    message,
    nonRetryable: false,
    nextRetryDelay: Math.min(Math.max(interval, retryAfterMs), LONGEST_INTERVAL_MS),
  });
}

function countOf(cancels: number): string {
  return cancels === 1 ? 'one cancel' : `${cancels} cancels`;
}
