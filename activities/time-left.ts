import { activityInfo } from '@temporalio/activity';

/** How long before its time is over an attempt gives up by itself: Temporal would not say what it waited for. */
const GIVES_UP_BEFORE_MS = 5_000;
/** Of a short time that would be all. */
const GIVES_UP_BEFORE_SHARE = 0.25;

/** How long the activity may go on, its retries included; a part is left to say how it ended. */
export function timeLeftMs(): number {
  const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = activityInfo();
  const early = Math.min(GIVES_UP_BEFORE_MS, scheduleToCloseTimeoutMs * GIVES_UP_BEFORE_SHARE);
  return scheduledTimestampMs + scheduleToCloseTimeoutMs - early - Date.now();
}
