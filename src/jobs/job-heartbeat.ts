import type { Job } from '../airbyte/jobs';
import type { StreamOutcome } from '../contract/job-outcome';
import { readOutcome } from './job-outcome';
import type { LastMove } from './stall-detector';

/**
 * The state of a job that is waited for, as of its last change. Temporal's UI shows it with the pending activity, and the next
 * worker continues from it.
 */
export interface JobHeartbeat extends Pick<Job, 'jobId' | 'status' | 'recordsSynced' | 'bytesSynced'> {
  /** How many attempts of this job Airbyte has made. */
  jobAttempts: number;
  /** The average since this worker began to wait. */
  recordsPerSecond?: number | undefined;
  /** The streams with the most records, at most 5; empty if Airbyte does not report them. */
  streams: StreamOutcome[];
  /** When the worker has read this state, by its clock; ISO 8601. Workers of earlier releases leave it out. */
  asOf?: string;
  /** The job's last change, in the server's epoch seconds. */
  updatedAt?: number | undefined;
  /** What was last seen to change, if the sync has a `stallTimeout`. */
  lastMove?: LastMove | undefined;
}

/** Thousands of concurrent waits keep their last state in memory: so it is small. */
const MAXIMUM_STREAMS = 5;

/** The shortest time for which a rate is meaningful. */
const SHORTEST_RATE_MS = 1_000;

/** Builds the heartbeats of one wait. */
export class JobHeartbeatBuilder {
  private first: { recordsSynced: number; at: number } | undefined;

  /** @param now the milliseconds of this machine's clock, which may differ from the server's */
  constructor(private readonly now: () => number = () => performance.now()) {}

  of(job: Job): JobHeartbeat {
    const { jobId, status, recordsSynced, bytesSynced, updatedAt } = job;
    const { jobAttempts, streams } = readOutcome(job);
    const recordsPerSecond = this.rateAt(recordsSynced);
    return {
      ...{ jobId, status, jobAttempts, recordsSynced, bytesSynced, recordsPerSecond },
      streams: streams.slice(0, MAXIMUM_STREAMS),
      asOf: new Date().toISOString(),
      updatedAt,
    };
  }

  private rateAt(recordsSynced: number | undefined): number | undefined {
    if (recordsSynced === undefined) return undefined;
    const at = this.now();
    this.first ??= { recordsSynced, at };
    const tookMs = at - this.first.at;
    if (tookMs < SHORTEST_RATE_MS) return undefined;
    return Math.round((recordsSynced - this.first.recordsSynced) / (tookMs / 1000));
  }
}
