/** The input of `syncConnection`, and its options as documents hold them. */
import { z } from 'zod';
import { airbyteIdSchema } from './airbyte-id';
import { durationSchema } from './duration';
import { STARTABLE_JOB_TYPES } from './job-types';
import { inputSchema } from './validation/input-schema';
import { schemaGetter } from './validation/schema-getter';
import { strictObject } from './validation/schema-problems';

const minimum = z.int().min(0, 'expected at least 0');

/** The limit of streams whose counts an outcome can list by name. */
const MAXIMUM_NAMED_STREAMS = 1_000;

const syncOptions = {
  jobType: z.enum(STARTABLE_JOB_TYPES).default('sync').describe('The type of job to run on the connection.'),
  onRunning: z
    .enum(['attach', 'queue', 'skip', 'fail'])
    .default('attach')
    .describe(
      'What to do when a job of the connection is already running: attach to that job, queue a job of our own after it, skip the sync, or fail.',
    ),
  timeout: durationSchema()
    .default('1h')
    .describe('How long to wait for the end of the job: 90m, 6h, 1 day, PT30M, or a number of milliseconds.'),
  onTimeout: z
    .enum(['cancel', 'leave'])
    .default('cancel')
    .describe('What to do with the job after the timeout: cancel it, or leave it running.'),
  stallTimeout: durationSchema()
    .optional()
    .describe(
      'Cancel the job and make another attempt, if there is one left, when nothing moves in it for so long: neither its status, nor its attempts, nor its counts of records and bytes. If left out, only the timeout applies.',
    ),
  maximumAttempts: z
    .int()
    .min(1, 'expected at least 1')
    .default(1)
    .describe('How many jobs to run at most until one succeeds. Within each job, Airbyte makes attempts of its own.'),
  minimumRecords: z
    .union(
      [
        minimum,
        strictObject({
          total: minimum.optional().describe('The minimum for all streams together.'),
          streams: z
            .record(z.string(), minimum)
            .refine((streams) => Object.keys(streams).length <= MAXIMUM_NAMED_STREAMS, {
              error: `expected at most ${MAXIMUM_NAMED_STREAMS} streams`,
            })
            .optional()
            .describe('The minimum for each stream, by its name or by <namespace>.<name>.'),
        }),
      ],
      { error: 'expected a whole number, or { total, streams }' },
    )
    .optional()
    .describe('Fail if a job succeeded with fewer records than this, or if Airbyte has not measured them.'),
  unmeasured: z
    .enum(['accept', 'warn', 'fail'])
    .default('warn')
    .describe('What to do if a sync succeeded and Airbyte has not measured its records: accept it, warn, or fail.'),
};

/** The schema of the options of one sync, which pipeline documents have under `sync`. */
export const syncOptionsSchema = schemaGetter(strictObject(syncOptions));

/** The schema of a connection's id. */
export const connectionIdSchema = schemaGetter(airbyteIdSchema('of a connection'));

/** The input of `syncConnection`. */
export const syncConnectionInputSchema = inputSchema(
  strictObject({
    connectionId: connectionIdSchema().describe('The id of the Airbyte connection.'),
    ...syncOptions,
  }),
);

/** The options of one sync with the defaults applied. */
export type SyncOptions = z.output<ReturnType<typeof syncOptionsSchema>>;
/** The input of `syncConnection` as a caller writes it: options with a default may be left out. */
export type SyncConnectionInput = z.input<ReturnType<typeof syncConnectionInputSchema>>;
/** The input of `syncConnection` with the defaults applied. */
export type SyncConnectionOptions = z.output<ReturnType<typeof syncConnectionInputSchema>>;

/**
 * Whether a running sync, by its input, runs the desired type of job. A caller who desires a reset must not attach to a
 * workflow that syncs.
 */
export function isSameJobType(running: unknown, desired: Pick<SyncConnectionOptions, 'jobType'>): boolean {
  return syncConnectionInputSchema().safeParse(running).data?.jobType === desired.jobType;
}
