import { setTimeout } from 'node:timers/promises';
import { Context } from '@temporalio/activity';

/**
 * The share of `heartbeatTimeout` between two heartbeats. A heartbeat may be late by the same time again, and the heartbeats of
 * ten thousand waiting syncs do not overload Temporal.
 */
const HEARTBEAT_INTERVAL_SHARE = 1 / 2;

const lastDetails = new WeakMap<Context, unknown>();

/** Reports the state of the activity to Temporal, for the UI and for the next attempt. */
export function reportHeartbeat(details: unknown): void {
  const context = Context.current();
  lastDetails.set(context, details);
  context.heartbeat(details);
}

/**
 * Sends a heartbeat and lets other activities run, between two computations that occupy the thread for long, such as those over
 * a catalog of tens of thousands of streams. During such a computation no timer sends a heartbeat, and without one Temporal
 * would assume that the worker died.
 */
export async function heartbeatAndYield(): Promise<void> {
  const context = Context.current();
  context.heartbeat(lastDetails.get(context));
  await setTimeout(0);
}

/**
 * Sends heartbeats while an activity runs, so that Temporal notices a dead worker within the activity's `heartbeatTimeout` and
 * not after the minutes that the call may take. Each heartbeat repeats the last report.
 */
export async function whileHeartbeating<T>(activity: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const { heartbeatTimeoutMs } = context.info;
  if (heartbeatTimeoutMs === undefined) return activity();
  // Until this attempt reports something, the report of the attempt before it stays valid.
  lastDetails.set(context, context.info.heartbeatDetails);
  const timer = setInterval(
    () => context.heartbeat(lastDetails.get(context)),
    heartbeatTimeoutMs * HEARTBEAT_INTERVAL_SHARE,
  );
  try {
    return await activity();
  } finally {
    clearInterval(timer);
  }
}
