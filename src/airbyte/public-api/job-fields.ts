import { z } from 'zod';
import { jobIdSchema } from '../job-responses/raw-job-schemas';
import { CONNECTION_JOB_TYPES, type Job, mayHaveLateCounts } from '../jobs';
import { looseRecord, numberSchema } from '../schemas';

/** The public API's names of the Config API's kinds of job. */
const PUBLIC_JOB_TYPES: Record<(typeof CONNECTION_JOB_TYPES)[number], string> = {
  sync: 'sync',
  reset_connection: 'reset',
  refresh: 'refresh',
  clear: 'clear',
};

/** Undefined for a kind of job that does not run on a connection, because the public API does not show it. */
export function toPublicJobType(configType: string): string | undefined {
  const known = CONNECTION_JOB_TYPES.find((type) => type === configType);
  return known && PUBLIC_JOB_TYPES[known];
}

function toConfigType(jobType: string): string {
  return CONNECTION_JOB_TYPES.find((configType) => PUBLIC_JOB_TYPES[configType] === jobType) ?? jobType;
}

/** ISO 8601 with a zone; some servers send seconds. */
const timestampSchema = z.union([numberSchema, z.string()]);

/** Reads a job of the public API, which has no attempts, logs and reasons. */
export const publicJobSchema: z.ZodType<Job> = looseRecord({
  jobId: jobIdSchema,
  connectionId: z.string().optional(),
  jobType: z.string().default('sync'),
  status: z.string(),
  /** When the job was created. */
  startTime: timestampSchema.optional(),
  /** Only for a job that has ended. */
  lastUpdatedAt: timestampSchema.optional(),
  /** From the creation of the job to its last change, as an ISO 8601 duration; not for a pending job. */
  duration: z.string().optional(),
  /** Left out if the server has not counted the rows. */
  rowsSynced: numberSchema.optional(),
  bytesSynced: numberSchema.optional(),
}).transform(({ jobId, connectionId, jobType, status, rowsSynced, bytesSynced, ...times }) => {
  const createdAt = secondsOf(times.startTime);
  const durationSeconds = status === 'pending' ? 0 : secondsOfDuration(times.duration);
  const lastChangeAt =
    createdAt === undefined || durationSeconds === undefined ? undefined : createdAt + durationSeconds;
  const configType = toConfigType(jobType);
  return {
    jobId,
    connectionId,
    jobType: configType,
    status,
    createdAt,
    updatedAt: secondsOf(times.lastUpdatedAt) ?? lastChangeAt,
    recordsSynced: rowsSynced,
    bytesSynced,
    // This API shows 0 until the server has counted the rows.
    ...(mayHaveLateCounts(configType, status) && { countsMayFollow: rowsSynced ? 'may grow' : 'within a minute' }),
    attempts: [],
  };
});

function secondsOf(time: string | number | undefined): number | undefined {
  if (time === undefined || typeof time === 'number') return time;
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1_000;
}

/** `PT8H6M12S`, as Java formats a duration: it never uses days. */
function secondsOfDuration(duration: string | undefined): number | undefined {
  const [matched, hours = 0, minutes = 0, seconds = 0] =
    /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(duration ?? '') ?? [];
  return matched === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}
