import { patched, workflowInfo } from '@temporalio/workflow';
import type { JobSnapshot } from '../src/contract/connection-job';
import { isContinuedRun } from './history-limit';

/**
 * Looks for the job that a sync has started before it was reset: at most once, and only in a run that goes on in place of one
 * that was reset, before this run starts a job.
 */
export class JobBeforeReset {
  private isOpen = true;

  constructor(private readonly look: () => Promise<JobSnapshot | null>) {}

  async find(): Promise<JobSnapshot | null> {
    if (!this.isOpen || !wasReset()) return null;
    this.isOpen = false;
    return this.look();
  }

  /** This run has started a job itself: what a run before it has started is over. */
  isOver(): void {
    this.isOpen = false;
  }
}

/**
 * Whether this run goes on in place of one that was reset: it has another id than the first of its runs, and none has handed
 * over to it. What its history has of before the reset is done again as it was.
 */
function wasReset(): boolean {
  const { runId, firstExecutionRunId } = workflowInfo();
  return runId !== firstExecutionRunId && !isContinuedRun() && patched('reset-sync-keeps-its-job');
}
