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
import type { ActivityInterceptor } from './activity-interceptor';
import type { ActivityDependencies } from './dependencies';
import type { WaitPorts } from './detached-waits';
import { reportHeartbeat } from './heartbeat';
import { timeLeftMs } from './time-left';

/**
 * @param slots each job that is waited for takes one of them
 * @param interceptor surrounds what an activity detaches
 */
export function jobActivities(
  { airbyte, jobs, secrets, waits }: ActivityDependencies,
  slots: SyncSlots,
  interceptor: ActivityInterceptor,
) {
  const readerUntil = (signal: () => AbortSignal) =>
    new JobReader(airbyte, { logger: log, mask: secrets.mask, timeLeftMs, cancellationSignal: signal });
  const reader = readerUntil(cancellationSignal);

  async function untilEnded(input: JobToWaitFor, { signal, report }: WaitPorts): Promise<JobOutcome> {
    const { jobId, connectionId, streams } = input;
    const { heartbeatDetails, scheduledTimestampMs } = activityInfo();
    const wait = new JobWait(input, heartbeatDetails as JobHeartbeat | undefined);
    const onChange = (job: Job) => report(wait.observe(job));
    const job = await slots.whileWaiting(jobId, () =>
      jobs.wait({ jobId, connectionId, since: wait.since }, { signal, onChange, stall: wait.stall }),
    );
    const mayBeOld = wait.mayHaveEndedLongAgo(scheduledTimestampMs);
    const options = { patience: jobs.countsPatience, mayBeOld, streams };
    const outcome = await readerUntil(() => signal).readWaited(job, wait, options);
    log.info(`Job ${jobId} ${outcome.status}`, { ...outcome, streams: undefined, logLines: undefined });
    return outcome;
  }

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
     * Waits until a job has ended, whatever its outcome, or has stalled: then the outcome has `stalledSince`. Its heartbeats
     * report the state of the job to the Temporal UI, and to the worker that continues the wait after this one. A shutdown of the worker ends the wait and does not affect the job.
     *
     * With {@link ActivityDependencies.waits}, the activity completes asynchronously: it takes a slot of the worker only while
     * it begins.
     */
    async waitForJob(input: JobToWaitFor): Promise<JobOutcome> {
      if (waits === undefined) return untilEnded(input, { signal: cancellationSignal(), report: reportHeartbeat });
      throw waits.detach((ports) => interceptor.whileDetached('waitForJob', () => untilEnded(input, ports)));
    },

    /**
     * Cancels a job and returns its outcome. Then it also ends the wait of its workflow: the workflow may end first, and Temporal
     * would show the wait as a pending activity for good. Fails, retryable, while the job goes on: see {@link sendCancel}. */
    async cancelJob({ untilCounted = false, ...input }: JobToCancel): Promise<JobOutcome> {
      const cancelled = await sendCancel(airbyte, input, cancelPorts());
      const patience = untilCounted ? jobs.countsPatience : BRIEF_COUNTS_PATIENCE;
      const outcome = await reader.readCancelled(cancelled, { connectionId: input.connectionId, patience });
      if (outcome.endedAt !== null) await waits?.completeOfCurrentRun(outcome);
      return outcome;
    },

    /**
     * Ends the wait of its workflow for another caller's job, once the workflow was cancelled. For the reason see `cancelJob`:
     * a detached wait learns of a cancellation only with its next report.
     */
    async cancelWait(): Promise<void> {
      await waits?.cancelOfCurrentRun();
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
