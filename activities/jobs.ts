import { cancellationSignal, log } from '@temporalio/activity';
import { isTerminal, type Job } from '../src/airbyte/jobs';
import { messageOf } from '../src/error-message';
import { type JobOutcome, readOutcome } from '../src/jobs/job-outcome';
import type { ActivityDependencies } from './dependencies';
import { report } from './heartbeating';

/** A job of a connection, at the moment it was seen. */
export interface SeenJob {
  jobId: number;
  status: string;
  running: boolean;
  /** Whether it is of the kind that was asked for: nobody who wants a sync is served by a reset. */
  sameKind: boolean;
  /** The server's epoch seconds of the job's last change. */
  updatedAt?: number;
}

export function jobActivities({ airbyte, jobs, secrets }: ActivityDependencies) {
  const outcomeOf = (job: Job): JobOutcome => readOutcome(job, secrets.mask);

  /** The watcher reads no logs; of a failed job the last lines are wanted, but the verdict does not wait for them. */
  const withLogs = (job: Job): Promise<Job> =>
    airbyte.jobs.get(job.jobId).catch((error: unknown) => {
      log.warn(`Job ${job.jobId} failed, and its log cannot be read`, {
        reason: secrets.mask(messageOf(error)),
      });
      return job;
    });

  return {
    async getJob({ jobId }: { jobId: number }): Promise<JobOutcome> {
      return outcomeOf(await airbyte.jobs.get(jobId));
    },

    /** The recent jobs of a connection, the newest first. */
    async listJobs(input: { connectionId: string; jobTypes?: string[]; pageSize?: number }): Promise<JobOutcome[]> {
      const request = { jobTypes: ['sync'], pageSize: 20, ...input };
      const newestFirst = (await airbyte.jobs.list(request)).sort((a, b) => b.jobId - a.jobId);
      // Not every server pages.
      return newestFirst.slice(0, request.pageSize).map(outcomeOf);
    },

    async getLastReplicationJob({ connectionId }: { connectionId: string }): Promise<JobOutcome | null> {
      const job = await airbyte.jobs.getLastReplicationJob(connectionId);
      return job ? outcomeOf(job) : null;
    },

    /**
     * Waits until a job has ended, whatever its outcome. The heartbeats carry how it stands, for the Temporal UI and for
     * the worker that goes on where this one died. A worker's shutdown hands the waiting over; it never touches the job.
     */
    async waitForJob({ jobId, since }: { jobId: number; since?: number }): Promise<JobOutcome> {
      const onChange = ({ status, recordsSynced, bytesSynced }: Job) =>
        report({ jobId, status, recordsSynced, bytesSynced });
      const job = await jobs.wait({ jobId, since }, { signal: cancellationSignal(), onChange });
      const outcome = outcomeOf(job.status === 'failed' ? await withLogs(job) : job);
      log.info(`Job ${jobId} ${outcome.status}`, { ...outcome, logLines: undefined });
      return outcome;
    },

    /**
     * Cancels a job and returns how it then stands. Airbyte cancels whatever runs on the job's connection, so a job that
     * has ended is left alone: the one running there now is not ours.
     */
    async cancelJob({ jobId }: { jobId: number }): Promise<JobOutcome> {
      const before = await airbyte.jobs.getWithoutLogs(jobId);
      if (isTerminal(before.status)) return outcomeOf(before);
      log.info(`Cancelling job ${jobId}`, { status: before.status });
      return outcomeOf(await airbyte.jobs.cancel(jobId));
    },
  };
}
