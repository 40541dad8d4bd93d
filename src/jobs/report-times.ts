/** When the first reports of a wait are due, in milliseconds since it began. */
const FIRST_REPORTS_MS = [10_000, 90_000, 10 * 60_000, 60 * 60_000];
/** By which factor the time waited grows from each later report to the next. */
const GROWTH = 1.5;

/**
 * When the next report of a wait to Temporal is due. Temporal Cloud bills each report, so their number grows with the logarithm
 * of the time: one in the first minute, 4 in an hour, 11 in a day.
 *
 * @param waitedMs since the wait began
 * @returns in milliseconds since the wait began
 */
export function nextReportMs(waitedMs: number): number {
  let next = FIRST_REPORTS_MS.find((dueMs) => dueMs > waitedMs) ?? FIRST_REPORTS_MS.at(-1) ?? 0;
  while (next <= waitedMs) next *= GROWTH;
  return next;
}
