import { AsyncLocalStorage } from 'node:async_hooks';
import { activityInfo, CompleteAsyncError, type Info } from '@temporalio/activity';
import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  ActivityResetError,
  type Client,
  type FullActivityId,
} from '@temporalio/client';
import { Semaphore } from '../src/async/semaphore';
import { sleep } from '../src/async/sleep';
import type { JobHeartbeat } from '../src/jobs/job-heartbeat';
import { nextReportMs } from '../src/jobs/report-times';
import { findStartedWait, passedOnFailure, type WorkflowRun } from '../src/temporal/pending-waits';
import { messageOf } from '../src/text/error-message';
import { NextSteps, offerNextStepToAll } from './sticky-queue';

/** What a wait needs, whether or not it is detached. */
export interface WaitPorts {
  /** Aborted when the wait is to end without a result. */
  signal: AbortSignal;
  /** Notes the state of the job, for the operator and for the worker that continues the wait. */
  report(state: JobHeartbeat): void;
}

/** The worker that has the waits. */
export interface ServedWorker {
  /** Returns the worker's current client. */
  client(): Client;
  identity: string;
  /** Whether other workers are to have the waits, because this one does not reach its Airbyte. */
  leavesWaits?(): boolean;
}

/** A wait that is no running activity of the SDK any more. */
interface DetachedWait {
  info: Info;
  run: WorkflowRun;
  abort: AbortController;
  /** The newest state of the job; undefined before the first. */
  state: JobHeartbeat | undefined;
  /** The last state that Temporal has. */
  reported: JobHeartbeat | undefined;
  reportDueAtMs: number;
  isReporting: boolean;
}

/** How often the waits are checked for reports that are due and for timeouts. */
const CHECK_INTERVAL_MS = 1_000;
/** How many requests to Temporal are sent concurrently when thousands of waits end in the same moment. */
const CONCURRENT_REQUESTS = 50;
/** The pauses before a request that Temporal has not responded to is sent again. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** The share of a heartbeat timeout after which a report is due, whatever the time waited. */
const HEARTBEAT_SHARE = 1 / 2;
/** A report that Temporal has not responded to is sent again after this time. */
const REPORT_AGAIN_AFTER_MS = 10_000;
/** A shutdown must not wait longer for Temporal: the waits that are left are orphans, which another worker takes over. */
const PASS_ON_TIMEOUT_MS = 7_000;

/** The longest pause before a wait that this worker leaves to others is started again: it may come back to this worker. */
const LONGEST_DECLINE_MS = 60_000;

const OUT_OF_REACH = 'The worker does not reach its Airbyte.';

/** The reason for which a wait ends that Temporal no longer knows. */
const DROPPED = new Error('Temporal no longer expects an end of this wait');

/**
 * The waits of a worker that take no slot of it. An activity detaches its wait and ends its attempt without a result
 * (https://docs.temporal.io/develop/typescript/asynchronous-activity-completion); this completes or fails it later, reports its
 * state at growing intervals, and passes it on when the worker stops.
 *
 * An end that Temporal does not expect is dropped: the workflow has ended or was reset, or another worker has the wait. An end
 * that cannot be sent is sent again, until the activity's timeout.
 */
export class DetachedWaits {
  readonly #waits = new Set<DetachedWait>();
  readonly #requests = new Semaphore(CONCURRENT_REQUESTS);
  /** The ends that are being sent. */
  readonly #sending = new Set<Promise<void>>();
  readonly #nextSteps = new NextSteps();
  /** Aborted when nothing may be sent any more. */
  readonly #closed = new AbortController();
  /** Runs a function outside of the activity that is current, whose context would otherwise stay in memory. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #worker: ServedWorker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #passedOn: Promise<void> | undefined;
  /** The last logged error of a request; undefined after a successful one. */
  #lastWarning: string | undefined;

  constructor(private readonly logger: { warn(message: string): void }) {}

  /** Must be called before the first wait. */
  serve(worker: ServedWorker): void {
    this.#worker = worker;
  }

  /** How many waits this worker has. */
  get count(): number {
    return this.#waits.size;
  }

