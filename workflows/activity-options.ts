import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { summary } from '../src/details/static-details';

/** Retries go on until the caller's time is over, so that a restart of Airbyte fails no workflow. */
const RETRY = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;

/** Longer than the longest request of the client (a discovery); each kind of request has its own timeout there. */
const CALL_TIMEOUT = '15m';

/** How soon Temporal notices that a worker has died during a call. */
const HEARTBEAT_TIMEOUT = '15s';
/** The same for a wait, of which one worker may have thousands, on workers that do not take over each other's waits. */
const WAIT_HEARTBEAT_TIMEOUT_MS = 60_000;
/**
 * Where workers do, the heartbeat timeout of a wait is only the last resort: half of the time of the wait, but at least this. So
 * the heartbeats which report the progress are enough, and their number does not grow with the time.
 */
const MINIMUM_LAST_RESORT_MS = 60 * 60_000;

const TRIGGER = {
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: RETRY,
  // The workflow waits for an activity that it cancels: it has to know what the activity has created or started.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;
const CALL = { ...TRIGGER, startToCloseTimeout: CALL_TIMEOUT } as const;

/** Well below the timeout of a workflow task, so that the worker need not extend the task, which costs events. */
const QUICK_CALL_MS = 4_000;

/**
 * When more activities are scheduled than the workers run at a time, Temporal starts those that stop a job first, and then
 * those that wait for running jobs. All others have Temporal's default, 3.
 */
const STOP_PRIORITY = { priorityKey: 1 };
const WAIT_PRIORITY = { priorityKey: 2 };

/**
 * The activities that call Airbyte's API.
 *
 * @param withinMs how long to retry
 * @param purpose what the call is for, in a few words: the UI shows it with the activity, here and below
 */
export function airbyteCalls(withinMs: number, purpose: string) {
  return proxyActivities<Activities>({ ...CALL, scheduleToCloseTimeout: withinMs, summary: summary(purpose) });
}

/**
 * Local activities: the worker that runs the workflow tries them once, for a few seconds, so that the call needs no task
 * and no free worker. A call that fails is made again with {@link airbyteCalls}.
 */
export function localCalls(withinMs: number, purpose: string) {
  return proxyLocalActivities<Pick<Activities, 'findLastJob'>>({
    scheduleToCloseTimeout: Math.min(withinMs, QUICK_CALL_MS),
    retry: { maximumAttempts: 1 },
    summary: summary(purpose),
  });
}

/**
 * The activity that starts a job. One attempt may take all the time there is, so that it keeps its position in the queue
 * for a slot; its heartbeats show whether its worker is alive.
 *
 * @param withinMs how long to retry
 */
export function jobStartCalls(withinMs: number, purpose: string) {
  return proxyActivities<Pick<Activities, 'triggerSync'>>({
    ...TRIGGER,
    scheduleToCloseTimeout: withinMs,
    summary: summary(purpose),
  });
}

/** The activities that stop a job, or a wait for one, which no caller wants any more. */
export function jobStopCalls(withinMs: number, purpose: string) {
  return proxyActivities<Pick<Activities, 'cancelJob' | 'cancelWait' | 'findFormerJob' | 'findTriggeredJob'>>({
    ...CALL,
    scheduleToCloseTimeout: withinMs,
    priority: STOP_PRIORITY,
    summary: summary(purpose),
  });
}

/**
 * The activity that waits for a job. The death or the shutdown of a worker is an attempt, and attempts are unlimited. The
 * workflow does not wait until a cancelled wait has ended: no worker may be running it.
 *
 * @param isTakenOver whether workers take over each other's waits
 */
export function jobWaitCalls(withinMs: number, purpose: string, isTakenOver: boolean) {
  return proxyActivities<Pick<Activities, 'waitForJob'>>({
    scheduleToCloseTimeout: withinMs,
    heartbeatTimeout: isTakenOver ? Math.max(withinMs / 2, MINIMUM_LAST_RESORT_MS) : WAIT_HEARTBEAT_TIMEOUT_MS,
    retry: RETRY,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    priority: WAIT_PRIORITY,
    summary: summary(purpose),
  });
}
