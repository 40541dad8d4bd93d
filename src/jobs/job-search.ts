import type { CallOptions } from '../airbyte/calls';
import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import { isTerminal, type Job } from '../airbyte/jobs';
import { listRecentJobs } from '../airbyte/lookup/recent-jobs';
import type { JobSnapshot } from '../contract/connection-job';
import type { StartableJobType } from '../contract/job-types';
import type { TriggerInput } from '../contract/trigger';
import { pause } from '../text/pause';

/** The `configType`s of the job that each kind of trigger asks for. A clear is a reset by its newer name. */
const REQUESTED_JOB_TYPES: Record<StartableJobType, readonly string[]> = {
  sync: ['sync'],
  reset: ['reset_connection', 'clear'],
  refresh: ['refresh'],
  clear: ['reset_connection', 'clear'],
};

/** What each kind of trigger can lead to: a sync that is asked for while a reset or refresh is pending becomes that one. */
const RESULTING_JOB_TYPES: Record<StartableJobType, readonly string[]> = {
  ...REQUESTED_JOB_TYPES,
  sync: ['sync', 'reset_connection', 'clear', 'refresh'],
};

/** Jobs read in search of ours. More than that did not start on one connection while a response was waited for. */
const RECENT_JOBS_PAGE_SIZE = 20;
const SHORTEST_INTERVAL_MS = 2_000;
const LONGEST_INTERVAL_MS = 8_000;

/** The newest job of a connection, of whatever kind. */
export async function newestJob(
  airbyte: AirbyteClient,
  connectionId: string,
  options?: CallOptions,
): Promise<Job | undefined> {
  return (await newestJobs(airbyte, connectionId, 1, options))[0];
}

/** The job that runs on a connection, of whatever kind: Airbyte runs one at a time. */
export async function runningJob(airbyte: AirbyteClient, connectionId: string): Promise<Job | undefined> {
  const newest = await newestJob(airbyte, connectionId);
  return newest && !isTerminal(newest.status) ? newest : undefined;
}

/**
 * The first job after `lastJobId`: the one that a trigger has led to whose response is lost. A later one started after
 * ours had ended, and is not ours.
 *
 * @param isMatch which jobs it can be. Default: those that such a trigger can lead to
 */
export async function findJobSince(
  airbyte: AirbyteClient,
  input: TriggerInput,
  isMatch: (job: Job, input: TriggerInput) => boolean = mayComeFromTrigger,
): Promise<Job | undefined> {
  return firstOf(await recentJobs(airbyte, input.connectionId), input, isMatch);
}

/** The first of a connection's jobs, of which the newest comes first, that a trigger can have led to. */
export function firstOf(
  jobs: readonly Job[],
  input: TriggerInput,
  isMatch: (job: Job, input: TriggerInput) => boolean = mayComeFromTrigger,
): Job | undefined {
  return jobs.findLast((job) => isMatch(job, input));
}

/** The recent jobs of a connection, of whatever kind, the newest first. */
export function recentJobs(airbyte: AirbyteClient, connectionId: string): Promise<Job[]> {
  return newestJobs(airbyte, connectionId, RECENT_JOBS_PAGE_SIZE);
}

/**
 * Polls until something is found or the time is over, at growing intervals. A poll that fails for a while is not the last one.
 *
 * @param signal ends it, with its reason
 * @throws AirbyteError of the last poll, or of one that no other would mend
 */
export async function pollUntilFound<T>(
  withinMs: number,
  poll: () => Promise<T | undefined>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const startedAt = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const isLast = performance.now() - startedAt >= withinMs;
    const found = await poll().catch((error: unknown) => {
      if (isLast || !(error instanceof AirbyteError && error.retryable)) throw error;
      return undefined;
    });
    if (found !== undefined || isLast) return found;
    const waitedMs = performance.now() - startedAt;
    const interval = Math.min(Math.max(SHORTEST_INTERVAL_MS, waitedMs / 8), LONGEST_INTERVAL_MS);
    await pause(Math.max(0, Math.min(interval, withinMs - waitedMs)), signal);
  }
}

/** Whether a trigger can have led to this job. */
export function mayComeFromTrigger(job: Job, { jobType, lastJobId }: TriggerInput): boolean {
  return RESULTING_JOB_TYPES[jobType].includes(job.jobType) && job.jobId > (lastJobId ?? 0);
}

/** Whether a trigger can have started this job for itself: not one that was asked for before, and was pending. */
export function mayBeStartedByTrigger(job: Job, input: TriggerInput): boolean {
  return mayComeFromTrigger(job, input) && REQUESTED_JOB_TYPES[input.jobType].includes(job.jobType);
}

/** A job as workflows see it. */
export function toJobSnapshot({ webappUrl }: AirbyteClient, job: Job, jobType: StartableJobType): JobSnapshot {
  const { jobId, status, updatedAt } = job;
  const sameKind = REQUESTED_JOB_TYPES[jobType].includes(job.jobType);
  const running = !isTerminal(status);
  const ofOtherKind = sameKind ? {} : { jobType: job.jobType };
  return { jobId, status, running, sameKind, ...ofOtherKind, ...(updatedAt !== undefined && { updatedAt }), webappUrl };
}

/** The newest first, however the server sorts them. */
export async function newestJobs(
  { jobs }: AirbyteClient,
  connectionId: string,
  pageSize: number,
  options?: CallOptions,
): Promise<Job[]> {
  const found = await listRecentJobs(jobs, { connectionId, pageSize }, options);
  return found.sort((one, other) => other.jobId - one.jobId);
}
