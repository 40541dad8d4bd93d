import { setTimeout } from 'node:timers/promises';
import { Context } from '@temporalio/activity';

/**
 * The part of `heartbeatTimeout` between two beats: one that is late by as much again kills nothing, and ten thousand
 * waiting syncs do not keep Temporal busy with their beats alone.
 */
const HEARTBEAT_INTERVAL_SHARE = 1 / 2;

const lastDetails = new WeakMap<Context, unknown>();

/** Tells Temporal how the activity stands: for the UI, and for the worker that goes on where this one died. */
export function reportHeartbeat(details: unknown): void {
  const context = Context.current();
  lastDetails.set(context, details);
  context.heartbeat(details);
}

/**
 * Beats between two computations that keep the thread for long, as those over a catalog of tens of thousands of streams do:
 * no timer beats meanwhile, and Temporal would take the worker for dead. Other activities get their turn, too.
 */
export async function heartbeatAndYield(): Promise<void> {
  const context = Context.current();
  context.heartbeat(lastDetails.get(context));
  await setTimeout(0);
}

/**
 * Runs an activity while Temporal hears that its worker lives: a dead worker is noticed within the activity's
 * `heartbeatTimeout`, not after the minutes that the call itself may take. The beats repeat what was last reported.
 */
export async function whileHeartbeating<T>(activity: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const { heartbeatTimeoutMs } = context.info;
  if (heartbeatTimeoutMs === undefined) return activity();
  // Until there is news, what the attempt before this one reported stays true.
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
