import { z } from 'zod';
import { jobIdSchema } from '../job-responses/raw-job-schemas';
import { CONNECTION_JOB_TYPES, type Job, mayHaveLateCounts } from '../jobs';
import { looseRecord, numberSchema } from '../schemas';

/** What the public API calls the Config API's kinds of job. */
const PUBLIC_JOB_TYPES: Record<(typeof CONNECTION_JOB_TYPES)[number], string> = {
  sync: 'sync',
  reset_connection: 'reset',
  refresh: 'refresh',
  clear: 'clear',
};

/** Undefined for a kind of job that runs on no connection: the public API does not show it. */
export function toPublicJobType(configType: string): string | undefined {
  const known = CONNECTION_JOB_TYPES.find((type) => type === configType);
  return known && PUBLIC_JOB_TYPES[known];
}

function toConfigType(jobType: string): string {
  return CONNECTION_JOB_TYPES.find((configType) => PUBLIC_JOB_TYPES[configType] === jobType) ?? jobType;
}

/** Times come as ISO 8601 with a zone; some servers gave seconds. */
const timestampSchema = z.union([numberSchema, z.string()]);

/** A job as the public API shows it: without attempts, logs and reasons. */
export const publicJobSchema: z.ZodType<Job> = looseRecord({
  jobId: jobIdSchema,
  connectionId: z.string().optional(),
  jobType: z.string().default('sync'),
  status: z.string(),
  /** When the job was created. */
  startTime: timestampSchema.optional(),
  /** Only of a job that has ended. */
  lastUpdatedAt: timestampSchema.optional(),
  /** From its creation to its last change, ISO 8601; not of a pending job. */
  duration: z.string().optional(),
  /** Left out where the server has not counted. */
  rowsSynced: numberSchema.optional(),
  bytesSynced: numberSchema.optional(),
}).transform(({ jobId, connectionId, jobType, status, rowsSynced, bytesSynced, ...times }) => {
  const createdAt = secondsOf(times.startTime);
  const lasted = status === 'pending' ? 0 : secondsOfDuration(times.duration);
  const changedAt = createdAt === undefined || lasted === undefined ? undefined : createdAt + lasted;
  const configType = toConfigType(jobType);
  return {
    jobId,
    connectionId,
    jobType: configType,
    status,
    createdAt,
    updatedAt: secondsOf(times.lastUpdatedAt) ?? changedAt,
    recordsSynced: rowsSynced,
    bytesSynced,
    // Before anything was counted, this API says 0.
    ...(mayHaveLateCounts(configType, status) && { countsMayFollow: rowsSynced ? 'may grow' : 'within a minute' }),
    attempts: [],
  };
});

function secondsOf(moment: string | number | undefined): number | undefined {
  if (moment === undefined || typeof moment === 'number') return moment;
  const milliseconds = Date.parse(moment);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1_000;
}

/** `PT8H6M12S`, as Java writes the time between two moments: never in days. */
function secondsOfDuration(duration: string | undefined): number | undefined {
  const [matched, hours = 0, minutes = 0, seconds = 0] =
    /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(duration ?? '') ?? [];
  return matched === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}
