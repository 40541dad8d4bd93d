import { COUNTED_JOB_TYPES, type Job } from '../airbyte/jobs';
import { type ClockReading, readClocks } from './clock-reading';

/** What was last seen to change of a job. A worker passes it on to the worker that continues the wait. */
export interface LastMove {
  /** When the change was seen, by the worker's clock; ISO 8601. */
  movedAt: string;
  /** The status, its time and the number of attempts. */
  stage: string;
  /** The greatest counts of the stage. */
  counts: number[];
}

/** The part of the stall timeout within which a job that asks for it is read. */
const READ_FRACTION = 1 / 4;

/**
 * The part of the stall timeout that one pause between two reads counts at most. So after Airbyte was out of reach, or the
 * worker frozen, more than one read has to show that nothing moves: Airbyte could not save counts meanwhile either.
 */
const LONGEST_PAUSE_FRACTION = 1 / 2;

/** Only a running job can stall. In any other status, known or not, it waits for Airbyte. */
const RUNNING = 'running';

/**
 * Notices that nothing moves in a job: no change of its status, its attempts, or its counts of records and bytes, for the stall
 * timeout. It is given each read of the job, and starts no timers.
 *
 * It judges only a sync or refresh that Airbyte measures. The Config API since 0.63 shows what the source has sent so far, so a
 * job without counts has sent nothing. The public API shows only what the destination has committed, and 0 also when it has
 * counted nothing: such a job is measured once something was committed.
 */
export class StallDetector {
  /** How often the job is to be read, in milliseconds. */
  readonly readEveryMs: number;
  #last: { stage: string; counts: number[]; movedAtMs: number } | undefined;
  /** When the job was last read, by the monotonic clock. */
  #readAtMs: number | undefined;
  #unmovedMs = 0;
  #isStalled = false;
  #isReported = false;

  /**
   * @param stallTimeoutMs in milliseconds
   * @param earlier what another worker has last seen to change
   */
  constructor(
    private readonly stallTimeoutMs: number,
    earlier?: LastMove,
    private readonly clocks: () => ClockReading = readClocks,
  ) {
    this.readEveryMs = stallTimeoutMs * READ_FRACTION;
    if (earlier === undefined) return;
    const { stage, counts, movedAt } = earlier;
    const { monotonicMs, wallMs } = clocks();
    const movedAtMs = Date.parse(movedAt);
    this.#last = { stage, counts, movedAtMs };
    this.#readAtMs = monotonicMs - (wallMs - movedAtMs);
  }

  /**
   * Notes a read of the job.
   *
   * @returns `stalled` once nothing has moved for the stall timeout; `unmeasured`, one time, when Airbyte does not measure the job
   *   and so nothing is known to move
   */
  observe(job: Job): 'stalled' | 'unmeasured' | undefined {
    const now = this.clocks();
    const stage = [job.status, job.updatedAt, job.attempts.length].join();
    const counts = [job.recordsEmitted, job.bytesEmitted, job.recordsSynced, job.bytesSynced].map((count = 0) => count);
    const last = this.#last;
    // Lists and single reads may count differently, and a database replica may be behind: only more is a move.
    const isSameStage = last?.stage === stage;
    if (last === undefined || !isSameStage || counts.some((count, index) => count > (last.counts[index] ?? 0))) {
      const greatest = isSameStage ? counts.map((count, index) => Math.max(count, last.counts[index] ?? 0)) : counts;
      this.#last = { stage, counts: greatest, movedAtMs: now.wallMs };
      this.#unmovedMs = 0;
    } else {
      const pauseMs = Math.max(0, now.monotonicMs - (this.#readAtMs ?? now.monotonicMs));
      this.#unmovedMs += Math.min(pauseMs, this.stallTimeoutMs * LONGEST_PAUSE_FRACTION);
    }
    this.#readAtMs = now.monotonicMs;
    if (job.status !== RUNNING || this.#unmovedMs < this.stallTimeoutMs) return undefined;
    if (isMeasured(job)) {
      this.#isStalled = true;
      return 'stalled';
    }
    if (this.#isReported) return undefined;
    this.#isReported = true;
    return 'unmeasured';
  }

  /** What was last seen to change; undefined before the first read. */
  get lastMove(): LastMove | undefined {
    if (this.#last === undefined) return undefined;
    const { movedAtMs, ...seen } = this.#last;
    return { movedAt: new Date(movedAtMs).toISOString(), ...seen };
  }

  /** Since when nothing has moved, if the job has stalled; ISO 8601. */
  get stalledSince(): string | undefined {
    return this.#isStalled ? this.lastMove?.movedAt : undefined;
  }
}

function isMeasured({ jobType, countsWhileRunning, recordsSynced = 0, bytesSynced = 0 }: Job): boolean {
  return COUNTED_JOB_TYPES.includes(jobType) && (countsWhileRunning === true || recordsSynced > 0 || bytesSynced > 0);
}
