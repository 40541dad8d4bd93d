import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { summary } from '../src/details/static-details';

/** Retries go on until the caller's time is over: an Airbyte that restarts fails nothing. */
const RETRY = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;

/** Longer than the longest call the client makes (a discovery); each kind of call has its own time-out there. */
const CALL_TIMEOUT = '15m';

/** How soon the death of a worker is noticed while it makes a call. */
const HEARTBEAT_TIMEOUT = '15s';
/** The same for the waiting, of which one worker may have thousands. */
const WAIT_HEARTBEAT_TIMEOUT = '60s';

const TRIGGER = {
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: RETRY,
  // A call that is under way is waited for: what it creates or starts must not stay behind unknown.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;
const CALL = { ...TRIGGER, startToCloseTimeout: CALL_TIMEOUT } as const;

/** Well within the time of a workflow task, so that the task is not prolonged, event by event, for the sake of a call. */
const QUICK_CALL_MS = 4_000;

/**
 * Where more calls are to be made than workers take on at once, what stops a job goes first, and then
 * the waiting for jobs that run; Temporal's default, for all else, is 3.
 */
const STOP_PRIORITY = { priorityKey: 1 };
const WAIT_PRIORITY = { priorityKey: 2 };

/**
 * The calls of Airbyte's API.
 *
 * @param withinMs how long to go on trying
 * @param purpose what the call is for, in a few words: the UI shows it beside the activity, here and below
 */
export function airbyteCalls(withinMs: number, purpose: string) {
  return proxyActivities<Activities>({ ...CALL, scheduleToCloseTimeout: withinMs, summary: summary(purpose) });
}

/**
 * Calls that are tried once, and quickly, by the worker that has the workflow: nothing is scheduled, and nobody waits for
 * a free worker. What does not come off is tried again with {@link airbyteCalls}.
 */
export function localCalls(withinMs: number, purpose: string) {
  return proxyLocalActivities<Pick<Activities, 'findLastJob'>>({
    scheduleToCloseTimeout: Math.min(withinMs, QUICK_CALL_MS),
    retry: { maximumAttempts: 1 },
    summary: summary(purpose),
  });
}

/**
 * Starts a job. An attempt may take as long as the whole: it keeps its turn among those that wait for a place, and its
 * heartbeat tells when its worker has died.
 *
 * @param withinMs how long to go on trying
 */
export function jobStartCalls(withinMs: number, purpose: string) {
  return proxyActivities<Pick<Activities, 'triggerSync'>>({
    ...TRIGGER,
    scheduleToCloseTimeout: withinMs,
    summary: summary(purpose),
  });
}

/** The calls that stop a job which nobody wants any more. */
export function jobStopCalls(withinMs: number, purpose: string) {
  return proxyActivities<Pick<Activities, 'cancelJob' | 'findTriggeredJob'>>({
    ...CALL,
    scheduleToCloseTimeout: withinMs,
    priority: STOP_PRIORITY,
    summary: summary(purpose),
  });
}

/** Waits for a job, over as many workers as it takes: their deaths and shutdowns are retries, which never run out. */
export function jobWaitCalls(withinMs: number, purpose: string) {
  return proxyActivities<Pick<Activities, 'waitForJob'>>({
    scheduleToCloseTimeout: withinMs,
    heartbeatTimeout: WAIT_HEARTBEAT_TIMEOUT,
    retry: RETRY,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    priority: WAIT_PRIORITY,
    summary: summary(purpose),
  });
}
