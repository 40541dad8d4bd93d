/** The schedule of a document: when a connection's syncs start, and whether Airbyte or Temporal starts them. */
import { z } from 'zod';
import { quartzCronProblem } from '../text/cron';
import { durationSchema, parseDuration } from './duration';
import { type TemporalSchedule, temporalScheduleSchema } from './temporal-schedule';
import { isUtc, timeZoneSchema } from './time-zone';
import { schemaGetter } from './validation/schema-getter';
import { strictObject } from './validation/schema-problems';

const MINUTE_MS = 60_000;

const by = z.literal('airbyte').optional().describe('Who starts the syncs: airbyte (the default) or temporal.');

const basicScheduleSchema = strictObject({
  by,
  every: durationSchema()
    .refine((every) => (parseDuration(every)?.ms ?? 0) % MINUTE_MS === 0, {
      error: 'expected whole minutes, because Airbyte supports no seconds',
    })
    .describe('The time between two syncs, in whole minutes: 30m, 6h, 1 day, PT6H.'),
});

const cronScheduleSchema = strictObject({
  by,
  cron: z
    .string()
    .superRefine((text, context) => {
      const message = quartzCronProblem(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .describe("A Quartz expression of 6 or 7 fields, seconds first: '0 0 */6 * * ?' is every six hours."),
  timeZone: timeZoneSchema()
    .refine((name) => !name.startsWith('Etc/') || isUtc(name), {
      error:
        'Airbyte accepts no Etc zone but UTC: use a zone such as Europe/Paris, or let Temporal start the syncs (by: temporal)',
    })
    .default('UTC')
    .describe('The time zone of the expression, such as Europe/Paris.'),
});

const alternatives = [z.literal('manual'), basicScheduleSchema, cronScheduleSchema] as const;

/** The schema of a schedule by which Airbyte starts the connection's syncs. */
export const airbyteScheduleSchema = schemaGetter(
  z.union(alternatives, { error: "expected manual, { every: 6h } or { cron: '0 0 */6 * * ?', timeZone: UTC }" }),
);

/** The schema of a document's schedule. */
export const scheduleSchema = schemaGetter(
  z.union([...alternatives, ...temporalScheduleSchema().options], {
    error:
      "expected manual, { every: 6h } or { cron: '0 0 */6 * * ?', timeZone: UTC }; with by: temporal also jitter, overlap, " +
      "catchUpWindow and pauseOnFailure, and cron expressions of a crontab: { cron: '0 */6 * * *', by: temporal }",
  }),
);

export type AirbyteManagedSchedule = z.output<ReturnType<typeof airbyteScheduleSchema>>;
/** The schedule of a checked document. */
export type PipelineSchedule = AirbyteManagedSchedule | TemporalSchedule;

/** Whether Temporal starts the connection's syncs. */
export function isTemporalSchedule(schedule: PipelineSchedule): schedule is TemporalSchedule {
  return schedule !== 'manual' && schedule.by === 'temporal';
}
