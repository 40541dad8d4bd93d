export type JobStatus = 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A job with the fields the reference shows: neither its connection, nor attempts, nor when it was started. */
export interface ReferenceJob {
  id: number;
  configType: 'sync';
  status: JobStatus;
  createdAt: number;
  updatedAt?: number;
  summary?: { recordsSynced: number; bytesSynced: number };
}

const TERMINAL: ReadonlySet<JobStatus> = new Set(['succeeded', 'failed', 'cancelled']);

/** Seconds, from the reference's example: a job's times say nothing about when the test runs. */
const FIRST_CREATED_AT = 1_729_108_800;
const STEP_SECONDS = 60;

/**
 * The jobs of the {@link ReferenceServer}: `pending`, `running`, then their outcome. No clock moves them, only a
 * response that shows them or the test.
 */
export class ReferenceJobs {
  private readonly jobs = new Map<number, { connectionId: string; outcome: JobStatus; job: ReferenceJob }>();

  constructor(
    private readonly outcomes: readonly JobStatus[],
    private readonly movedBy: 'reads' | 'the test',
  ) {}

  start(connectionId: string): ReferenceJob {
    const index = this.jobs.size;
    const job: ReferenceJob = {
      id: 12_345 + index,
      configType: 'sync',
      status: 'pending',
      createdAt: FIRST_CREATED_AT + index * 10 * STEP_SECONDS,
    };
    this.jobs.set(job.id, { connectionId, outcome: this.outcomes[index] ?? 'succeeded', job });
    return { ...job };
  }

  isRunning(connectionId: string): boolean {
    return [...this.jobs.values()].some(
      (entry) => entry.connectionId === connectionId && !TERMINAL.has(entry.job.status),
    );
  }

  /** The job as it is now; where reads move jobs, the next read sees it one step on. */
  read(id: number): ReferenceJob | undefined {
    const entry = this.jobs.get(id);
    if (entry === undefined) return undefined;
    const seen = { ...entry.job };
    if (this.movedBy === 'reads') this.advance(id);
    return seen;
  }

  /** The connection's jobs, newest first. */
  readAll(connectionId: string): ReferenceJob[] {
    return [...this.jobs]
      .filter(([, entry]) => entry.connectionId === connectionId)
      .map(([id]) => this.read(id))
      .filter((job) => job !== undefined)
      .reverse();
  }

  /** One step: `pending` to `running` to the job's outcome. A job that has ended stays as it is. */
  advance(id: number): void {
    const entry = this.jobs.get(id);
    if (entry?.job.status === 'pending') this.set(id, 'running');
    else if (entry?.job.status === 'running') this.set(id, entry.outcome);
  }

  cancel(id: number): ReferenceJob | undefined {
    const entry = this.jobs.get(id);
    if (entry === undefined) return undefined;
    if (!TERMINAL.has(entry.job.status)) this.set(id, 'cancelled');
    return { ...entry.job };
  }

  private set(id: number, status: JobStatus): void {
    const entry = this.jobs.get(id);
    if (entry === undefined) return;
    entry.job.status = status;
    entry.job.updatedAt = (entry.job.updatedAt ?? entry.job.createdAt) + STEP_SECONDS;
    if (status === 'succeeded') entry.job.summary = { recordsSynced: 150_000, bytesSynced: 52_428_800 };
  }
}
