/**
 * The schemas of what workflows and operations return: results, progress and the details of failures. They check nothing at run time:
 * the JSON Schemas in `schemas/` are made of them, and {@link agreesWith} compares them with the types that the code uses.
 */
import { z } from 'zod';
import type { FleetProgress } from './fleet-progress';
import type { FleetResult } from './fleet-result';
import type { JobOutcome } from './job-outcome';
import type { PipelinePlan } from './pipeline-plan';
import { type PipelineProgress, STEPS } from './pipeline-progress';
import type { PipelineResult } from './pipeline-result';
import type { PruneResult } from './pruning';
import type { SyncProgress } from './sync-progress';
import type { SyncConnectionResult } from './sync-result';

/** A type with all of its fields, at any depth: zod's optional fields may also be undefined. */
type Complete<Type> = Type extends (infer Item)[]
  ? Complete<Item>[]
  : Type extends object
    ? { [Field in keyof Type]-?: Complete<Exclude<Type[Field], undefined>> }
    : Type;

type Same<One, Other> = [Complete<One>] extends [Complete<Other>]
  ? [Complete<Other>] extends [Complete<One>]
    ? true
    : never
  : never;

/** Returns a schema. Compiles only if it describes the type, with all of its fields. */
function agreesWith<Type>() {
  return <Schema extends z.ZodType>(schema: Schema, _same: Same<z.output<Schema>, Type>): Schema => schema;
}

const text = (description: string) => z.string().describe(description);
const whole = (description: string) => z.int().min(0).describe(description);
const time = (description: string) =>
  z.string().nullable().describe(`${description} ISO 8601; null if it is not known.`);

const moved = {
  recordsSynced: z.int().min(0).nullable().describe('The records; null if Airbyte has not measured them.'),
  bytesSynced: z.int().min(0).nullable().describe('The bytes; null if Airbyte has not measured them.'),
};

const counts = {
  ...moved,
  recordsRejected: whole('The records that the destination has rejected.'),
  streams: z
    .array(
      z.object({
        name: text('The name of the stream.'),
        namespace: text('The namespace of the stream.').optional(),
        ...moved,
        recordsRejected: whole('The records that the destination has rejected.'),
      }),
    )
    .describe('The counts of at most 100 streams, the one with the most records first; empty if Airbyte reports none.'),
};

const jobId = z.int().describe('The id of the job in Airbyte.');
const moreStreams = whole('How many further streams there are; left out when streams has all of them.').optional();
const times = {
  startedAt: time('When the job was started.'),
  endedAt: time('When the job ended.'),
};

const jobOutcome = agreesWith<JobOutcome>()(
  z.object({
    jobId,
    status: text('The status of the job in Airbyte.'),
    ...counts,
    ...times,
    recordsEmitted: whole('The records that the source has sent, if Airbyte reports them.').optional(),
    moreStreams,
    jobAttempts: whole("Airbyte's attempts of the job."),
    notBegun: z.boolean().optional().describe('Whether the job was cancelled before its first attempt.'),
    notBegunBecause: text('Why the job had not begun.').optional(),
    successor: z
      .object({ jobId, status: text('Its status.') })
      .optional()
      .describe('The job that Airbyte has started instead of one that it cancelled before its first attempt.'),
    stalledSince: text('Since when nothing has moved in the job, if it has stalled: ISO 8601.').optional(),
    partialSuccess: z.boolean().describe('Whether a job that did not succeed has moved some data.'),
    failure: z
      .object({
        origin: text('The part that failed: source, destination, replication, …').optional(),
        type: text("Airbyte's kind of failure: config_error, system_error, …").optional(),
        message: text("Airbyte's reason."),
      })
      .optional()
      .describe('Why the job failed, if Airbyte reports a reason.'),
    logLines: z.array(z.string()).optional().describe("The last lines of the log of a failed job's last attempt."),
  }),
  true,
);

const syncResult = agreesWith<SyncConnectionResult>()(
  z.object({
    connectionId: text('The id of the connection.'),
    jobId,
    status: text('succeeded; or skipped if another job was running and onRunning is skip.'),
    ...counts,
    ...times,
    attempts: whole('How many jobs the sync ran, at most maximumAttempts.'),
    attached: z.boolean().describe('Whether the sync attached to a job that another caller had started.'),
    warnings: z
      .array(z.string())
      .optional()
      .describe('Warnings although the sync succeeded; left out when there are none.'),
  }),
  true,
);

const runFailure = z
  .object({
    type: text('The type of the failure; Cancelled if the run was cancelled.'),
    message: text('Why it failed.'),
  })
  .optional()
  .describe('Why the run failed or was cancelled.');
const connectionUrl = text("The URL of the connection in Airbyte's web app, as soon as it is known.").optional();

