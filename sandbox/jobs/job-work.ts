/** What a job does, as its runner sees it. */
import type { Attempt, AttemptCounts, Job, JobFailure, JobLogLine } from '../state/job';

/** How long a job may be queued before Airbyte cancels it. */
export const QUEUE_LIMIT_MS = 8 * 60 * 60_000;

/** How an attempt ended. */
export interface AttemptOutcome {
  status: 'succeeded' | 'failed' | 'cancelled';
  failures: JobFailure[];
  log: JobLogLine[];
  /** How long Airbyte waits before the next attempt; absent if there is none. */
  retryAfterMs?: number;
}

export interface AttemptRun {
  job: Job;
  attempt: Attempt;
  /** Aborted when the job is cancelled. The attempt then ends as soon as it can. */
  signal: AbortSignal;
  /** Sets the function that returns this attempt's current counts. */
  setCounts(counts: () => AttemptCounts): void;
}

/** What one job does. Each job gets its own instance. */
export interface JobWork {
  attempt(run: AttemptRun): Promise<AttemptOutcome>;
  /** How long the job waits for capacity, in milliseconds. Default: not at all. */
  queuedMs?: number;
  /** How long the job may be queued before it is cancelled, in milliseconds. Default: {@link QUEUE_LIMIT_MS}. */
  queueLimitMs?: number;
  /** Ends a simulated job. A job that moves rows ends by itself and has no such function. */
  finish?(ending: { outcome: AttemptOutcome['status']; message?: string }): void;
}
