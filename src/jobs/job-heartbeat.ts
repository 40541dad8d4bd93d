import type { Job } from '../airbyte/jobs';
import type { StreamOutcome } from '../contract/job-outcome';
import { readOutcome } from './job-outcome';

/**
 * How a job that is waited for stands, as of its last change: what Temporal's UI shows of it among the pending activities,
 * and what the next worker goes on from.
 */
export interface JobHeartbeat extends Pick<Job, 'jobId' | 'status' | 'recordsSynced' | 'bytesSynced'> {
  /** Airbyte's attempts of this job. */
  jobAttempts: number;
  /** On the average, since this worker began to wait. */
  recordsPerSecond?: number | undefined;
  /** Those that have moved the most records, at most 5; empty where Airbyte does not tell. */
  streams: StreamOutcome[];
  /** The server's epoch seconds of the job's last change. */
  updatedAt?: number | undefined;
}

/** A heartbeat is sent again and again, by thousands of waits at once. */
const STREAMS = 5;

/** Before that, a rate says little. */
const SHORTEST_RATE_MS = 1_000;

/** Makes the heartbeats of one wait. */
export class JobHeartbeatBuilder {
  private first: { recordsSynced: number; at: number } | undefined;

  /** @param now milliseconds of a clock of this machine: the server's need not agree with it */
  constructor(private readonly now: () => number = () => performance.now()) {}

  of(job: Job): JobHeartbeat {
    const { jobId, status, recordsSynced, bytesSynced, updatedAt } = job;
    const { jobAttempts, streams } = readOutcome(job);
    const recordsPerSecond = this.rateAt(recordsSynced);
    return {
      ...{ jobId, status, jobAttempts, recordsSynced, bytesSynced, recordsPerSecond },
      streams: streams.slice(0, STREAMS),
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