const syncProgress = agreesWith<SyncProgress>()(
  z.object({
    connectionId: text('The id of the connection.'),
    connectionUrl,
    phase: z
      .enum(['starting', 'queued', 'running', 'cancelling', 'retrying', 'done', 'failed', 'cancelled'])
      .describe('How the sync stands; after it has ended done, failed or cancelled.'),
    attempt: whole('The current attempt, from 1 on.'),
    maximumAttempts: whole('The limit of attempts.'),
    warnings: z.array(z.string()).optional().describe('Warnings about a sync that has succeeded.'),
    lastFailure: text('Why the previous attempt failed.').optional(),
    failure: runFailure,
    ...z.object({ jobId, status: text('The status of the job: running until it has ended.') }).partial().shape,
    attached: z.boolean().optional().describe('Whether another caller had started the job.'),
    ...z.object({ ...counts, ...times }).partial().shape,
    moreStreams,
  }),
  true,
);

const created = z
  .object({ source: z.boolean(), destination: z.boolean(), connection: z.boolean() })
  .describe('Whether this run created the objects; false for objects that existed before.');

const pipelineIds = {
  workspaceId: text('The id of the workspace.'),
  sourceId: text('The id of the source.'),
  destinationId: text('The id of the destination.'),
  connectionId: text('The id of the connection.'),
};

const pipelineOutcome = {
  streams: z
    .array(
      z.object({
        name: text('The name of the stream.'),
        namespace: text('The namespace of the stream.').optional(),
        syncMode: text('full_refresh or incremental.'),
        destinationSyncMode: text('append, overwrite, append_dedup, …'),
        cursorField: z.array(z.string()).describe('The path of the cursor; empty if there is none.'),
        primaryKey: z.array(z.array(z.string())).describe('The paths of the key fields; empty if there is none.'),
      }),
    )
    .describe('The synced streams without their schemas: at most 1,000, and fewer if their names are long.'),
  moreStreams,
  schedule: z
    .object({
      by: z.enum(['airbyte', 'temporal', 'nobody']).describe('Who starts the syncs from now on.'),
      outcome: z.enum(['created', 'updated', 'unchanged']).describe('What this run did with the schedule.'),
      scheduleId: text('The id of the schedule in Temporal, if Temporal starts the syncs.').optional(),
      removed: text('The id of a schedule in Temporal that this run deleted.').optional(),
    })
    .describe('What this run did with the schedule of its document.'),
  sync: syncResult.nullable().describe('The result of the sync; null if the document says sync: false.'),
};

const changes = z
  .array(
    z.object({
      field: text('The field as the document names it.'),
      from: z.unknown().optional().describe('The value in Airbyte, masked where it contains a secret.'),
      to: z.unknown().optional().describe('The value in the document, masked where it contains a secret.'),
    }),
  )
  .describe('The fields that change.');

const planned = {
  action: z.enum(['create', 'change', 'leave']).describe('What is done, or what apply would do.'),
  name: text('The name of the object.'),
  id: z.string().nullable().describe("Airbyte's id; null if apply would create the object."),
  changes,
  managedBy: text('Another pipeline that manages the object; left out if none does.').optional(),
};

/** What is done with the objects of a document. */
const pipelineChanges = {
  source: z.object(planned).describe('The source.'),
  destination: z.object(planned).describe('The destination.'),
  connection: z
    .object({
      ...planned,
      streams: z
        .array(
          z.object({
            name: text('The name of the stream.'),
            namespace: text('The namespace of the stream.').optional(),
            action: z.enum(['add', 'change', 'leave', 'remove']).describe('What is done, or what apply would do.'),
            changes,
          }),
        )
        .nullable()
        .describe('The streams; null if they cannot be known before the source was created or changed.'),
      moreStreams: z
        .object({ add: z.int(), change: z.int(), leave: z.int(), remove: z.int() })
        .partial()
        .optional()
        .describe('How many further streams there are, by action; left out when streams has all of them.'),
      schemaDrift: z
        .object({
          changes: z.array(
            z.object({
              stream: text('The name of the stream, with its namespace.'),
              kind: z.enum(['stream added', 'stream removed', 'field added', 'field removed', 'type changed']),
              field: text('The path of the field.').optional(),
              from: text("The field's type in the connection.").optional(),
              to: text("The field's type in the source.").optional(),
            }),
          ),
          moreChanges: whole('How many further changes there are.'),
        })
        .optional()
        .describe("How the source's schema differs from the connection's; left out when it does not."),
    })
    .describe('The connection.'),
  schedule: z
    .object({
      action: z.enum(['create', 'change', 'leave', 'remove']).describe('What is done, or what apply would do.'),
      id: z.string().nullable().describe("Temporal's id; null if apply would create the schedule."),
      changes,
    })
    .optional()
    .describe('The schedule in Temporal; left out if there is none and none is desired.'),
  counts: z
    .object({
      create: whole('Objects that are created.'),
      change: whole('Objects that are changed. Streams are parts of their connection.'),
      delete: whole('Schedules in Temporal that are deleted.'),
    })
    .describe('How many objects are created, changed and deleted.'),
};

const pipelineResult = agreesWith<PipelineResult>()(
  z.object({
    ...pipelineIds,
    created,
    applied: z.object(pipelineChanges).describe('What this run has created, changed, left and deleted.'),
    ...pipelineOutcome,
  }),
  true,
);

