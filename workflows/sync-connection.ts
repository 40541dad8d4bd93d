import {
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  isCancellation,
  log,
  patched,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { JobSnapshot } from '../src/contract/connection-job';
import { durationMs } from '../src/contract/duration';
import type { JobOutcome } from '../src/contract/job-outcome';
import { searchAttributeKeys as keys } from '../src/contract/search-attribute-keys';
import { type SyncConnectionInput, syncConnectionInputSchema } from '../src/contract/sync-options';
import { NO_JOB, type SyncProgress, statusOf, syncProgressQuery } from '../src/contract/sync-progress';
import { resultOf, type SyncConnectionResult, skippedSync } from '../src/contract/sync-result';
import { syncDetails } from '../src/details/run-details';
import { pageOf } from '../src/details/static-details';
import { messageOf } from '../src/text/error-message';
import { airbyteCalls, jobStartCalls, jobStopCalls, jobWaitCalls } from './activity-options';
import {
  describeEnd,
  failure,
  hasStartedNothing,
  hasType,
  hasUnknownEffect,
  isTimeout,
  parseInput,
  toWorkflowFailure,
  withContext,
} from './failures';
import { JobBeforeReset } from './job-before-reset';
import { lastJob } from './last-job';
import { type CarriedSync, continueAsNewWhenHistoryIsLong, readCarried } from './sync-continue-as-new';
import { syncFailures } from './sync-failures';
import {
  countUnmeasured,
  describeCancelOutcome,
  describeMoved,
  describeNotBegun,
  describeOtherJob,
  evaluateOutcome,
  mayRetry,
  retryDelayMs,
  warningsOf,
  warnOfOtherJobType,
} from './sync-outcome';
import { setConnectionAttribute, setJobAttributes, setOutcomeAttributes } from './workflow-search-attributes';

/** How long to try to cancel a job, and to see it end once the sync's own time is over. Airbyte takes minutes at most,
 * and a `Retry-After` of five minutes may come first, even twice. */
const STOPPING_MS = 15 * 60_000;
/** For a last look at a job that is left alone. */
const FINAL_READ_TIMEOUT_MS = 60_000;

/**
 * Runs one sync of a connection: starts a job (or attaches to the one that runs), waits until it has ended, and tells
 * how. One start is one job, whatever gets lost on the way; cancelling the workflow cancels the job in Airbyte.
 *
 * Fails with `AirbyteSyncFailed`, `AirbyteSyncTimedOut`, `AirbyteJobCancelled`, `AirbyteNotFound`, `AirbyteConflict`,
 * `AirbyteInvalidRequest`, `AirbyteUnauthorized`, `AirbyteUnavailable`, `AirbyteUnsupported` or `InvalidInput`; also when
 * it was cancelled and Airbyte does not cancel its job. When its history has become long, over thousands of attempts, it
 * goes on in another run.
 *
 * @param carried for its own use: where an earlier run of the same sync has left off
 */
export async function syncConnection(
  input: SyncConnectionInput,
  carried?: CarriedSync,
  ...others: undefined[]
): Promise<SyncConnectionResult> {
  const carriedOver = readCarried(carried);
  const options = parseInput(syncConnectionInputSchema(), input, carriedOver ? others : [carried, ...others]);
  const { connectionId, jobType, onRunning, maximumAttempts, minimumRecords } = options;
  const timeout = typeof options.timeout === 'number' ? `${options.timeout} ms` : options.timeout;
  const deadline = carriedOver?.deadline ?? workflowInfo().runStartTime.getTime() + durationMs(options.timeout);
  const earlier = carriedOver?.progress ?? { attempt: 1 };
  const progress: SyncProgress = { connectionId, phase: 'starting', maximumAttempts, ...earlier };
  const { notStarted, timedOut } = syncFailures({ connectionId, jobType, timeout });
  const former = new JobBeforeReset(() => {
    const purpose = 'Look for the job that this sync had started before it was reset';
    return airbyteCalls(untilDeadline(), purpose)
      .findFormerJob({ connectionId, jobType })
      .catch((error) => Promise.reject(notStarted(error)));
  });
  setHandler(syncProgressQuery, () => progress, { description: 'How the sync stands: phase, job, attempt, counts.' });

  try {
    for (; ; progress.attempt++) {
      const start = await startJob();
      if (start.skipped) {
        show({ phase: 'done', status: 'skipped', jobId: start.job.jobId });
        return skippedSync(connectionId, start.job.jobId);
      }
      const outcome = await waitUntilEnded(start);
      countUnmeasured(outcome, options);
      const verdict = evaluateOutcome(outcome, options);
      if (verdict === undefined) return finalResult(outcome, start.attached);
      if (progress.attempt === maximumAttempts || !mayRetry(outcome)) throw verdict;
      await waitBeforeRetry(verdict.message, outcome);
    }
  } catch (error) {
    const end = toWorkflowFailure(error);
    // What goes on in another run has not ended.
    if (!(end instanceof ContinueAsNew)) show(describeEnd(end));
    throw end;
  } finally {
    // A run that ends before it has a job is still findable by its connection id.
    setConnectionAttribute(connectionId);
  }

  /** Takes in how the sync stands; the UI shows it on the workflow's page. */
  function show(change: Partial<SyncProgress>): void {
    Object.assign(progress, change);
    setCurrentDetails(syncDetails(progress, workflowInfo()));
  }

  /** The job to wait for: ours, or the one that runs already, as `onRunning` says. */
  async function startJob(): Promise<{ job: JobSnapshot; attached: boolean; skipped: boolean }> {
    for (;;) {
      await continueAsNewWhenHistoryIsLong(input, progress, deadline);
      show({ phase: 'starting', ...NO_JOB });
      const kept = await former.find();
      if (kept) return { job: kept, attached: false, skipped: false };
      const last = await findLastJob();
      const running = last?.running ? last : await trigger(last?.jobId ?? null);
      noteConnectionUrl('started' in running ? running.job : running);
      if ('started' in running) return { job: running.job, attached: false, skipped: false };
      // What somebody else has started is not stopped for a sync that was cancelled before it had joined in.
      if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('The workflow was cancelled');
      if (onRunning === 'skip') return { job: running, attached: false, skipped: true };
      if (onRunning === 'attach' && running.sameKind) return { job: running, attached: true, skipped: false };
      if (onRunning === 'fail') throw failure('AirbyteConflict', describeOtherJob(running, options));
      await waitForOtherJob(running);
    }
  }

  /** The worker tells with a job where people open its Airbyte. */
  function noteConnectionUrl({ webappUrl }: JobSnapshot): void {
    const workspaceId = workflowInfo().typedSearchAttributes.get(keys.workspaceId);
    const connectionUrl = pageOf({ connectionId, workspaceId, webappUrl });
    if (connectionUrl !== undefined) show({ connectionUrl });
  }

  function findLastJob(): Promise<JobSnapshot | null> {
    return lastJob({ connectionId, jobType }, untilDeadline).catch((error) => Promise.reject(notStarted(error)));
  }

  /** Starts a job, exactly one. Where another one turns out to be running, that one is returned instead. */
  async function trigger(lastJobId: number | null): Promise<{ started: true; job: JobSnapshot } | JobSnapshot> {
    const kept = await former.find();
    if (kept) return { started: true, job: kept };
    former.isOver();
    try {
      const { triggerSync } = jobStartCalls(untilDeadline(), `Start the ${jobType}`);
      const { started, job } = await triggerSync({ connectionId, jobType, lastJobId, joins: onRunning === 'attach' });
      return started ? { started, job } : job;
    } catch (error) {
      const givenUp = isCancellation(notStarted(error)) || isTimeout(error) || hasType(error, 'AirbyteSyncTimedOut');
      const mayHaveStarted = !hasStartedNothing(error) && (givenUp || hasType(error, 'AirbyteUnavailable'));
      const cancelLeftJob = () => cancelUnreportedJob(lastJobId, hasUnknownEffect(error));
      const left = mayHaveStarted ? await CancellationScope.nonCancellable(cancelLeftJob) : null;
      throw notStarted(
        error,
        left ? `, and job ${left.jobId}, which its trigger had started all the same, was cancelled` : '',
      );
    }
  }

  /** A trigger that was given up may have started a job all the same: nobody would wait for it. */
  async function cancelUnreportedJob(lastJobId: number | null, underWay: boolean): Promise<JobSnapshot | null> {
    const { findTriggeredJob } = jobStopCalls(STOPPING_MS, 'Look for a job that the trigger has left behind');
    const job = await findTriggeredJob({ connectionId, jobType, lastJobId, underWay }).catch((error: unknown) => {
      const unknown = 'and whether its trigger has left a job behind could not be learned';
      throw withContext(`The ${jobType} of connection ${connectionId} was given up, ${unknown}`, error);
    });
    if (!job?.running) return null;
    setJobAttributes(connectionId, job);
    show({ jobId: job.jobId, status: statusOf(job) });
    await stop(job);
    return job;
  }

  async function waitForOtherJob(job: JobSnapshot): Promise<void> {
    show({ phase: 'queued', jobId: job.jobId, status: statusOf(job) });
    setConnectionAttribute(connectionId);
    await waitForJob(job, untilDeadline()).catch((error: unknown) => {
      throw isTimeout(error) ? timedOut(`job ${job.jobId}, which ran before ours, had not ended`) : notStarted(error);
    });
  }

  /** Waits for our job. A cancellation or a time-out ends the job before it ends the workflow. */
  async function waitUntilEnded({ job, attached }: { job: JobSnapshot; attached: boolean }): Promise<JobOutcome> {
    const warnings = warnOfOtherJobType(job, options);
    show({ phase: 'running', jobId: job.jobId, status: statusOf(job), attached, warnings });
    setJobAttributes(connectionId, job);
    // The waiting outlives a cancellation: it is what tells when the cancelled job has really ended.
    const waiting = CancellationScope.nonCancellable(() => waitForJob(job, untilDeadline()));
    try {
      return ended(await Promise.race([waiting, CancellationScope.current().cancelRequested]));
    } catch (error) {
      if (isCancellation(error)) {
        const outcome = await CancellationScope.nonCancellable(() => stop(job, { waiting }));
        warnOfCancelOutcome(outcome);
        // Runs of versions before this one have ended as cancelled.
        if (outcome.status === 'succeeded' && patched('sync-tells-what-its-cancelled-job-did')) return outcome;
        throw error;
      }
      if (isTimeout(error)) return await handleTimeout(job);
      throw withContext(`Job ${job.jobId} of connection ${connectionId} could not be followed to its end`, error);
    }
  }

  /** Tells what else than its end has come of the cancel of a job. */
  function warnOfCancelOutcome(outcome: JobOutcome): void {
    const found = describeCancelOutcome(outcome, jobType);
    for (const warning of found) log.warn(warning);
    if (found.length > 0) show({ warnings: [...(progress.warnings ?? []), ...found] });
  }

  /**
   * Does with a job, once the sync's time is over, what `onTimeout` wants. A job that had ended by itself before anybody
   * saw it counts as any other.
   */
  async function handleTimeout(job: JobSnapshot): Promise<JobOutcome> {
    const inTime = `the job ${job.jobId} had not ended`;
    if (options.onTimeout === 'leave') {
      const outcome = await airbyteCalls(FINAL_READ_TIMEOUT_MS, `Look at job ${job.jobId} a last time`)
        .getJob({ jobId: job.jobId, connectionId })
        .catch((error: unknown) => {
          throw timedOut(`${inTime} when last seen, and was left alone. ${messageOf(toWorkflowFailure(error))}`);
        });
      if (outcome.endedAt === null) {
        throw timedOut([`${inTime}, and was left running.`, ...describeNotBegun(outcome)].join(' '));
      }
      return ended(outcome);
    }
    const stopped = CancellationScope.nonCancellable(() => stop(job, { untilCounted: true }));
    const outcome = await stopped.catch((error: unknown) => {
      throw timedOut(`${inTime}, and was not stopped. ${messageOf(error)}`);
    });
    if (outcome.status !== 'cancelled') return outcome;
    const more = [...describeNotBegun(outcome), ...describeMoved(outcome)];
    throw timedOut([`${inTime}, and was cancelled.`, ...more].join(' '), outcome);
  }

  /**
   * Cancels a job in Airbyte and waits until it has ended. Fails, with Airbyte's reason, when that does not come to pass:
   * the job may go on.
   *
   * @param how who waits for the job already, while the sync's own time lasts; whether its last counts are wanted
   */
  async function stop(
    job: JobSnapshot,
    { waiting, ...how }: { waiting?: Promise<JobOutcome>; untilCounted?: true } = {},
  ) {
    show({ phase: 'cancelling' });
    const named = `Job ${job.jobId} of connection ${connectionId}`;
    const { cancelJob } = jobStopCalls(STOPPING_MS, `Cancel job ${job.jobId} in Airbyte`);
    const cancelled = await cancelJob({ jobId: job.jobId, connectionId, ...how }).catch((error: unknown) => {
      throw withContext(`${named} could not be cancelled and may still be running`, error);
    });
    if (cancelled.endedAt !== null) return ended(cancelled);
    const untilStopped = () => waitForJob(job, STOPPING_MS);
    const stopped = waiting?.catch((error) => (isTimeout(error) ? untilStopped() : Promise.reject(error)));
    return (stopped ?? untilStopped()).then(ended, (error: unknown) => {
      throw withContext(`${named} was cancelled, but was not seen to end`, error);
    });
  }

  /** Takes in how a job has ended. */
  function ended(outcome: JobOutcome): JobOutcome {
    const { status, recordsSynced, bytesSynced, recordsRejected, streams, moreStreams, startedAt, endedAt } = outcome;
    show({ status, recordsSynced, bytesSynced, recordsRejected, streams, moreStreams, startedAt, endedAt });
    setOutcomeAttributes(outcome);
    return outcome;
  }

  async function waitBeforeRetry(reason: string, outcome: JobOutcome): Promise<void> {
    show({ phase: 'retrying', lastFailure: reason });
    const delay = retryDelayMs(progress.attempt);
    if (Date.now() + delay >= deadline)
      throw timedOut(`no time was left for another attempt after: ${reason}`, outcome);
    await sleep(delay, { summary: `Wait before attempt ${progress.attempt + 1}` });
  }

  function finalResult(outcome: JobOutcome, attached: boolean): SyncConnectionResult {
    const found = warningsOf(outcome, options);
    for (const warning of found) log.warn(warning);
    const warnings = [...(progress.warnings ?? []), ...found];
    show({ phase: 'done', ...(warnings.length > 0 && { warnings }) });
    return resultOf(outcome, { connectionId, attempts: progress.attempt, attached, warnings });
  }

  function waitForJob({ jobId, status, updatedAt }: JobSnapshot, withinMs: number): Promise<JobOutcome> {
    const since = updatedAt === undefined ? {} : { since: updatedAt };
    const streams = typeof minimumRecords === 'object' ? Object.keys(minimumRecords.streams ?? {}) : [];
    const seen = { jobId, connectionId, status, ...since, ...(streams.length > 0 && { streams }) };
    return jobWaitCalls(withinMs, `Wait for job ${jobId}`).waitForJob(seen);
  }

  function untilDeadline(): number {
    return Math.max(deadline - Date.now(), 1);
  }
}
