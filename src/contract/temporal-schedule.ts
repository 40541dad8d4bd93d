import { z } from 'zod';
import { temporalCronProblem } from '../text/cron';
import { durationSchema, parseDuration } from './duration';
import { type SyncOptions, syncOptionsSchema } from './sync-options';
import { timeZoneSchema } from './time-zone';
import { schemaGetter } from './validation/schema-getter';
import { strictObject } from './validation/schema-problems';

/**
 * What Temporal does when a run is due while the schedule's last one is still going; its `ScheduleOverlapPolicy`.
 *
 * - `skip`: nothing; the next time is the next chance.
 * - `bufferOne`: starts one run when that one has ended, however many were due meanwhile.
 * - `bufferAll`: starts each of them, one after the other.
 * - `cancelOther`: cancels the run, and with it its job in Airbyte, then starts the new one.
 * - `terminateOther`: ends the run without a word to Airbyte. Its job goes on, and is what the new run finds running.
 * - `allowAll`: starts the new run beside it. With `onRunning: attach` both wait for the one job, with `queue` the new one
 *   runs a job of its own afterwards, with `skip` and `fail` it ends at once.
 *
 * Only the schedule's own runs count here. A sync that somebody has started by hand, or in Airbyte, is met by the run
 * itself, as its `onRunning` says: no policy starts a second job beside one that runs.
 */
export const OVERLAP_POLICIES = [
  'skip',
  'bufferOne',
  'bufferAll',
  'cancelOther',
  'terminateOther',
  'allowAll',
] as const;

export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** What a Temporal server makes of anything shorter (`MinCatchupWindow` in its service/worker/scheduler/workflow.go). */
const SHORTEST_CATCH_UP_WINDOW_MS = 10_000;

/** A duration of Temporal's scheduler, which counts in seconds. */
const wholeSecondsSchema = durationSchema().refine((duration) => (parseDuration(duration)?.ms ?? 0) % 1000 === 0, {
  error: "expected whole seconds: Temporal's scheduler knows no parts of one",
});

const policies = {
  by: z.literal('temporal').describe("Temporal starts the syncs; the connection's schedule in Airbyte is manual."),
  jitter: wholeSecondsSchema
    .optional()
    .describe('Each run starts later by a random time up to this, so that not all start at once. Left out: none.'),
  overlap: z
    .enum(OVERLAP_POLICIES)
    .default('skip')
    .describe(
      "What to do when a run is due while the schedule's last one is still going: skip it; start it afterwards (bufferOne, or " +
        'bufferAll for each that was due); cancel the one that runs (cancelOther); terminate it, which leaves its Airbyte job ' +
        'running (terminateOther); or start it all the same (allowAll), to share the running job as onRunning says.',
    ),
  catchUpWindow: wholeSecondsSchema
    .refine((duration) => (parseDuration(duration)?.ms ?? 0) >= SHORTEST_CATCH_UP_WINDOW_MS, {
      error: 'expected 10 seconds or more, the shortest that Temporal takes',
    })
    .default('365 days')
    .describe('Runs that were missed because Temporal was down are made up for when they are not older than this.'),
  pauseOnFailure: z.boolean().default(false).describe('Pause the schedule when a run has failed.'),
  sync: syncOptionsSchema()
    .optional()
    .describe("The options of each run; left out: those of the document's sync, and where that is false the defaults."),
};

/** Temporal watches how a run ends only where at most one is to run. */
function rejectUnwatchedPause(
  { overlap, pauseOnFailure }: { overlap: OverlapPolicy; pauseOnFailure: boolean },
  context: z.RefinementCtx,
): void {
  if (!pauseOnFailure || overlap !== 'allowAll') return;
  const message = 'has no effect with overlap: allowAll, whose runs Temporal does not watch';
  context.addIssue({ code: 'custom', path: ['pauseOnFailure'], message });
}

/** Runs at an interval. */
const temporalIntervalSchema = strictObject({
  ...policies,
  every: wholeSecondsSchema.describe(
    'The time between two runs: 30m, 6h, 1 day, PT6H. 6h is 0:00, 6:00, 12:00 and 18:00 UTC.',
  ),
}).superRefine(rejectUnwatchedPause);

/** Runs at the times of a cron expression. */
const temporalCronSchema = strictObject({
  ...policies,
  cron: z
    .string()
    .superRefine((text, context) => {
      const message = temporalCronProblem(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .describe(
      "A crontab's expression: minute, hour, day of month, month, day of week; a sixth field is the year, and of seven the " +
        "first is the second. '0 */6 * * *' is every six hours. All fields must match.",
    ),
  timeZone: timeZoneSchema().default('UTC').describe('The time zone of the expression, such as Europe/Paris.'),
}).superRefine(rejectUnwatchedPause);

/** When Temporal starts a connection's syncs, as a pipeline document or the options of a command say. */
export const temporalScheduleSchema = schemaGetter(
  z.union([temporalIntervalSchema, temporalCronSchema], { error: "expected { every: 6h } or { cron: '0 */6 * * *' }" }),
);

/** A checked schedule with its defaults, and with the options of its runs. */
export type TemporalSchedule = z.output<ReturnType<typeof temporalScheduleSchema>> & { sync: SyncOptions };
