import { z } from 'zod';
import { failureReasonSchema, looseRecord, numberSchema } from '../schemas';

/*
 * Jobs in the forms of the Config API and of the user's reference, before they are normalized.
 */

/** A whole number; a string with a number, which some gateways make of it, is accepted too. */
export const jobIdSchema = numberSchema.pipe(z.number().int().nonnegative());

const statsShape = {
  recordsEmitted: numberSchema.optional(),
  bytesEmitted: numberSchema.optional(),
  recordsCommitted: numberSchema.optional(),
  bytesCommitted: numberSchema.optional(),
  recordsRejected: numberSchema.optional(),
};
const statsSchema = looseRecord(statsShape);
/** The counts of an attempt, a stream or a job. A missing count was not measured. */
export type RawStats = Pick<z.infer<typeof statsSchema>, keyof typeof statsShape>;

const rawAttemptSchema = looseRecord({
  /** The number of the attempt, from 0. Some old servers show attempts without a number. */
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
  events: z
    .array(
      looseRecord({
        timestamp: numberSchema.optional(),
        level: z.string().optional(),
        logSource: z.string().optional(),
        message: z.string().optional(),
        stackTrace: z.string().optional(),
      }),
    )
    .optional(),
});
export type RawLogs = z.infer<typeof logsSchema>;

/** `jobs/get` has `{ attempt, logs }`, and `jobs/list` has the attempt itself. */
const attemptSchema = z.union([
  looseRecord({ attempt: rawAttemptSchema, logs: logsSchema.optional() }),
  rawAttemptSchema.refine((attempt) => !('attempt' in attempt)).transform((attempt) => ({ attempt, logs: undefined })),
]);
export type AttemptInfo = z.infer<typeof attemptSchema>;

/**
 * The attempts of a job in the order in which they ran, since the server gives them in no order. Undefined where it
 * shows none.
 */
export const attemptsSchema = z
  .array(attemptSchema)
  .optional()
  .transform((attempts) => attempts?.toSorted((one, other) => orderOf(one) - orderOf(other)));

/** Orders attempts by their numbers, else by their times. Attempts with neither stay in the order of the response. */
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
  /** A server that does not show it runs only syncs. */
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
