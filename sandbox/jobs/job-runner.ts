import { EventEmitter } from 'node:events';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { AirbyteBehaviour } from '../state/airbyte-versions';
import { ConflictError } from '../state/errors';
import { type Attempt, isTerminal, type Job, NO_COUNTS, TERMINAL_STATUSES, UNMEASURED } from '../state/job';
import type { Connection } from '../state/resources';
import type { Store } from '../state/store';
import type { StreamName } from '../state/stream-name';
import { cancellationFailure, failInterrupted, platformFailure } from './job-failures';
import type { JobNotifications } from './job-notifications';
import { type AttemptOutcome, type AttemptRun, type JobWork, QUEUE_LIMIT_MS } from './job-work';
import { newJob } from './new-job';
import { SavedCounts } from './saved-counts';

interface Execution {
  job: Job;
  work: JobWork;
  cancellation: AbortController;
  /** Whether Airbyte would act on a cancel request now: while an attempt runs, or while the job is queued. */
  acceptsCancel: boolean;
  ended: Promise<void>;
}

/** Each job and each connection has its own event name, so that ten thousand waiters do not wake for every change. */
const ENDED = 'job ended';
const changeOf = (jobId: number) => `job ${jobId} changed`;
const creationOn = (connectionId: string) => `job created on ${connectionId}`;

/** See `SandboxOptions`. */
export interface JobRunnerOptions {
  countsIntervalMs?: number;
  podClocksMs?: readonly number[];
  notifications?: JobNotifications;
}

/**
 * Runs jobs, one at a time per connection. Each job goes from `pending` through `running` (and `incomplete` between two
 * attempts) to a terminal status.
 */
export class JobRunner {
  private readonly executions = new Map<string, Execution>();
  private readonly events = new EventEmitter().setMaxListeners(0);
  private changes = 0;
  private suspended = false;

  constructor(
    private readonly store: Store,
    private readonly workFor: (job: Job, connection: Connection) => JobWork,
    private readonly behaviour: AirbyteBehaviour,
    private readonly options: JobRunnerOptions = {},
  ) {}

  /** The job of a connection that has not ended yet. */
  runningOn(connectionId: string): Job | undefined {
    return this.executions.get(connectionId)?.job;
  }

  /**
   * Creates a job and starts it. A sync becomes the pending reset or refresh, if there is one: see {@link newJob}.
   *
   * @throws ConflictError if a job is already running on the connection
   */
  start(connection: Connection, type: 'sync' | 'reset_connection', resetStreams: StreamName[] = []): Job {
    const { connectionId } = connection;
    if (this.executions.has(connectionId)) {
      throw new ConflictError(`A sync is already running for: ${connectionId}`);
    }
    this.store.lastJobId += 1;
    const job = newJob(connection, type, { id: this.store.lastJobId, resetStreams });
    const work = this.workFor(job, connection);
    this.store.jobs.set(job.id, job);
    connection.jobs.push(job);
    this.execute(job, work);
    this.events.emit(creationOn(connectionId));
    return job;
  }

  /**
   * Continues the jobs of an earlier process, as Airbyte does after a restart: an attempt that was running has failed, and
   * another one follows.
   */
  resume(): void {
    for (const job of [...this.store.jobs.values()].filter((each) => !isTerminal(each))) {
      const attempt = job.attempts.at(-1);
      if (attempt?.status === 'running') failInterrupted(attempt);
      if (attempt !== undefined) this.change(job, 'incomplete');
      this.execute(job, this.workFor(job, this.store.connection(job.connectionId)));
    }
  }

  /** Cancels the job that runs on a connection, if there is one, and waits until it has stopped. */
  async cancel(connectionId: string): Promise<void> {
    const execution = this.executions.get(connectionId);
    if (execution === undefined) return;
    execution.cancellation.abort();
    await execution.ended;
  }

