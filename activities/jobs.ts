import { activityInfo, cancellationSignal, log } from '@temporalio/activity';
import { LOG_TRUNCATED_NOTICE } from '../src/airbyte/http/body-readers';
import { isTerminal, type Job, type JobAttempt } from '../src/airbyte/jobs';
import { findJob, requireJobOfConnection } from '../src/airbyte/lookup/find-job';
import type { JobOfConnection, JobToCancel, JobToWaitFor } from '../src/contract/connection-job';
import type { JobOutcome } from '../src/contract/job-outcome';
import { type JobHeartbeat, JobHeartbeatBuilder } from '../src/jobs/job-heartbeat';
import { readOutcome } from '../src/jobs/job-outcome';
import { BRIEF_COUNTS_PATIENCE, type LateCountsOptions, readLateCounts } from '../src/jobs/late-counts';
import type { SyncSlots } from '../src/jobs/sync-slots';
import { isCancelledBeforeFirstAttempt, isWaiting } from '../src/jobs/unstarted-job';
import { messageOf } from '../src/text/error-message';
import type { ActivityDependencies } from './dependencies';
import { report } from './heartbeat';
import { sendCancel } from './job-cancel';
import { findSuccessor, notBegunBecause } from './not-begun-jobs';
import { slotOptions } from './slot-messages';
import { timeLeftMs } from './time-left';

/** A job that was not seen going on, and is waited for longer than this, may have ended before anyone waited for it. */
const MAY_BE_OLD_AFTER_MS = 60_000;

/** How long to try to read a log: others may be read before it, and the sync's own time goes on. */
const LOG_TIMEOUT_MS = 30_000;

