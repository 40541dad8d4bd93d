import type { AirbyteClient } from '../airbyte/client';
import { LOG_TRUNCATED_NOTICE } from '../airbyte/http/body-readers';
import type { Job, JobAttempt } from '../airbyte/jobs';
import { findJob, requireJobOfConnection } from '../airbyte/lookup/find-job';
import type { JobOfConnection } from '../contract/connection-job';
import type { JobOutcome } from '../contract/job-outcome';
import { messageOf } from '../text/error-message';
import type { CancelledJob } from './job-cancel';
import { readOutcome } from './job-outcome';
import type { JobWait } from './job-wait';
import { type CountsPatience, type LateCountsOptions, readLateCounts } from './late-counts';
import { isCancelledBeforeFirstAttempt, isPendingOrQueued } from './unstarted-job';
import { explainNotBegun, findSuccessor } from './unstarted-job-reasons';

/** How long to try to read a log: the sync's own timeout goes on, and other logs may be read first. */
const LOG_TIMEOUT_MS = 30_000;

export interface JobReaderPorts {
  logger: Pick<Console, 'warn'>;
  /** Masks secrets in a text. */
  mask(text: string): string;
  /** How long the running activity may take, its further attempts included. */
  timeLeftMs(): number;
  /** Aborted when the running activity is cancelled. */
  cancellationSignal(): AbortSignal;
}

/** Reads the outcomes of jobs, with the parts that Airbyte serves separately (logs) or late (counts). */
export class JobReader {
  constructor(
    private readonly airbyte: AirbyteClient,
    private readonly ports: JobReaderPorts,
  ) {}

  /** The outcome of a job as it is now. */
  async read(input: JobOfConnection): Promise<JobOutcome> {
    const job = await findJob(this.airbyte.jobs, input);
    const outcome = await this.#outcomeOf(job);
    if (!isPendingOrQueued(job)) return outcome;
    const connectionId = input.connectionId ?? job.connectionId;
    return { ...outcome, notBegunBecause: await explainNotBegun(this.airbyte, connectionId, job.status) };
  }

  /** The outcome of a job that was waited for, and has ended or stalled. @param streams those whose counts are always included */
  async readWaited(
    job: Job,
    wait: JobWait,
    { streams, ...counts }: Pick<LateCountsOptions, 'patience' | 'mayBeOld'> & { streams?: string[] | undefined },
  ): Promise<JobOutcome> {
    // An unstarted job has no counts.
    const counted = wait.isUnstarted(job) ? job : await this.#withLateCounts(job, counts);
    const outcome = await this.#outcomeOf(counted, streams);
    if (wait.stall?.stalledSince !== undefined) return { ...outcome, stalledSince: wait.stall.stalledSince };
    return wait.isUnstarted(counted) ? { ...outcome, notBegun: true } : outcome;
  }

  /** The outcome of a job that was cancelled, with the reason and the successor of one that had not started. */
  async readCancelled(
    { job, statusBefore }: CancelledJob,
    { connectionId = job.connectionId, patience }: { connectionId: string | undefined; patience: CountsPatience },
  ): Promise<JobOutcome> {
    if (statusBefore === undefined || !isCancelledBeforeFirstAttempt(job, [statusBefore])) {
      return readOutcome(await this.#withLateCounts(job, { patience }));
    }
    const notBegunBecause = await explainNotBegun(this.airbyte, connectionId, statusBefore);
    const successor = await findSuccessor(this.airbyte, job, connectionId, this.ports.logger);
    return { ...readOutcome(job), notBegun: true, notBegunBecause, ...(successor && { successor }) };
  }

  async #outcomeOf(job: Job, streams?: string[]): Promise<JobOutcome> {
    return readOutcome(job.status === 'failed' ? await this.#withLogs(job) : job, streams);
  }

  #withLateCounts(job: Job, options: Pick<LateCountsOptions, 'patience' | 'mayBeOld'>): Promise<Job> {
    const limits = { withinMs: this.ports.timeLeftMs(), signal: this.ports.cancellationSignal() };
    return readLateCounts(job, (callOptions) => findJob(this.airbyte.jobs, job, callOptions), {
      ...options,
      ...limits,
    });
  }

  /** The watcher reads no logs. The last lines explain a failed job, but an outcome without them is better than none. */
  async #withLogs(job: Job): Promise<Job> {
    try {
      const withinMs = Math.min(LOG_TIMEOUT_MS, Math.max(0, this.ports.timeLeftMs()));
      const read = await this.airbyte.jobs.get(job.jobId, { signal: AbortSignal.timeout(withinMs) });
      const withLogs = requireJobOfConnection(read, job.connectionId);
      // A log that is too long cuts off the attempts after it.
      const isCut = withLogs.attempts.length < job.attempts.length;
      const logOf = ({ attemptNumber }: JobAttempt) =>
        withLogs.attempts.find((attempt) => attempt.attemptNumber === attemptNumber)?.logLines ?? [
          LOG_TRUNCATED_NOTICE,
        ];
      // Airbyte returns the counts of all attempts, and per stream, only without logs.
      return {
        ...withLogs,
        ...(isCut && { attempts: job.attempts.map((attempt) => ({ ...attempt, logLines: logOf(attempt) })) }),
        recordsSynced: job.recordsSynced ?? withLogs.recordsSynced,
        bytesSynced: job.bytesSynced ?? withLogs.bytesSynced,
        recordsRejected: job.recordsRejected ?? withLogs.recordsRejected,
        streams: job.streams ?? withLogs.streams,
      };
    } catch (error) {
      this.ports.logger.warn(`Job ${job.jobId} failed, and its log cannot be read`, {
        reason: this.ports.mask(messageOf(error)),
      });
      return job;
    }
  }
}