const pipelineProgress = agreesWith<PipelineProgress>()(
  z.object({
    name: text('The name of the pipeline.'),
    phase: z
      .enum([...STEPS, 'done', 'failed', 'cancelled'])
      .describe('The current step; after the run has ended done, failed or cancelled.'),
    created,
    applied: z
      .object(pipelineChanges)
      .omit({ counts: true })
      .partial()
      .optional()
      .describe('What the run has created, changed, left and deleted so far.'),
    notes: z.array(z.string()).describe('What was unusual in this run.'),
    connectionUrl,
    syncWorkflowId: text('The workflow id of the sync, after it has started.').optional(),
    failure: runFailure,
    failedStep: z.enum(STEPS).optional().describe('The step in which the run failed.'),
    ...z.object({ ...pipelineIds, ...pipelineOutcome }).partial().shape,
  }),
  true,
);

const pipelinePlan = agreesWith<PipelinePlan>()(
  z.object({
    name: text('The name of the document.'),
    workspaceId: text('The id of the workspace.'),
    ...pipelineChanges,
    notes: z.array(z.string()).describe('What the reader should know.'),
    changes: z.boolean().describe('Whether apply would change anything.'),
  }),
  true,
);

const fleetOutcome = {
  ...z.object(moved).partial().shape,
  jobId: jobId.optional(),
  type: text('The type of the failure, if the sync failed.').optional(),
  message: text('Why the sync did not succeed.').optional(),
};
const fleetCounts = { succeeded: z.int(), failed: z.int(), skipped: z.int(), cancelled: z.int() };

const fleetResult = agreesWith<FleetResult>()(
  z.object({
    name: text('The name of the fleet.'),
    counts: z.object(fleetCounts).describe('How many connections have ended in which way.'),
    recordsSynced: z.int().nullable().describe('The sum of the measured records; null if none was measured.'),
    bytesSynced: z.int().nullable().describe('The sum of the measured bytes; null if none was measured.'),
    unmeasured: whole('How many syncs succeeded without counts; left out when there are none.').optional(),
    connections: z
      .array(
        z.object({
          connectionId: text('The id of the connection.'),
          name: text('The name of the connection.'),
          outcome: z.enum(['succeeded', 'failed', 'skipped', 'cancelled']).describe('How its sync ended.'),
          ...fleetOutcome,
        }),
      )
      .describe('The connections, in the order of the document.'),
  }),
  true,
);

const fleetProgress = agreesWith<FleetProgress>()(
  z.object({
    name: text('The name of the fleet.'),
    phase: z
      .enum(['selecting', 'syncing', 'pausing', 'cancelling', 'done', 'failed', 'cancelled'])
      .describe('How the fleet stands; after it has ended done, failed or cancelled.'),
    maxConcurrent: z.int().describe('The limit of concurrent syncs.'),
    counts: z
      .object({ waiting: z.int(), running: z.int(), ...fleetCounts })
      .describe('The connections by their phase.'),
    levels: z
      .array(
        z.array(
          z.object({
            connectionId: text('The id of the connection.'),
            name: text('The name of the connection.'),
            phase: z.enum(['waiting', 'running', 'succeeded', 'failed', 'skipped', 'cancelled']),
            dependsOn: z.array(z.string()).describe('The ids of the connections that must succeed before.'),
            syncWorkflowId: text('The workflow id of its sync while that runs.').optional(),
            ...fleetOutcome,
          }),
        ),
      )
      .describe('By dependency: the connections of the first level depend on none.'),
  }),
  true,
);

const pruneResult = agreesWith<PruneResult>()(
  z.object({
    connections: z
      .array(
        z.object({
          connectionId: text('The id of the connection.'),
          name: text('Its name when it was created.'),
          pipeline: text('The name of the pipeline.'),
          staysBecause: z.string().nullable().describe('Why it is not deleted; null if it can be.'),
          deleted: z.boolean().describe('Whether it was deleted.'),
        }),
      )
      .describe('All connections that were found.'),
  }),
  true,
);

/** The schemas by the names of their types. A sync has a `JobOutcome` in the details of its failure, and a fleet its `FleetResult`. */
export const OUTPUT_SCHEMAS = {
  JobOutcome: jobOutcome,
  SyncConnectionResult: syncResult,
  SyncProgress: syncProgress,
  PipelineResult: pipelineResult,
  PipelineProgress: pipelineProgress,
  PipelinePlan: pipelinePlan,
  FleetResult: fleetResult,
  FleetProgress: fleetProgress,
  PruneResult: pruneResult,
  AirbyteCheck: z.object({
    workspace: z
      .string()
      .nullable()
      .describe('The name of the first workspace that the credentials may read; null if this Airbyte lists none.'),
  }),
  CancelledSyncs: z.object({
    connectionId: text('The id of the connection.'),
    workflowIds: z
      .array(z.string())
      .describe('Ids of the workflows whose cancel was requested; empty when no sync of the connection was running.'),
  }),
} as const;
