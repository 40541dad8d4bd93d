import { activityInfo } from '@temporalio/activity';

/** How long before its time is over an attempt gives up by itself: Temporal would not say what it waited for. */
const RESERVED_MS = 5_000;
/** Of a short time that would be all. */
const RESERVED_SHARE = 0.25;

/** How long the activity may go on, its retries included; a part is left to say how it ended. */
export function timeLeftMs(): number {
  const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = activityInfo();
  const early = Math.min(RESERVED_MS, scheduleToCloseTimeoutMs * RESERVED_SHARE);
  return scheduledTimestampMs + scheduleToCloseTimeoutMs - early - Date.now();
}
