import { isTerminal, type Job } from '../airbyte/jobs';
import type { JobToWaitFor } from '../contract/connection-job';
import { type JobHeartbeat, JobHeartbeatBuilder } from './job-heartbeat';
import { StallDetector } from './stall-detector';
import { isCancelledBeforeFirstAttempt } from './unstarted-job';

/** After a longer wait without a poll that found the job running, the job may have ended long before. */
const MAY_BE_OLD_AFTER_MS = 60_000;

/** What a wait for a job has seen of it, in this worker and in those that waited before. */
export class JobWait {
  /** Notices that nothing moves in the job, if the input asks for that. */
  readonly stall: StallDetector | undefined;
  readonly #heartbeats = new JobHeartbeatBuilder();
  readonly #polledStatuses: string[];
  #hasSeenRunning = false;

  /** @param earlier the last heartbeat of the attempts before */
  constructor(
    private readonly input: JobToWaitFor,
    private readonly earlier: JobHeartbeat | undefined,
  ) {
    this.#polledStatuses = earlier === undefined ? [] : [earlier.status];
    const { stallTimeoutMs } = input;
    this.stall = stallTimeoutMs === undefined ? undefined : new StallDetector(stallTimeoutMs, earlier?.lastMove);
  }

  /** The job's last known change, in the server's epoch seconds. */
  get since(): number | undefined {
    const known = [this.input.since, this.earlier?.updatedAt].filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  }

  /** Notes a change of the job. @returns the heartbeat that reports it */
  observe(job: Job): JobHeartbeat {
    if (!isTerminal(job.status)) {
      this.#hasSeenRunning = true;
      this.#polledStatuses.push(job.status);
    }
    return { ...this.#heartbeats.of(job), ...(this.stall && { lastMove: this.stall.lastMove }) };
  }

  /** Whether the job, which has ended, was cancelled before its first attempt. */
  isUnstarted(job: Job): boolean {
    return isCancelledBeforeFirstAttempt(job, this.#polledStatuses, this.input.status);
  }

  /** Whether the job may have ended long before this wait. @param scheduledAtMs when the wait was requested */
  mayHaveEndedLongAgo(scheduledAtMs: number): boolean {
    return !this.#hasSeenRunning && Date.now() - scheduledAtMs > MAY_BE_OLD_AFTER_MS;
  }
}
