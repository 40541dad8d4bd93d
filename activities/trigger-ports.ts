import { activityInfo, Context, cancellationSignal, getClient, log } from '@temporalio/activity';
import { ActivityCancelledError } from '@temporalio/client';
import { sleep } from '../src/async/sleep';
import type { Lease, TriggerPorts } from '../src/jobs/trigger-ports';
import type { TriggerHeartbeat } from '../src/jobs/trigger-state';
import { isJobOfOtherWorkflow } from '../src/temporal/job-claims';
import { AttemptLease } from './attempt-lease';
import type { ActivityDependencies } from './dependencies';
import { reportHeartbeat } from './heartbeat';
import { timeLeftMs } from './time-left';

/** How long to wait for a cancellation that Temporal has already reported in its response to a heartbeat. */
const CANCELLATION_MS = 15_000;

/** What the start of a job needs of the running activity. */
export function triggerPorts({
  waits,
  onJobAdopted,
}: Pick<ActivityDependencies, 'waits' | 'onJobAdopted'>): TriggerPorts {
  const info = activityInfo();
  const { workflowExecution, taskQueue } = info;
  return {
    attempt: info.attempt,
    earlier: (info.heartbeatDetails as TriggerHeartbeat | undefined) ?? {},
    scheduledAtMs: info.scheduledTimestampMs,
    attemptScheduledAtMs: info.currentAttemptScheduledTimestampMs,
    timeLeftMs: timeLeftMs(),
    cancellation: cancellationSignal(),
    shutdown: shutdownSignal(),
    lease: leaseOfAttempt(),
    logger: log,
    report: reportHeartbeat,
    onAdopted: onJobAdopted,
    isJobOfOtherWorkflow: (jobId, connectionId) =>
      isJobOfOtherWorkflow(getClient(), { jobId, connectionId, runId: workflowExecution?.runId, taskQueue }, log),
    ...(waits && workflowExecution && { isWaitedForElsewhere: () => waits.areElsewhere(workflowExecution) }),
  };
}

function leaseOfAttempt(): Lease {
  const lease = new AttemptLease();
  return {
    get isInDoubt() {
      return lease.isInDoubt;
    },
    assertValid: () => lease.assertValid(),
    async renew(details, signal) {
      try {
        await lease.renew(details);
      } catch (error) {
        if (error instanceof ActivityCancelledError) await sleep(CANCELLATION_MS, signal);
        throw error;
      }
    },
  };
}

/** Aborted when the worker shuts down: another worker can continue what only waits. */
function shutdownSignal(): AbortSignal {
  const shutdown = new AbortController();
  const context = Context.current();
  const { cancellationSignal: cancelled } = context;
  const onCancelled = () => {
    if (context.cancellationDetails?.workerShutdown) shutdown.abort(cancelled.reason);
  };
  if (cancelled.aborted) onCancelled();
  else cancelled.addEventListener('abort', onCancelled, { once: true });
  return shutdown.signal;
}
