import {
  ActivityFailure,
  type ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { describeDuration } from '../src/contract/duration';
import type { JobOutcome } from '../src/contract/job-outcome';
import type { SyncConnectionOptions } from '../src/contract/sync-options';
import type { SyncProgress } from '../src/contract/sync-progress';
import { syncDetails } from '../src/details/run-details';
import { failure, hasType, isTimeout, withContext } from './failures';

/** The state of a sync over all its attempts: what was asked of it, until when, and how it stands. */
export class SyncState {
  #phaseSince: Date | undefined;

  /**
   * @param deadline when the time of all attempts together is over; milliseconds since 1970
   * @param progress what the query returns
   */
  constructor(
    readonly options: SyncConnectionOptions,
    readonly deadline: number,
    readonly progress: SyncProgress,
  ) {}

  /** Changes the progress, and the details that the UI shows on the workflow's page. */
  update(change: Partial<SyncProgress>): void {
    if (this.#phaseSince === undefined || (change.phase ?? this.progress.phase) !== this.progress.phase) {
      this.#phaseSince = new Date();
    }
    Object.assign(this.progress, change);
    const { namespace, workflowId, runId } = workflowInfo();
    setCurrentDetails(syncDetails(this.progress, { namespace, workflowId, runId, phaseSince: this.#phaseSince }));
  }

  /** How long the sync may still take; at least 1, because Temporal reads a timeout of 0 as none. */
  get timeLeftMs(): number {
    return Math.max(this.deadline - Date.now(), 1);
  }

  /** The failure of a sync whose activities have not led to a job. An activity that failed because of a cancel is a cancellation. */
  notStarted(error: unknown, addition = ''): unknown {
    if (isCancellation(error)) return error;
    if (error instanceof ActivityFailure && CancellationScope.current().consideredCancelled) {
      return new CancelledFailure('The workflow was cancelled');
    }
    const isLate = isTimeout(error) || hasType(error, 'AirbyteSyncTimedOut');
    const within = isLate ? ` within ${describeDuration(this.options.timeout)}` : '';
    return withContext(`The ${this.#sync} was not started${within}${addition}`, error);
  }

  /** The failure of a sync whose time is over. */
  timedOut(what: string, details?: JobOutcome): ApplicationFailure {
    const took = `The ${this.#sync} took longer than ${describeDuration(this.options.timeout)}`;
    return failure('AirbyteSyncTimedOut', `${took}: ${what.replace(/[.…]?$/, '.')}`, details);
  }

  /** `sync of connection 0a1b…` */
  get #sync(): string {
    return `${this.options.jobType} of connection ${this.options.connectionId}`;
  }
}