  /** The ids of the runs that wait. */
  get runIds(): ReadonlySet<string> {
    return new Set([...this.#waits].map(({ run }) => run.runId));
  }

  /** Ends the waits of runs that have ended: Temporal expects no end of them any more. */
  dropRuns(runIds: readonly string[]): void {
    const ended = new Set(runIds);
    for (const wait of this.#waits) if (ended.has(wait.run.runId)) this.#drop(wait);
  }

  /**
   * Ends the wait of the current activity's run, on whichever worker it is, with the outcome of its job. When that is not possible, the wait ends
   * by itself when its worker learns of the end of the job.
   */
  completeOfCurrentRun(outcome: unknown): Promise<void> {
    return this.#endOfCurrentRun((wait) => this.#client.activity.complete(wait, outcome));
  }

  /** Ends the wait of the current activity's run, which the workflow has cancelled; otherwise like `completeOfCurrentRun`. */
  cancelOfCurrentRun(): Promise<void> {
    return this.#endOfCurrentRun((wait) => this.#client.activity.reportCancellation(wait));
  }

  async #endOfCurrentRun(end: (wait: FullActivityId) => Promise<void>): Promise<void> {
    const { workflowId = '', runId = '' } = activityInfo().workflowExecution ?? {};
    try {
      const wait = await findStartedWait(this.#client, { workflowId, runId });
      if (wait === undefined || wait === 'ended') return;
      await end({ workflowId, runId, activityId: wait.activityId });
      this.dropRuns([runId]);
    } catch (error) {
      if (error instanceof ActivityNotFoundError) return;
      this.logger.warn(`Cannot end the wait of the cancelled sync ${workflowId}: ${messageOf(error)}`);
    }
  }

  /** Whether the run has ended, or another worker waits for its job. */
  async areElsewhere(run: WorkflowRun): Promise<boolean> {
    const wait = await findStartedWait(this.#client, run);
    return wait === 'ended' || (wait !== undefined && wait.worker !== this.#requireWorker().identity);
  }

  /**
   * Detaches the wait of the current activity, which the caller must end with the returned error. The wait goes on in the
   * context of the activity, so its logs name the workflow.
   *
   * @param wait its result or error becomes that of the activity
   */
  detach(wait: (ports: WaitPorts) => Promise<unknown>): Error {
    if (this.#passedOn) return passedOnFailure('The worker shuts down.');
    const info = activityInfo();
    if (this.#worker?.leavesWaits?.()) {
      return passedOnFailure(OUT_OF_REACH, declineMs(info.attempt));
    }
    const { workflowId = '', runId = '' } = info.workflowExecution ?? {};
    const detached: DetachedWait = {
      info,
      run: { workflowId, runId },
      abort: new AbortController(),
      state: info.heartbeatDetails,
      reported: info.heartbeatDetails,
      reportDueAtMs: 0,
      isReporting: false,
    };
    this.#scheduleReport(detached);
    this.#waits.add(detached);
    this.#outside(() => {
      this.#timer ??= setInterval(() => this.#check(), CHECK_INTERVAL_MS).unref();
    });
    const ended = wait({
      signal: detached.abort.signal,
      report: (state) => {
        detached.state = state;
      },
    });
    this.#outside(() => void this.#settle(detached, ended));
    return new CompleteAsyncError();
  }

  /** Passes all waits on to other workers, and detaches no more. Further calls return the same promise. */
  passOn(): Promise<void> {
    this.#passedOn ??= this.#passOnAll();
    return this.#passedOn;
  }

  /** Leaves the waits that this worker has to others. It detaches further ones unless `leavesWaits` holds. */
  leave(): void {
    this.#passOnEach(OUT_OF_REACH);
  }

  #passOnEach(reason: string): void {
    for (const wait of [...this.#waits]) {
      const { info, state, reported } = wait;
      this.#drop(wait);
      this.#send(wait, async ({ activity }) => {
        // The next worker has to know that the job has begun.
        if (state?.status !== reported?.status) await activity.heartbeat(info.taskToken, state, contextOf(wait));
        await activity.fail(info.taskToken, passedOnFailure(reason), contextOf(wait));
      });
    }
  }

  async #passOnAll(): Promise<void> {
    this.#passOnEach('The worker shuts down.');
    const timeout = new AbortController();
    await Promise.race([Promise.all(this.#sending), sleep(PASS_ON_TIMEOUT_MS, timeout.signal)]);
    timeout.abort();
    this.#closed.abort();
  }

  /** Ends the activity as the wait ends. */
  async #settle(wait: DetachedWait, ended: Promise<unknown>): Promise<void> {
    const { info, abort } = wait;
    let end: (client: Client) => Promise<void>;
    try {
      const result = await ended;
      end = ({ activity }) => activity.complete(info.taskToken, result, contextOf(wait));
    } catch (error) {
      if (abort.signal.aborted) return;
      end = ({ activity }) => activity.fail(info.taskToken, error, contextOf(wait));
    }
    this.#remove(wait);
    const mayBeLate = this.#nextSteps.add();
    this.#send(wait, async (client) => {
      if (mayBeLate) await offerNextStepToAll(client, wait.run);
      await end(client);
    });
  }

  #send(wait: DetachedWait, send: (client: Client) => Promise<void>): void {
    const sending = this.#sendUntilReceived(wait, send).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Sends the end of a wait until Temporal responds, until the activity's timeout, or until the worker has stopped. */
  async #sendUntilReceived(wait: DetachedWait, send: (client: Client) => Promise<void>): Promise<void> {
    const { signal } = this.#closed;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await this.#requests.run(() => send(this.#client));
        this.#lastWarning = undefined;
        return;
      } catch (error) {
        if (error instanceof ActivityNotFoundError || Date.now() + pauseMs >= timeoutAtMs(wait)) return;
        const reason = messageOf(error);
        if (reason !== this.#lastWarning) this.logger.warn(`Cannot tell Temporal how waits ended, retrying: ${reason}`);
        this.#lastWarning = reason;
      }
      await sleep(pauseMs, signal);
    }
  }

  #check(): void {
    const now = Date.now();
    for (const wait of this.#waits) {
      if (now >= timeoutAtMs(wait)) this.#drop(wait);
      else if (now >= wait.reportDueAtMs && !wait.isReporting) void this.#report(wait);
    }
  }

  /** Reports the state of a job by a heartbeat, whose response also says whether Temporal still expects an end of the wait. */
  async #report(wait: DetachedWait): Promise<void> {
    wait.isReporting = true;
    const { state, info } = wait;
    try {
      await this.#requests.run(() => this.#client.activity.heartbeat(info.taskToken, state, contextOf(wait)));
      wait.reported = state;
      this.#scheduleReport(wait);
    } catch (error) {
      this.#handleReportError(wait, error);
    } finally {
      wait.isReporting = false;
    }
  }

  #handleReportError(wait: DetachedWait, error: unknown): void {
    const { taskToken } = wait.info;
    if (error instanceof ActivityNotFoundError) {
      this.#drop(wait);
    } else if (error instanceof ActivityCancelledError) {
      this.#drop(wait);
      this.#send(wait, ({ activity }) => activity.reportCancellation(taskToken, undefined, contextOf(wait)));
    } else if (error instanceof ActivityResetError || error instanceof ActivityPausedError) {
      this.#drop(wait);
      const failure = passedOnFailure('The activity was paused or reset in Temporal.');
      this.#send(wait, ({ activity }) => activity.fail(taskToken, failure, contextOf(wait)));
    } else {
      wait.reportDueAtMs = Date.now() + REPORT_AGAIN_AFTER_MS;
    }
  }

  #scheduleReport(wait: DetachedWait): void {
    const { scheduledTimestampMs, heartbeatTimeoutMs = Number.POSITIVE_INFINITY } = wait.info;
    const now = Date.now();
    const dueAtMs = scheduledTimestampMs + nextReportMs(Math.max(0, now - scheduledTimestampMs));
    wait.reportDueAtMs = Math.min(dueAtMs, now + heartbeatTimeoutMs * HEARTBEAT_SHARE);
  }

  #drop(wait: DetachedWait): void {
    this.#remove(wait);
    wait.abort.abort(DROPPED);
  }

  #remove(wait: DetachedWait): void {
    this.#waits.delete(wait);
    if (this.#waits.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  get #client(): Client {
    return this.#requireWorker().client();
  }

  #requireWorker(): ServedWorker {
    if (!this.#worker) throw new Error('A worker with detached waits must be run by the plugin of this project');
    return this.#worker;
  }
}

/** Most waits come to another worker within a few attempts. One that does not may be for this worker alone, by its version. */
function declineMs(attempt: number): number {
  return Math.min(1_000 * 2 ** Math.max(0, attempt - 4), LONGEST_DECLINE_MS);
}

/** When Temporal times the attempt out, by its own timeouts; milliseconds since 1970. */
function timeoutAtMs({ info }: DetachedWait): number {
  const { scheduledTimestampMs, scheduleToCloseTimeoutMs, currentAttemptScheduledTimestampMs, startToCloseTimeoutMs } =
    info;
  return Math.min(
    scheduledTimestampMs + (scheduleToCloseTimeoutMs || Number.POSITIVE_INFINITY),
    currentAttemptScheduledTimestampMs + (startToCloseTimeoutMs || Number.POSITIVE_INFINITY),
  );
}

/** Data converters that depend on the workflow get the same context as for an activity that ends by itself. */
function contextOf({ info, run }: DetachedWait) {
  const { activityNamespace: namespace, activityId } = info;
  const { workflowId } = run;
  return { serializationContext: { type: 'activity' as const, namespace, workflowId, activityId, isLocal: false } };
}