  /**
   * Cancels as a client's request does in Airbyte: it stops the job that runs on a connection and waits until it has
   * stopped. Airbyte silently drops the request while the job is pending or between two attempts.
   */
  async cancelAsAirbyte(connectionId: string): Promise<void> {
    if (this.executions.get(connectionId)?.acceptsCancel) await this.cancel(connectionId);
  }

  /** The connection's sync that waits for capacity. */
  queuedOn(connectionId: string): Job | undefined {
    const job = this.runningOn(connectionId);
    return job?.configType === 'sync' && job.status === 'queued' ? job : undefined;
  }

  /** Cancels the queued job of a connection, as Airbyte does when the connection is updated. */
  cancelQueued(connectionId: string): void {
    const execution = this.executions.get(connectionId);
    if (execution?.job.status === 'queued') execution.cancellation.abort();
  }

  /** Ends a simulated job early, as if its work were done. */
  async finish(jobId: number, outcome: AttemptOutcome['status'] = 'succeeded', message?: string): Promise<Job> {
    const job = this.store.job(jobId);
    const execution = this.executions.get(job.connectionId);
    if (execution?.job !== job) throw new Error(`Job ${jobId} is not running.`);
    if (execution.work.finish === undefined)
      throw new Error(`Job ${jobId} moves rows; only a simulated job can be ended on request.`);
    await this.reached(jobId, (current) => current.status !== 'pending');
    execution.work.finish({ outcome, ...(message === undefined ? {} : { message }) });
    await execution.ended;
    return job;
  }

  /** Sets another status of a running job, such as `queued` or a status that no client knows yet. */
  setStatus(jobId: number, status: string): Job {
    const job = this.store.job(jobId);
    if (isTerminal(job) || TERMINAL_STATUSES.includes(status)) {
      throw new Error(`Job ${jobId} is ${job.status}; use finish to end a job.`);
    }
    this.change(job, status);
    return job;
  }

  /** Calls the listener with the connection of every job that ends. */
  onEnd(listener: (connection: Connection) => void): void {
    this.events.on(ENDED, listener);
  }

  /** Waits until a job meets a condition. */
  async reached(jobId: number, condition: (job: Job) => boolean): Promise<Job> {
    const job = this.store.job(jobId);
    while (!condition(job)) await this.nextEvent(changeOf(jobId));
    return job;
  }

  /** Waits for the first job of a connection whose id is greater than `afterJobId`. */
  async created(connectionId: string, afterJobId = 0): Promise<Job> {
    for (;;) {
      const job = this.store.connection(connectionId).jobs.find(({ id }) => id > afterJobId);
      if (job !== undefined) return job;
      await this.nextEvent(creationOn(connectionId));
    }
  }

  /** Drops every later job and assigns their ids again, as if the database were restored from a backup. */
  async restoreBackup(lastJobId: number): Promise<void> {
    const forgotten = this.store.forgetJobsAfter(lastJobId);
    await Promise.all(forgotten.map(({ connectionId }) => this.cancel(connectionId)));
  }

  /** Cancels every job. */
  async stop(): Promise<void> {
    await Promise.all([...this.executions.keys()].map((connectionId) => this.cancel(connectionId)));
  }

  /** Interrupts every job without ending it, so that {@link resume} can continue it in another process. */
  async suspend(): Promise<void> {
    this.suspended = true;
    await this.stop();
  }

  private execute(job: Job, work: JobWork): void {
    const execution: Execution = {
      ...{ job, work, cancellation: new AbortController() },
      ...{ acceptsCancel: false, ended: Promise.resolve() },
    };
    this.executions.set(job.connectionId, execution);
    execution.ended = this.run(execution);
  }

  private nextEvent(event: string): Promise<void> {
    return new Promise((resolve) => {
      this.events.once(event, () => resolve());
    });
  }

  private change(job: Job, status: string): void {
    job.status = status;
    const now = Date.now();
    const { podClocksMs = [0] } = this.options;
    job.updatedAtMs = now + (podClocksMs[this.changes++ % podClocksMs.length] ?? 0);
    if (isTerminal(job)) job.endedAtMs = now;
    this.events.emit(changeOf(job.id));
  }

