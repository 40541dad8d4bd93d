import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import { isTerminal, type Job } from '../airbyte/jobs';
import { findJob } from '../airbyte/lookup/find-job';
import { listRecentJobs } from '../airbyte/lookup/recent-jobs';
import type { JobOfConnection } from '../contract/connection-job';
import { JobStillRunningError } from './errors';
import { isPendingOrQueued } from './unstarted-job';
import { explainNotBegun } from './unstarted-job-reasons';

/** The heartbeat of an attempt to cancel a job, for the next attempt. */
export interface CancelHeartbeat {
  cancelsSent: number;
  /** ISO 8601. */
  firstSentAt: string;
  /** The status of the job before the last cancel. Workers before this field left it out. */
  status?: string;
}

/** What a cancel needs of the activity that it runs in. */
export interface CancelPorts {
  /** The last heartbeat of the attempts before. */
  earlier: CancelHeartbeat | undefined;
  /** When the first attempt was scheduled, in milliseconds since 1970. */
  scheduledAtMs: number;
  logger: Pick<Console, 'info' | 'warn'>;
  /** Sends a heartbeat. */
  report(heartbeat: CancelHeartbeat): void;
}

/** A job that has ended after its cancel. */
export interface CancelledJob {
  job: Job;
  /** The last status that a poll returned before the job's end; undefined if none did. */
  statusBefore: string | undefined;
}

/** Error responses to a cancel that the next attempt would get as well. */
const FINAL_TYPES: readonly string[] = ['AirbyteUnauthorized', 'AirbyteUnsupported'];

/** How many jobs of the connection are searched for one that runs in place of ours. */
const RECENT_JOBS_PAGE_SIZE = 5;
/** A job that Airbyte does not find for this time is lost. */
const LOST_AFTER_MS = 3 * 60_000;
/** A slow list must not delay the cancel. */
const LIST_TIMEOUT_MS = 1_000;

/**
 * Sends the cancel of a job once, and returns the job if it has ended. Airbyte also responds with 200 when it drops the cancel,
 * because the job is pending or between two of its steps. So this throws while the job goes on, and Temporal retries it at
 * growing intervals of 2 s to 30 s, which neither grows the history nor holds a slot of the worker.
 *
 * Airbyte cancels any job that runs on the connection: so a cancel is sent only while our job is the one that runs there. The
 * job is read right before the cancel, so that a job which starts meanwhile is cancelled only within the time of one request.
 *
 * @throws JobStillRunningError, which says how many cancels were sent since when, also while Airbyte rejects the cancel or is
 *   unreachable; AirbyteError when the credentials may not cancel
 */
export async function sendCancel(
  airbyte: AirbyteClient,
  input: JobOfConnection,
  ports: CancelPorts,
): Promise<CancelledJob> {
  const { jobs } = airbyte;
  const { jobId } = input;
  const { earlier, logger } = ports;
  const read = () => findJob(jobs, input).catch((error: unknown) => retryWhileMissing(error, ports));
  // Workflows of earlier versions do not pass the connection: the job names it.
  const knownJob = input.connectionId === undefined ? await read() : undefined;
  const connectionId = input.connectionId ?? knownJob?.connectionId;
  const other =
    connectionId === undefined ? undefined : await findNewerRunningJob(jobs, { jobId, connectionId }, logger);
  const cancelsSent = earlier?.cancelsSent ?? 0;
  const before = knownJob ?? (await read());
  if (isTerminal(before.status)) return { job: before, statusBefore: earlier?.status };
  if (other) {
    throw new JobStillRunningError(
      `Airbyte still shows job ${jobId} as ${before.status}, but it is job ${other.jobId} that runs on its connection: a cancel would stop that one, so none is sent.`,
      cancelsSent,
    );
  }
  const sent = {
    cancelsSent: cancelsSent + 1,
    firstSentAt: earlier?.firstSentAt ?? new Date().toISOString(),
    status: before.status,
  };
  // Reported before the request, since a cancel without a response counts as well.
  ports.report(sent);
  logger.info(`Cancelling job ${jobId}`, { status: before.status, cancelsSent: sent.cancelsSent });
  const after = await jobs.cancel(jobId).catch(async (error: unknown) => {
    // The job may have ended by itself, or been cancelled without a response.
    const now = await findJob(jobs, before).catch(() => undefined);
    if (now && isTerminal(now.status)) return now;
    // Airbyte may respond with 404, 400 or 409 because it cannot cancel the job at this moment, while the job goes on.
    if (!(error instanceof AirbyteError) || FINAL_TYPES.includes(error.type)) throw error;
    const state = now ? `is still ${now.status}` : 'may go on';
    throw new JobStillRunningError(
      `Job ${jobId} ${state}: ${countOf(sent.cancelsSent)} of it since ${sent.firstSentAt}, and Airbyte rejected the last one. ${error.message}`,
      sent.cancelsSent,
      error.retryAfterMs,
    );
  });
  if (isTerminal(after.status)) return { job: after, statusBefore: before.status };
  const why = isPendingOrQueued(after)
    ? ` It has not begun: ${await explainNotBegun(airbyte, connectionId, after.status)}.`
    : '';
  throw new JobStillRunningError(
    `Airbyte has accepted ${countOf(sent.cancelsSent)} of job ${jobId} since ${sent.firstSentAt}, but the job is still ${after.status}.${why} ` +
      'Airbyte drops a cancel while a job is pending or between two of its steps; if the job stays so, cancel it in Airbyte itself.',
    sent.cancelsSent,
  );
}

/** Airbyte may find a missing job again after a while. */
function retryWhileMissing(error: unknown, { scheduledAtMs }: CancelPorts): never {
  const isMissing = error instanceof AirbyteError && error.type === 'AirbyteNotFound';
  if (!isMissing || Date.now() - scheduledAtMs >= LOST_AFTER_MS) throw error;
  throw new JobStillRunningError(error.message, 1);
}

/** A newer job that runs on the connection of a job which Airbyte still shows as running, though it no longer runs it. */
async function findNewerRunningJob(
  jobs: AirbyteClient['jobs'],
  { jobId, connectionId }: Required<JobOfConnection>,
  logger: Pick<Console, 'warn'>,
): Promise<Job | undefined> {
  const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
  try {
    const recent = await listRecentJobs(jobs, { connectionId, pageSize: RECENT_JOBS_PAGE_SIZE }, { signal });
    return recent.find((job) => job.jobId > jobId && !isTerminal(job.status));
  } catch (error) {
    if (!(error instanceof AirbyteError) && error !== signal.reason) throw error;
    logger.warn(`Job ${jobId} is cancelled without a check of the other jobs of its connection`, {
      reason: String(error),
    });
    return undefined;
  }
}

function countOf(cancels: number): string {
  return cancels === 1 ? 'one cancel' : `${cancels} cancels`;
}
