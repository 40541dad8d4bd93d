/** A schedule by which Temporal starts the syncs of a connection, or a fleet. */
import { z } from 'zod';
import { temporalCronProblem } from '../text/cron';
import { durationSchema, parseDuration } from './duration';
import { type SyncOptions, syncOptionsSchema } from './sync-options';
import { timeZoneSchema } from './time-zone';
import { schemaGetter } from './validation/schema-getter';
import { strictObject } from './validation/schema-problems';

/**
 * What Temporal does when a run is due while the schedule's previous run is still running: its `ScheduleOverlapPolicy`.
 *
 * - `skip`: skips the new run.
 * - `bufferOne`: starts one run after the running one has ended, no matter how many were due.
 * - `bufferAll`: starts all runs that were due, one after the other.
 * - `cancelOther`: cancels the running one and its job in Airbyte, then starts the new run.
 * - `terminateOther`: terminates the running one. Its job in Airbyte continues, and the new run finds it running.
 * - `allowAll`: starts the new run in parallel. With `onRunning: attach`, both wait for the same job; with `queue`, the new run
 *   starts its own job afterwards; with `skip` and `fail`, it ends immediately.
 *
 * A policy concerns only the schedule's own runs. When a caller or Airbyte has started a sync of the connection, the run
 * does what its `onRunning` says. No policy starts a second job while one is running.
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

/** Temporal's server replaces shorter windows with this (`MinCatchupWindow` in its service/worker/scheduler/workflow.go). */
const SHORTEST_CATCH_UP_WINDOW_MS = 10_000;

/** A duration in whole seconds, the precision of Temporal's scheduler. */
const wholeSecondsSchema = durationSchema().refine((duration) => (parseDuration(duration)?.ms ?? 0) % 1000 === 0, {
  error: "expected whole seconds, because Temporal's scheduler supports no fractions of a second",
});

const policies = {
  jitter: wholeSecondsSchema
    .optional()
    .describe(
      'Delays each run by a random time up to this, so that the runs of many schedules do not start at the same time. If left out, there is no delay.',
    ),
  overlap: z
    .enum(OVERLAP_POLICIES)
    .default('skip')
    .describe(
      "What to do when a run is due while the schedule's previous run is still running: skip the new run; start one run " +
        'afterwards (bufferOne), or all that were due (bufferAll); cancel the running one (cancelOther); terminate it, which ' +
        'leaves its Airbyte job running (terminateOther); or start the new run in parallel (allowAll), with onRunning for the running job.',
    ),
  catchUpWindow: wholeSecondsSchema
    .refine((duration) => (parseDuration(duration)?.ms ?? 0) >= SHORTEST_CATCH_UP_WINDOW_MS, {
      error: 'expected at least 10 seconds, the minimum of Temporal',
    })
    .default('365 days')
    .describe('Temporal starts runs that it missed while it was down, if they are not older than this.'),
  pauseOnFailure: z.boolean().default(false).describe('Pause the schedule after a run has failed.'),
};

const interval = {
  every: wholeSecondsSchema.describe(
    'The time between two runs: 30m, 6h, 1 day, PT6H. 6h means 0:00, 6:00, 12:00 and 18:00 UTC.',
  ),
};

const cronExpression = {
  cron: z
    .string()
    .superRefine((text, context) => {
      const message = temporalCronProblem(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .describe(
      'A cron expression as in a crontab: minute, hour, day of month, month, day of week. A sixth field is the year; with ' +
        "seven fields, the first is the second. '0 */6 * * *' is every six hours. All fields must match.",
    ),
  timeZone: timeZoneSchema().default('UTC').describe('The time zone of the expression, such as Europe/Paris.'),
};

const EXPECTED = "expected { every: 6h } or { cron: '0 */6 * * *' }";

/** With `allowAll`, Temporal does not observe how runs end, so it would never pause the schedule. */
function rejectUnwatchedPause(
  { overlap, pauseOnFailure }: { overlap: OverlapPolicy; pauseOnFailure: boolean },
  context: z.RefinementCtx,
): void {
  if (!pauseOnFailure || overlap !== 'allowAll') return;
  const message =
    'has no effect with overlap: allowAll, because Temporal does not observe how those runs end; remove one of them';
  context.addIssue({ code: 'custom', path: ['pauseOnFailure'], message });
}

const ofConnection = {
  by: z.literal('temporal').describe("Temporal starts the syncs; the connection's schedule in Airbyte is manual."),
  ...policies,
  sync: syncOptionsSchema()
    .optional()
    .describe(
      "The sync options of each run. If left out: those of the document's sync or, if that is false, the defaults.",
    ),
};

/** The schema of a schedule by which Temporal starts a connection's syncs, in a document or from a command's options. */
export const temporalScheduleSchema = schemaGetter(
  z.union(
    [
      strictObject({ ...ofConnection, ...interval }).superRefine(rejectUnwatchedPause),
      strictObject({ ...ofConnection, ...cronExpression }).superRefine(rejectUnwatchedPause),
    ],
    { error: EXPECTED },
  ),
);

/** A checked schedule with its defaults applied, and with the sync options of its runs. */
export type TemporalSchedule = z.output<ReturnType<typeof temporalScheduleSchema>> & { sync: SyncOptions };

const ofFleet = {
  by: z.literal('temporal').default('temporal').describe('Temporal starts the fleet; Airbyte knows no fleets.'),
  ...policies,
  overlap: policies.overlap.describe(
    "What to do when a run is due while the schedule's previous run is still running: skip the new run; start one run " +
      'afterwards (bufferOne), or all that were due (bufferAll); cancel the running one and its jobs (cancelOther); terminate it, ' +
      'which cancels its syncs without waiting for their ends (terminateOther); or start the new run in parallel (allowAll), with onRunning for the running jobs.',
  ),
};

/** The schema of a schedule by which Temporal starts a fleet: the options of its syncs are in the rest of the fleet's document. */
export const fleetScheduleSchema = schemaGetter(
  z.union(
    [
      strictObject({ ...ofFleet, ...interval }).superRefine(rejectUnwatchedPause),
      strictObject({ ...ofFleet, ...cronExpression }).superRefine(rejectUnwatchedPause),
    ],
    { error: EXPECTED },
  ),
);

/** A checked schedule of a fleet; the schedule of a connection has the options of its syncs too. */
export type FleetSchedule = z.output<ReturnType<typeof fleetScheduleSchema>>;