  private async run(execution: Execution): Promise<void> {
    const { job, cancellation } = execution;
    await nextTurn();
    if (job.attempts.length === 0) await this.queue(execution);
    let status: AttemptOutcome['status'] | undefined;
    while (status === undefined) {
      if (this.suspended) return;
      if (cancellation.signal.aborted) {
        status = 'cancelled';
        break;
      }
      const outcome = await this.runAttempt(execution);
      if (outcome === undefined) return;
      if (outcome.retryAfterMs === undefined) {
        status = outcome.status;
        break;
      }
      this.change(job, 'incomplete');
      await pause(outcome.retryAfterMs, cancellation.signal);
    }
    await this.end(execution, status);
    this.events.emit(ENDED, this.store.connection(job.connectionId));
  }

  /**
   * Shows the end of a job, and notifies the webhook of its workspace if there is one. As in Airbyte, the connection is not
   * free for another job until the webhook has responded.
   */
  private async end({ job, cancellation }: Execution, status: string): Promise<void> {
    const notify = this.options.notifications?.due(job, status);
    if (notify === undefined) {
      this.executions.delete(job.connectionId);
      this.change(job, status);
      return;
    }
    this.change(job, status);
    await notify(cancellation.signal);
    this.executions.delete(job.connectionId);
  }

  /** Waits for capacity as `queued`, up to a limit; as `pending` where the version has no such status. */
  private async queue(execution: Execution): Promise<void> {
    const { job, work, cancellation } = execution;
    const { queuedMs, queueLimitMs = QUEUE_LIMIT_MS } = work;
    if (queuedMs === undefined) return;
    if (this.behaviour.has('queuedJobs')) {
      execution.acceptsCancel = true;
      this.change(job, 'queued');
    }
    await pause(Math.min(queuedMs, queueLimitMs), cancellation.signal);
    if (queuedMs > queueLimitMs) cancellation.abort();
  }

  /** @returns undefined if the attempt was interrupted by {@link suspend} */
  private async runAttempt(execution: Execution): Promise<AttemptOutcome | undefined> {
    const { job, work, cancellation } = execution;
    const now = Date.now();
    const counts = new SavedCounts(() => UNMEASURED, this.options.countsIntervalMs ?? 0);
    const attempt: Attempt = {
      attemptNumber: job.attempts.length,
      status: 'running',
      createdAtMs: now,
      updatedAtMs: now,
      counts: () => counts.read(),
      failures: [],
      log: [],
    };
    job.attempts.push(attempt);
    job.startedAtMs ??= now;
    execution.acceptsCancel = true;
    this.change(job, 'running');
    const setCounts: AttemptRun['setCounts'] = (measured) => counts.setMeasured(measured);
    let outcome: AttemptOutcome;
    try {
      outcome = await work.attempt({ job, attempt, signal: cancellation.signal, setCounts });
    } catch (error) {
      outcome = { status: 'failed', failures: [platformFailure(error)], log: [] };
      counts.setMeasured(() => ({ total: NO_COUNTS, streams: [] }));
    }
    execution.acceptsCancel = false;
    if (this.suspended) {
      counts.end(false);
      failInterrupted(attempt);
      return undefined;
    }
    if (cancellation.signal.aborted) outcome = { ...outcome, status: 'cancelled' };
    if (outcome.status === 'cancelled') {
      delete outcome.retryAfterMs;
      outcome.failures = [...outcome.failures, cancellationFailure()];
    }
    attempt.status = outcome.status === 'succeeded' ? 'succeeded' : 'failed';
    attempt.failures = outcome.failures;
    attempt.log = outcome.log;
    attempt.endedAtMs = Date.now();
    attempt.updatedAtMs = attempt.endedAtMs;
    counts.end(outcome.status === 'succeeded');
    return outcome;
  }
}

/** Waits, but not beyond the abort of the signal. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
