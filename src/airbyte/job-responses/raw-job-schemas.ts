import { z } from 'zod';
import { failureReasonSchema, looseRecord, numberSchema } from '../schemas';

/*
 * Jobs as the Config API and the user's reference show them, before they are made one of the forms into the other.
 */

/** A whole number; one that a gateway turned into a string is understood too. */
export const jobIdSchema = numberSchema.pipe(z.number().int().nonnegative());

const statsShape = {
  recordsEmitted: numberSchema.optional(),
  bytesEmitted: numberSchema.optional(),
  recordsCommitted: numberSchema.optional(),
  bytesCommitted: numberSchema.optional(),
  recordsRejected: numberSchema.optional(),
};
const statsSchema = looseRecord(statsShape);
/** What was counted of an attempt, a stream or a job. A count that is left out was not made. */
export type RawStats = Pick<z.infer<typeof statsSchema>, keyof typeof statsShape>;

const rawAttemptSchema = looseRecord({
  /** The number of the attempt, from 0. Some servers of old show attempts without one. */
  id: numberSchema.pipe(z.number().int()).optional(),
  status: z.string().optional(),
  createdAt: numberSchema.optional(),
  endedAt: numberSchema.optional(),
  recordsSynced: numberSchema.optional(),
  bytesSynced: numberSchema.optional(),
  totalStats: statsSchema.optional(),
  streamStats: z
    .array(
      looseRecord({ streamName: z.string(), streamNamespace: z.string().optional(), stats: statsSchema.default({}) }),
    )
    .optional(),
  failureSummary: looseRecord({
    failures: z.array(failureReasonSchema).optional(),
    partialSuccess: z.boolean().optional(),
  }).optional(),
});
export type RawAttempt = z.infer<typeof rawAttemptSchema>;

const logsSchema = looseRecord({
  logLines: z.array(z.string()).optional(),
  events: z.array(looseRecord({ message: z.string().optional(), level: z.string().optional() })).optional(),
});
export type RawLogs = z.infer<typeof logsSchema>;

/** `jobs/get` nests `{ attempt, logs }`, `jobs/list` gives the attempt itself. */
const attemptSchema = z.union([
  looseRecord({ attempt: rawAttemptSchema, logs: logsSchema.optional() }),
  rawAttemptSchema.refine((attempt) => !('attempt' in attempt)).transform((attempt) => ({ attempt, logs: undefined })),
]);
export type AttemptInfo = z.infer<typeof attemptSchema>;

/** The attempts of a job, the first one first: the server gives them in no order. Undefined where it tells of none. */
export const attemptsSchema = z
  .array(attemptSchema)
  .optional()
  .transform((attempts) => attempts?.toSorted((one, other) => orderOf(one) - orderOf(other)));

/** By number; by time where there are none. Attempts that tell neither stay as they come. */
function orderOf({ attempt: { id, createdAt } }: AttemptInfo): number {
  return id ?? createdAt ?? 0;
}

const streamStatsSchema = looseRecord({
  streamName: z.string(),
  streamNamespace: z.string().optional(),
  ...statsShape,
});

export const rawJobSchema = looseRecord({
  id: jobIdSchema,
  /** A server that does not name it runs nothing but syncs. */
  configType: z.string().default('sync'),
  configId: z.string().optional(),
  status: z.string(),
  createdAt: numberSchema.optional(),
  updatedAt: numberSchema.optional(),
  startedAt: numberSchema.optional(),
  aggregatedStats: statsSchema.optional(),
  streamAggregatedStats: z.array(streamStatsSchema).optional(),
  summary: looseRecord({ recordsSynced: numberSchema.optional(), bytesSynced: numberSchema.optional() }).optional(),
});
export type RawJob = z.infer<typeof rawJobSchema>;