/** @param places who waits for a job takes one of them */
export function jobActivities({ airbyte, jobs, secrets }: ActivityDependencies, places: SyncSlots) {
  const outcomeOf = (job: Job, named?: string[]): JobOutcome => readOutcome(job, named);

  const withLateCounts = (job: Job, options: Omit<LateCountsOptions, 'withinMs' | 'signal'>): Promise<Job> => {
    const limits = { withinMs: timeLeftMs(), signal: cancellationSignal() };
    return readLateCounts(job, (callOptions) => findJob(airbyte.jobs, job, callOptions), { ...options, ...limits });
  };

  /** The watcher reads no logs; of a failed job the last lines are wanted, but the verdict does not wait for them. */
  const withLogs = async (job: Job): Promise<Job> => {
    try {
      const withinMs = Math.min(LOG_TIMEOUT_MS, Math.max(0, timeLeftMs()));
      const read = await airbyte.jobs.get(job.jobId, { signal: AbortSignal.timeout(withinMs) });
      const whole = requireJobOfConnection(read, job.connectionId);
      // Of a log that was too long, the attempts behind it were not read.
      const isCut = whole.attempts.length < job.attempts.length;
      const logOf = ({ attemptNumber }: JobAttempt) =>
        whole.attempts.find((attempt) => attempt.attemptNumber === attemptNumber)?.logLines ?? [LOG_TRUNCATED_NOTICE];
      // What is counted over all attempts, and per stream, Airbyte gives only without logs.
      return {
        ...whole,
        ...(isCut && { attempts: job.attempts.map((attempt) => ({ ...attempt, logLines: logOf(attempt) })) }),
        recordsSynced: job.recordsSynced ?? whole.recordsSynced,
        bytesSynced: job.bytesSynced ?? whole.bytesSynced,
        recordsRejected: job.recordsRejected ?? whole.recordsRejected,
        streams: job.streams ?? whole.streams,
      };
    } catch (error) {
      log.warn(`Job ${job.jobId} failed, and its log cannot be read`, { reason: secrets.mask(messageOf(error)) });
      return job;
    }
  };

  return {
    async getJob(input: JobOfConnection): Promise<JobOutcome> {
      const job = await findJob(airbyte.jobs, input);
      const outcome = outcomeOf(job.status === 'failed' ? await withLogs(job) : job);
      if (!isWaiting(job)) return outcome;
      const connectionId = input.connectionId ?? job.connectionId;
      return { ...outcome, notBegunBecause: await notBegunBecause(airbyte, connectionId, job.status) };
    },

    /** The recent jobs of a connection, the newest first. */
    async listJobs(input: { connectionId: string; jobTypes?: string[]; pageSize?: number }): Promise<JobOutcome[]> {
      const request = { jobTypes: ['sync'], pageSize: 20, ...input };
      const newestFirst = (await airbyte.jobs.list(request)).sort((a, b) => b.jobId - a.jobId);
      // Not every server pages.
      // Without their streams, of which a page of jobs may have tens of thousands.
      return newestFirst.slice(0, request.pageSize).map((job) => outcomeOf({ ...job, streams: undefined }));
    },

    async getLastReplicationJob({ connectionId }: { connectionId: string }): Promise<JobOutcome | null> {
      const job = await airbyte.jobs.getLastReplicationJob(connectionId);
      return job ? outcomeOf(job) : null;
    },

    /**
     * Waits until a job has ended, whatever its outcome. The heartbeats carry how it stands, for the Temporal UI and for
     * the worker that goes on where this one died. A worker's shutdown hands the waiting over; it never touches the job.
     */
    async waitForJob({ jobId, connectionId, since, status, streams }: JobToWaitFor): Promise<JobOutcome> {
      const heartbeats = new JobHeartbeatBuilder();
      const last = activityInfo().heartbeatDetails as JobHeartbeat | undefined;
      const polled = last === undefined ? [] : [last.status];
      let wasSeenGoingOn = false;
      const onChange = (job: Job) => {
        if (!isTerminal(job.status)) {
          wasSeenGoingOn = true;
          polled.push(job.status);
        }
        report(heartbeats.of(job));
      };
      const seen = newest(since, last?.updatedAt);
      const signal = cancellationSignal();
      const wait = () => jobs.wait({ jobId, connectionId, since: seen }, { signal, onChange });
      const job = await places.whileWaiting(jobId, wait, slotOptions(places, signal));
      const mayBeOld = !wasSeenGoingOn && Date.now() - activityInfo().scheduledTimestampMs > MAY_BE_OLD_AFTER_MS;
      // A job that has not begun has nothing to count.
      const counted = isCancelledBeforeFirstAttempt(job, polled, status)
        ? job
        : await withLateCounts(job, { patience: jobs.countsPatience, mayBeOld });
      const read = outcomeOf(counted.status === 'failed' ? await withLogs(counted) : counted, streams);
      const outcome: JobOutcome = isCancelledBeforeFirstAttempt(counted, polled, status)
        ? { ...read, notBegun: true }
        : read;
      log.info(`Job ${jobId} ${outcome.status}`, { ...outcome, streams: undefined, logLines: undefined });
      return outcome;
    },

    /**
     * Cancels a job and returns how it has ended. Fails, to be tried again, as long as it goes on: see {@link sendCancel}.
     */
    async cancelJob({ untilCounted = false, ...input }: JobToCancel): Promise<JobOutcome> {
      const patience = untilCounted ? jobs.countsPatience : BRIEF_COUNTS_PATIENCE;
      const { job, statusBefore } = await sendCancel(airbyte, input);
      if (statusBefore === undefined || !isCancelledBeforeFirstAttempt(job, [statusBefore])) {
        return outcomeOf(await withLateCounts(job, { patience }));
      }
      // A job that has not begun has nothing to count.
      const connectionId = input.connectionId ?? job.connectionId;
      const because = await notBegunBecause(airbyte, connectionId, statusBefore);
      const successor = await findSuccessor(airbyte, job, connectionId);
      return { ...outcomeOf(job), notBegun: true, notBegunBecause: because, ...(successor && { successor }) };
    },
  };
}

function newest(...times: (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
