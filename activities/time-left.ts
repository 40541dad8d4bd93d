import { activityInfo } from '@temporalio/activity';

/** An attempt ends by itself before the activity's timeout: Temporal's own timeout would not say what it waited for. */
const RESERVED_MS = 5_000;
/** The reserved part of a timeout that is short. */
const RESERVED_SHARE = 0.25;

/** How long the activity may take, its retries included. A part of its timeout is reserved to report how it ended. */
export function timeLeftMs(): number {
  const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = activityInfo();
  const reservedMs = Math.min(RESERVED_MS, scheduleToCloseTimeoutMs * RESERVED_SHARE);
  return scheduledTimestampMs + scheduleToCloseTimeoutMs - reservedMs - Date.now();
}
