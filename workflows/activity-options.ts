import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';

/** Retries go on until the caller's time is over: an Airbyte that restarts fails nothing. */
const RETRY = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;

/** Longer than the longest call the client makes (a discovery); each kind of call has its own time-out there. */
const LONGEST_CALL = '15m';

/** How soon the death of a worker is noticed while it makes a call. */
const HEARTBEAT_TIMEOUT = '15s';
/** The same for the waiting, of which one worker may have thousands. */
const WAIT_HEARTBEAT_TIMEOUT = '20s';

const TRIGGER = {
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: RETRY,
  // A call that is under way is waited for: what it creates or starts must not stay behind unknown.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;
const CALL = { ...TRIGGER, startToCloseTimeout: LONGEST_CALL } as const;

/**
 * Where thousands of calls queue, because a limit lets few of them go at a time, what stops a job goes first, and then
 * the waiting for jobs that run; Temporal's default, for all else, is 3.
 */
const STOPPING_FIRST = { priorityKey: 1 };
const WAITING_NEXT = { priorityKey: 2 };

/**
 * The calls of Airbyte's API.
 *
 * @param withinMs how long to go on trying
 */
export function airbyteCalls(withinMs: number) {
  return proxyActivities<Activities>({ ...CALL, scheduleToCloseTimeout: withinMs });
}

/**
 * Starts a job. An attempt may take as long as the whole: it keeps its turn among those that wait for a place, and its
 * heartbeat tells when its worker has died.
 *
 * @param withinMs how long to go on trying
 */
export function jobStarting(withinMs: number) {
  return proxyActivities<Pick<Activities, 'triggerSync'>>({ ...TRIGGER, scheduleToCloseTimeout: withinMs });
}

/** The calls that stop a job which nobody wants any more. */
export function stoppingCalls(withinMs: number, summary: string) {
  return proxyActivities<Pick<Activities, 'cancelJob' | 'findTriggeredJob'>>({
    ...CALL,
    scheduleToCloseTimeout: withinMs,
    priority: STOPPING_FIRST,
    summary,
  });
}

/** Waits for a job, over as many workers as it takes: their deaths and shutdowns are retries, which never run out. */
export function jobWaiting(withinMs: number, summary: string) {
  return proxyActivities<Pick<Activities, 'waitForJob'>>({
    scheduleToCloseTimeout: withinMs,
    heartbeatTimeout: WAIT_HEARTBEAT_TIMEOUT,
    retry: RETRY,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    priority: WAITING_NEXT,
    summary,
  });
}
