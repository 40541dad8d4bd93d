import { EventEmitter, once } from 'node:events';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Activities } from '../../activities';
import type { JobSnapshot } from '../../src/contract/connection-job';
import type { JobOutcome } from '../../src/contract/job-outcome';
import type { TriggeredSync } from '../../src/contract/trigger';

const HEARTBEAT_INTERVAL_MS = 50;

/** A job's end as a script gives it. */
export type ScriptedEnd = Partial<JobOutcome> & { status: 'succeeded' | 'failed' | 'cancelled' };

/** Not an end: the state of a job that goes on. */
const RUNNING = { status: 'running', endedAt: null } as Partial<JobOutcome> as ScriptedEnd;

/**
 * The activities that `syncConnection` calls, with a script in place of Airbyte. `calls` shows the decisions of the
 * workflow. A job without an end runs until it is cancelled.
 */
export class ScriptedAirbyte {
  readonly calls: string[] = [];
  /** The ends of the jobs, in the order in which they are waited for. */
  readonly ends: ScriptedEnd[] = [];
  lastJob: JobSnapshot | null = null;
  /** The results of the searches before that, in their order. */
  readonly lastJobs: JobSnapshot[] = [];
  nextJobId = 101;
  /** What the next trigger does instead of starting a job. */
  onTrigger: (() => Promise<TriggeredSync>) | undefined;
  /** What a search for the job of a trigger that was given up finds. */
  triggeredJob: () => JobSnapshot | null = () => null;
  /** What a cancel does instead of cancelling the job. */
  onCancel: (() => never) | undefined;
  /** The state of a job after its cancel; by default it has ended. */
  cancelled: Partial<JobOutcome> = { status: 'cancelled' };

  /** How the job has ended by itself, before the waiting activity has polled it. */
  unseenEnd: ScriptedEnd | undefined;

  /** Since when nothing has moved in the jobs that are waited for with a stall timeout; each wait takes one. */
  readonly stalls: string[] = [];
  /** The stall timeouts of these waits. */
  readonly stallTimeoutsMs: number[] = [];

  /** The jobs whose last counts are waited for after their cancel. */
  readonly countedAfterCancel: number[] = [];

  private readonly waiting = new Map<number, (outcome: JobOutcome) => void>();
  private readonly ended = new Map<number, ScriptedEnd>();
  private readonly waits: (() => void)[] = [];
  private readonly events = new EventEmitter();

  /** Resolves once an activity waits for a job. */
  waitedFor(): Promise<void> {
    return new Promise((resolve) => {
      if (this.waiting.size > 0) resolve();
      else this.waits.push(resolve);
    });
  }

  /** Resolves once the workflow has made a call that many times. */
  async called(call: string, times: number): Promise<void> {
    while (this.calls.filter((made) => made === call).length < times) await once(this.events, 'call');
  }

  private made(call: string): void {
    this.calls.push(call);
    this.events.emit('call');
  }

  /** Ends a job that is waited for. */
  end(jobId: number, end: ScriptedEnd): void {
    this.ended.set(jobId, end);
    this.waiting.get(jobId)?.(outcome(jobId, end));
    this.waiting.delete(jobId);
  }

  get activities(): Pick<
    Activities,
    'findLastJob' | 'triggerSync' | 'findTriggeredJob' | 'waitForJob' | 'getJob' | 'cancelJob'
  > {
    return {
      findLastJob: async () => {
        this.made('findLastJob');
        return this.lastJobs.shift() ?? this.lastJob;
      },
      triggerSync: async ({ lastJobId }) => {
        this.made(`triggerSync after ${lastJobId}`);
        const { onTrigger } = this;
        this.onTrigger = undefined;
        if (onTrigger) return onTrigger();
        const jobId = this.nextJobId++;
        return {
          started: true,
          job: { jobId, status: 'pending', running: true, sameKind: true, updatedAt: 1_700_000_000 },
        };
      },
      findTriggeredJob: async ({ lastJobId, underWay }) => {
        this.made(`findTriggeredJob after ${lastJobId}${underWay ? ', under way' : ''}`);
        return this.triggeredJob();
      },
      waitForJob: async ({ jobId, stallTimeoutMs }) => {
        this.made(`waitForJob ${jobId}`);
        if (stallTimeoutMs !== undefined) {
          this.stallTimeoutsMs.push(stallTimeoutMs);
          const stalledSince = this.stalls.shift();
          if (stalledSince) return { ...outcome(jobId, RUNNING), stalledSince };
        }
        const end = this.ended.get(jobId) ?? this.ends.shift();
        if (end) return outcome(jobId, end);
        const ended = new Promise<JobOutcome>((resolve) => this.waiting.set(jobId, resolve));
        for (const notify of this.waits.splice(0)) notify();
        return orGivenUp(ended);
      },
      getJob: async ({ jobId }) => {
        this.made(`getJob ${jobId}`);
        return outcome(jobId, this.unseenEnd ?? RUNNING);
      },
      cancelJob: async ({ jobId, untilCounted = false }) => {
        this.made(`cancelJob ${jobId}`);
        if (untilCounted) this.countedAfterCancel.push(jobId);
        const end = this.ended.get(jobId) ?? this.unseenEnd;
        if (end) return outcome(jobId, end);
        this.onCancel?.();
        const cancelled = outcome(jobId, { status: 'cancelled', ...this.cancelled } as ScriptedEnd);
        if (cancelled.endedAt !== null) this.end(jobId, cancelled as ScriptedEnd);
        return cancelled;
      },
    };
  }
}

/** Rejects when the activity is cancelled, of which it learns with its next heartbeat. */
export function untilGivenUp(): Promise<never> {
  return orGivenUp(new Promise<never>(() => undefined));
}

/** Waits until a promise settles or the activity is cancelled. */
export function orGivenUp<T>(awaited: Promise<T>): Promise<T> {
  const beats = setInterval(() => Context.current().heartbeat(), HEARTBEAT_INTERVAL_MS);
  return Promise.race([awaited, Context.current().cancelled]).finally(() => clearInterval(beats));
}

export function runningJob(jobId: number): JobSnapshot {
  return { jobId, status: 'running', running: true, sameKind: true, updatedAt: 1_700_000_000 };
}

export function endedJob(jobId: number): JobSnapshot {
  return { jobId, status: 'succeeded', running: false, sameKind: true, updatedAt: 1_700_000_000 };
}

export function airbyteFailure(type: string, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

/** A failure for which Temporal retries an activity. */
export function airbyteOutOfReach(): ApplicationFailure {
  return ApplicationFailure.retryable('Airbyte does not respond.', 'AirbyteUnavailable');
}

/** How a job has ended, as an activity returns it. */
export function outcome(jobId: number, end: ScriptedEnd): JobOutcome {
  return {
    jobId,
    recordsSynced: 0,
    bytesSynced: 0,
    recordsRejected: 0,
    streams: [],
    jobAttempts: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:01:00.000Z',
    partialSuccess: false,
    ...end,
  };
}
