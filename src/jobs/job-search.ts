import type { CallOptions } from '../airbyte/calls';
import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import { isTerminal, type Job } from '../airbyte/jobs';
import { listRecentJobs } from '../airbyte/lookup/recent-jobs';
import { sleep } from '../async/sleep';
import type { JobSnapshot } from '../contract/connection-job';
import type { StartableJobType } from '../contract/job-types';
import type { TriggerInput } from '../contract/trigger';

/** The `configType`s of the job that each kind of trigger requests. Newer servers call a reset a clear. */
const REQUESTED_JOB_TYPES: Record<StartableJobType, readonly string[]> = {
  sync: ['sync'],
  reset: ['reset_connection', 'clear'],
  refresh: ['refresh'],
  clear: ['reset_connection', 'clear'],
};

/** The `configType`s of the job that each kind of trigger can lead to: while a reset or refresh is pending, Airbyte returns that job for a requested sync. */
const RESULTING_JOB_TYPES: Record<StartableJobType, readonly string[]> = {
  ...REQUESTED_JOB_TYPES,
  sync: ['sync', 'reset_connection', 'clear', 'refresh'],
};

/** How many jobs are searched for ours. No connection starts more than that while one response is awaited. */
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
 * The first job after `lastJobId`: the job of a trigger whose response is lost. A later job started after ours had ended.
 *
 * @param isMatch which jobs it can be. Default: those that such a trigger can lead to
 */
export async function findJobSince(
  airbyte: AirbyteClient,
  input: TriggerInput,
  isMatch: (job: Job, input: TriggerInput) => boolean = mayComeFromTrigger,
): Promise<Job | undefined> {
  return firstPossibleJob(await recentJobs(airbyte, input.connectionId), input, isMatch);
}

/** The oldest of a connection's jobs that a trigger can have led to. @param jobs the newest first */
export function firstPossibleJob(
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
 * Polls until something is found or the time is over, at growing intervals. It continues after a retryable error.
 *
 * @param signal ends it, with its reason
 * @throws AirbyteError of the last poll, or one that is not retryable
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
    await sleep(Math.max(0, Math.min(interval, withinMs - waitedMs)), signal);
  }
}

/** Whether a trigger can have led to this job. */
export function mayComeFromTrigger(job: Job, { jobType, lastJobId }: TriggerInput): boolean {
  return RESULTING_JOB_TYPES[jobType].includes(job.jobType) && job.jobId > (lastJobId ?? 0);
}

/** Whether a trigger can have started this job itself, which excludes a job of another kind that was already pending. */
export function mayBeStartedByTrigger(job: Job, input: TriggerInput): boolean {
  return mayComeFromTrigger(job, input) && REQUESTED_JOB_TYPES[input.jobType].includes(job.jobType);
}

/** What a workflow learns of a job. */
export function toJobSnapshot({ webappUrl }: AirbyteClient, job: Job, jobType: StartableJobType): JobSnapshot {
  const { jobId, status, updatedAt } = job;
  const sameKind = REQUESTED_JOB_TYPES[jobType].includes(job.jobType);
  const running = !isTerminal(status);
  const otherJobType = sameKind ? {} : { jobType: job.jobType };
  return {
    jobId,
    status,
    running,
    sameKind,
    ...otherJobType,
    ...(updatedAt !== undefined && { updatedAt }),
    webappUrl,
  };
}

/** The newest jobs of a connection, of whatever kind, the newest first: servers sort them in different ways. */
export async function newestJobs(
  { jobs }: AirbyteClient,
  connectionId: string,
  pageSize: number,
  options?: CallOptions,
): Promise<Job[]> {
  const found = await listRecentJobs(jobs, { connectionId, pageSize }, options);
  return found.sort((one, other) => other.jobId - one.jobId);
}
