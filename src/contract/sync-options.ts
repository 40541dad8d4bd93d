import { z } from 'zod';
import { airbyteIdSchema } from './airbyte-id';
import { durationSchema } from './duration';
import { STARTABLE_JOB_TYPES } from './job-types';
import { inputSchema } from './validation/input-schema';
import { schemaGetter } from './validation/schema-getter';
import { strictObject } from './validation/schema-problems';

const minimum = z.int().min(0, 'expected at least 0');

/** More are not told by name in the result of a sync. */
const MAXIMUM_NAMED_STREAMS = 1_000;

const syncOptions = {
  jobType: z.enum(STARTABLE_JOB_TYPES).default('sync').describe('The kind of job to run on the connection.'),
  onRunning: z
    .enum(['attach', 'queue', 'skip', 'fail'])
    .default('attach')
    .describe(
      'What to do when a job of the connection is already running: wait for that one, run ours after it, do nothing, or fail.',
    ),
  timeout: durationSchema()
    .default('1h')
    .describe('How long to wait for the job to end: 90m, 6h, 1 day, PT30M, or a number of milliseconds.'),
  onTimeout: z
    .enum(['cancel', 'leave'])
    .default('cancel')
    .describe('What becomes of the job when the timeout is over: it is cancelled, or left running.'),
  maximumAttempts: z
    .int()
    .min(1, 'expected at least 1')
    .default(1)
    .describe('How many jobs to run at most until one succeeds. Airbyte itself retries inside a job.'),
  minimumRecords: z
    .union(
      [
        minimum,
        strictObject({
          total: minimum.optional().describe('For all streams together.'),
          streams: z
            .record(z.string(), minimum)
            .refine((streams) => Object.keys(streams).length <= MAXIMUM_NAMED_STREAMS, {
              error: `expected at most ${MAXIMUM_NAMED_STREAMS} streams`,
            })
            .optional()
            .describe('For each stream by its name, or by <namespace>.<name>.'),
        }),
      ],
      { error: 'expected a whole number, or { total, streams }' },
    )
    .optional()
    .describe('Fail when a job that succeeded has synced fewer records than this, or Airbyte has not measured them.'),
  unmeasured: z
    .enum(['accept', 'warn', 'fail'])
    .default('warn')
    .describe('What to do when a sync succeeded and Airbyte has not measured what it moved: nothing, warn, or fail.'),
};

/** The options of one sync, as a pipeline document holds them under `sync`. */
export const syncOptionsSchema = schemaGetter(strictObject(syncOptions));

/** The id of a connection, which becomes a part of workflow ids. */
export const connectionIdSchema = schemaGetter(airbyteIdSchema('of a connection'));

/** What `syncConnection` takes. */
export const syncConnectionInputSchema = inputSchema(
  strictObject({
    connectionId: connectionIdSchema().describe('The id of the Airbyte connection.'),
    ...syncOptions,
  }),
);

/** The options of one sync with the defaults applied. */
export type SyncOptions = z.output<ReturnType<typeof syncOptionsSchema>>;
/** What a caller of `syncConnection` writes: the connection, and the options that are not the defaults. */
export type SyncConnectionInput = z.input<ReturnType<typeof syncConnectionInputSchema>>;
/** The input of `syncConnection` with the defaults applied. */
export type SyncConnectionOptions = z.output<ReturnType<typeof syncConnectionInputSchema>>;

/**
 * Whether a sync that was started with an input does what another one wants: the same kind of job. Following a sync is no
 * substitute for a reset.
 */
export function isSameJobType(running: unknown, wanted: Pick<SyncConnectionOptions, 'jobType'>): boolean {
  return syncConnectionInputSchema().safeParse(running).data?.jobType === wanted.jobType;
}
