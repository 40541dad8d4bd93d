import {
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  continueAsNew,
  log,
  patched,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { JobSnapshot } from '../src/contract/connection-job';
import { durationMs } from '../src/contract/duration';
import type { JobOutcome } from '../src/contract/job-outcome';
import { searchAttributeKeys as keys } from '../src/contract/search-attribute-keys';
import {
  type SyncConnectionInput,
  type SyncConnectionOptions,
  syncConnectionInputSchema,
} from '../src/contract/sync-options';
import { NO_JOB, type SyncProgress, statusOf, syncProgressQuery } from '../src/contract/sync-progress';
import { resultOf, type SyncConnectionResult, skippedSync } from '../src/contract/sync-result';
import { pageOf } from '../src/details/static-details';
import { decideOnOtherJob, describeOtherJob } from '../src/jobs/other-job';
import {
  evaluateOutcome,
  type FailedSync,
  isUnmeasured,
  retryDelayMs,
  warningsOf,
  warnOfOtherJobType,
} from '../src/jobs/sync-verdict';
import { isObject } from '../src/text/json-object';
import { describeFailure, failure, parseInput, toWorkflowFailure } from './failures';
import { isContinuedRun, isHistoryLong } from './history-limit';
import { JobTrigger } from './job-trigger';
import { RunningJobs } from './running-jobs';
import { countSync, countUnmeasured, type SyncEnd } from './sync-metrics';
import { SyncState } from './sync-state';
import { setConnectionAttribute, setJobAttributes } from './workflow-search-attributes';

/** Where an earlier run of the same sync has left off, between two of its jobs. */
export interface CarriedSync {
  /** When the time of the whole sync is over; milliseconds since 1970. */
  deadline: number;
  progress: Pick<SyncProgress, 'attempt' | 'lastFailure' | 'connectionUrl'>;
}

/**
 * Runs one sync of a connection: starts a job (or attaches to the one that already runs), waits until it has ended, and
 * returns its counts. A sync starts one job per attempt, also when responses are lost; cancelling the workflow cancels the
 * job in Airbyte.
 *
 * Fails with `AirbyteSyncFailed`, `AirbyteSyncTimedOut`, `AirbyteJobCancelled`, `AirbyteNotFound`, `AirbyteConflict`,
 * `AirbyteInvalidRequest`, `AirbyteUnauthorized`, `AirbyteUnavailable`, `AirbyteUnsupported` or `InvalidInput`; also when
 * it was cancelled and Airbyte does not cancel its job. When its history has become long, over thousands of attempts, it
 * continues as new.
 *
 * @param carried set only by an earlier run of the same sync: where that run has left off
 */
export async function syncConnection(
  input: SyncConnectionInput,
  carried?: CarriedSync,
  ...others: undefined[]
): Promise<SyncConnectionResult> {
  return new SyncConnection(input, carried, others).run();
}

/** The job that a sync waits for, or because of which it is skipped. */
type Start = { kind: 'own' | 'attached' | 'skipped'; job: JobSnapshot };

class SyncConnection {
  readonly #input: SyncConnectionInput;
  readonly #options: SyncConnectionOptions;
  readonly #state: SyncState;
  readonly #jobs: RunningJobs;
  readonly #trigger: JobTrigger;

  constructor(input: SyncConnectionInput, carried: CarriedSync | undefined, others: undefined[]) {
    const earlier = readCarried(carried);
    const options = parseInput(syncConnectionInputSchema(), input, earlier ? others : [carried, ...others]);
    const { connectionId, timeout, maximumAttempts } = options;
    const deadline = earlier?.deadline ?? workflowInfo().runStartTime.getTime() + durationMs(timeout);
    const progress = { attempt: 1, ...earlier?.progress };
    this.#input = input;
    this.#options = options;
    this.#state = new SyncState(options, deadline, { connectionId, phase: 'starting', maximumAttempts, ...progress });
    this.#jobs = new RunningJobs(this.#state);
    this.#trigger = new JobTrigger(this.#state, this.#jobs);
    const description = 'How the sync stands: phase, job, attempt, counts.';
    setHandler(syncProgressQuery, () => this.#state.progress, { description });
  }

  async run(): Promise<SyncConnectionResult> {
    try {
      for (;;) {
        const start = await this.#startJob();
        if (start.kind === 'skipped') return this.#skip(start.job);
        const outcome = await this.#waitForJob(start);
        const failed = evaluateOutcome(outcome, this.#options);
        if (failed === undefined) return this.#succeed(outcome, start);
        if (!this.#mayRetry(failed)) throw failure(failed.type, failed.message, ...failed.details);
        await this.#waitBeforeRetry(failed.message, outcome);
      }
    } catch (error) {
      throw this.#fail(error);
    } finally {
      // A run that ends before it has a job is still findable by its connection id.
      setConnectionAttribute(this.#options.connectionId);
    }
  }

  /** Starts the job of an attempt. When another job already runs on the connection, `onRunning` decides what to do. */
  async #startJob(): Promise<Start> {
    for (;;) {
      if (this.#mustContinueAsNew()) await this.#continueAsNew();
      this.#state.update({ phase: 'starting', ...NO_JOB });
      const { kind, job } = await this.#trigger.findOrStart();
      this.#noteConnectionUrl(job);
      if (kind === 'own') return { kind, job };
      // The workflow was cancelled before it shared the other job, so it neither waits for that job nor cancels it.
      if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('The workflow was cancelled');
      switch (decideOnOtherJob(job, this.#options.onRunning)) {
        case 'attach':
          return { kind: 'attached', job };
        case 'skip':
          return { kind: 'skipped', job };
        case 'fail':
          throw failure('AirbyteConflict', describeOtherJob(job, this.#options));
        case 'wait':
          await this.#jobs.waitForOtherJob(job);
      }
    }
  }

  /**
   * Whether the history has become long, over thousands of attempts: Temporal terminates a workflow whose history is too long.
   * It is asked between two jobs, so that no wait is lost.
   */
  #mustContinueAsNew(): boolean {
    if (!isHistoryLong(workflowInfo()) || CancellationScope.current().consideredCancelled) return false;
    // Runs of earlier releases have gone on in the same history.
    return patched('sync-goes-on-in-another-run');
  }

  async #continueAsNew(): Promise<void> {
    const { attempt, lastFailure, connectionUrl } = this.#state.progress;
    const progress = { attempt, ...(lastFailure && { lastFailure }), ...(connectionUrl && { connectionUrl }) };
    await continueAsNew<typeof syncConnection>(this.#input, { deadline: this.#state.deadline, progress });
  }

  /** The worker reports the address of Airbyte's web app with each job. */
  #noteConnectionUrl({ webappUrl }: JobSnapshot): void {
    const { connectionId } = this.#options;
    const workspaceId = workflowInfo().typedSearchAttributes.get(keys.workspaceId);
    const connectionUrl = pageOf({ connectionId, workspaceId, webappUrl });
    if (connectionUrl !== undefined) this.#state.update({ connectionUrl });
  }

  async #waitForJob({ kind, job }: Start): Promise<JobOutcome> {
    const warnings = warnOfOtherJobType(job, this.#options);
    const found = { jobId: job.jobId, status: statusOf(job), attached: kind === 'attached' };
    this.#state.update({ phase: 'running', ...found, warnings });
    setJobAttributes(this.#options.connectionId, job);
    const outcome = await this.#jobs.waitUntilEnded(job);
    this.#countUnmeasured(outcome);
    return outcome;
  }

  /** Counts a job that succeeded without a count of its records, unless `unmeasured` accepts that. */
  #countUnmeasured(outcome: JobOutcome): void {
    const { jobType, unmeasured } = this.#options;
    if (isUnmeasured(outcome, this.#options) && unmeasured !== 'accept') countUnmeasured(jobType, unmeasured);
  }

  #mayRetry({ mayRetry }: FailedSync): boolean {
    return mayRetry && this.#state.progress.attempt !== this.#options.maximumAttempts;
  }

  async #waitBeforeRetry(lastFailure: string, outcome: JobOutcome): Promise<void> {
    this.#state.update({ phase: 'retrying', lastFailure });
    const { progress, deadline } = this.#state;
    const delayMs = retryDelayMs(progress.attempt);
    if (Date.now() + delayMs >= deadline) {
      throw this.#state.timedOut(`no time was left for another attempt after: ${lastFailure}`, outcome);
    }
    await sleep(delayMs, { summary: `Wait before attempt ${progress.attempt + 1}` });
    progress.attempt += 1;
  }

  #skip({ jobId }: JobSnapshot): SyncConnectionResult {
    this.#state.update({ phase: 'done', status: 'skipped', jobId });
    this.#count({ outcome: 'skipped' });
    return skippedSync(this.#options.connectionId, jobId);
  }

  #succeed(outcome: JobOutcome, { kind }: Start): SyncConnectionResult {
    const { connectionId } = this.#options;
    const { progress } = this.#state;
    const found = warningsOf(outcome, this.#options);
    for (const warning of found) log.warn(warning, { connectionId, jobId: outcome.jobId });
    const warnings = [...(progress.warnings ?? []), ...found];
    this.#state.update({ phase: 'done', ...(warnings.length > 0 && { warnings }) });
    this.#count({ outcome: 'succeeded' });
    const attached = kind === 'attached';
    return resultOf(outcome, { connectionId, attempts: progress.attempt, attached, warnings });
  }

  #fail(error: unknown): unknown {
    const end = toWorkflowFailure(error);
    // A run that continues as new has not ended the sync.
    if (end instanceof ContinueAsNew) return end;
    const { phase: outcome, failure } = describeFailure(end);
    this.#state.update({ phase: outcome, failure });
    this.#count({ outcome, ...(outcome === 'failed' && { failureType: failure.type }) });
    return end;
  }

  #count(end: Pick<SyncEnd, 'outcome' | 'failureType'>): void {
    const { jobType, timeout } = this.#options;
    const startedAt = this.#state.deadline - durationMs(timeout);
    countSync({ ...end, jobType, tookMs: Date.now() - startedAt });
  }
}

/** Reads the second argument if an earlier run of this sync has passed it, and no caller has set it. */
function readCarried(carried: unknown): CarriedSync | undefined {
  if (!isContinuedRun()) return undefined;
  const isOurs = isObject(carried) && isObject(carried['progress']) && typeof carried['deadline'] === 'number';
  return isOurs ? (carried as unknown as CarriedSync) : undefined;
}
