import { activityInfo, cancellationSignal, log } from '@temporalio/activity';
import type { Job } from '../src/airbyte/jobs';
import type { JobOfConnection, JobToCancel, JobToWaitFor } from '../src/contract/connection-job';
import type { JobOutcome } from '../src/contract/job-outcome';
import { type CancelHeartbeat, type CancelPorts, sendCancel } from '../src/jobs/job-cancel';
import type { JobHeartbeat } from '../src/jobs/job-heartbeat';
import { readOutcome } from '../src/jobs/job-outcome';
import { JobReader } from '../src/jobs/job-reader';
import { JobWait } from '../src/jobs/job-wait';
import { BRIEF_COUNTS_PATIENCE } from '../src/jobs/late-counts';
import type { SyncSlots } from '../src/jobs/sync-slots';
import type { ActivityDependencies } from './dependencies';
import { reportHeartbeat } from './heartbeat';
import { timeLeftMs } from './time-left';

/** @param slots each job that is waited for takes one of them */
export function jobActivities({ airbyte, jobs, secrets }: ActivityDependencies, slots: SyncSlots) {
  const reader = new JobReader(airbyte, { logger: log, mask: secrets.mask, timeLeftMs, cancellationSignal });
  return {
    async getJob(input: JobOfConnection): Promise<JobOutcome> {
      return reader.read(input);
    },

    /** The recent jobs of a connection, the newest first. */
    async listJobs(input: { connectionId: string; jobTypes?: string[]; pageSize?: number }): Promise<JobOutcome[]> {
      const request = { jobTypes: ['sync'], pageSize: 20, ...input };
      const newestFirst = (await airbyte.jobs.list(request)).sort((a, b) => b.jobId - a.jobId);
      // Some servers ignore the page size. The streams are left out: a page of jobs may have tens of thousands.
      return newestFirst.slice(0, request.pageSize).map((job) => readOutcome({ ...job, streams: undefined }));
    },

    async getLastReplicationJob({ connectionId }: { connectionId: string }): Promise<JobOutcome | null> {
      const job = await airbyte.jobs.getLastReplicationJob(connectionId);
      return job ? readOutcome(job) : null;
    },

    /**
     * Waits until a job has ended, whatever its outcome, or has stalled: then the outcome has `stalledSince`. The heartbeats report its state to the Temporal UI, and to the worker
     * that continues the wait after this one. A shutdown of the worker ends the wait and does not affect the job.
     */
    async waitForJob(input: JobToWaitFor): Promise<JobOutcome> {
      const { jobId, connectionId, streams } = input;
      const wait = new JobWait(input, activityInfo().heartbeatDetails as JobHeartbeat | undefined);
      const signal = cancellationSignal();
      const onChange = (job: Job) => reportHeartbeat(wait.observe(job));
      const job = await slots.whileWaiting(
        jobId,
        () => jobs.wait({ jobId, connectionId, since: wait.since }, { signal, onChange, stall: wait.stall }),
        { signal, onQueued: () => log.info(`Waits for ${slots.limit}`) },
      );
      const mayBeOld = wait.mayHaveEndedLongAgo(activityInfo().scheduledTimestampMs);
      const outcome = await reader.readWaited(job, wait, { patience: jobs.countsPatience, mayBeOld, streams });
      log.info(`Job ${jobId} ${outcome.status}`, { ...outcome, streams: undefined, logLines: undefined });
      return outcome;
    },

    /** Cancels a job and returns its outcome. Fails, retryable, while the job goes on: see {@link sendCancel}. */
    async cancelJob({ untilCounted = false, ...input }: JobToCancel): Promise<JobOutcome> {
      const cancelled = await sendCancel(airbyte, input, cancelPorts());
      const patience = untilCounted ? jobs.countsPatience : BRIEF_COUNTS_PATIENCE;
      return reader.readCancelled(cancelled, { connectionId: input.connectionId, patience });
    },
  };
}

function cancelPorts(): CancelPorts {
  const { heartbeatDetails, scheduledTimestampMs } = activityInfo();
  return {
    earlier: heartbeatDetails as CancelHeartbeat | undefined,
    scheduledAtMs: scheduledTimestampMs,
    logger: log,
    report: reportHeartbeat,
  };
}
