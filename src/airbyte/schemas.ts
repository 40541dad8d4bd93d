import { z } from 'zod';
import { isObject } from '../text/json-object';

/*
 * The schemas of Airbyte's responses. Only the fields that a caller needs are required, because Airbyte's versions
 * differ in the rest. Unknown fields are kept, so that an object can be read, changed and sent back. Enum values are
 * plain strings, because Airbyte adds new ones.
 */

/** Ids become parts of workflow ids, which Temporal limits to 1,000 bytes. */
const MAXIMUM_ID_LENGTH = 500;
/** JSON schemas and manifests of low-code connectors have about 50 levels. */
const MAXIMUM_DEPTH = 200;

/** A record whose declared fields may also be `null`, which counts as absent. Undeclared fields stay unchanged. */
export function looseRecord<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess((value) => withoutNulls(value, shape), z.looseObject(shape));
}

function withoutNulls(value: unknown, shape: z.ZodRawShape): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key, member]) => member !== null || !(key in shape)));
}

/** A number; a string with a number, which some gateways make of it, is accepted too. */
export const numberSchema = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
]);

/** A record that counts as absent if one of these fields is absent: a schedule without its unit is incomplete. */
function completeRecord<Shape extends z.ZodRawShape>(fields: readonly (keyof Shape & string)[], shape: Shape) {
  const isComplete = (value: object) =>
    fields.every((field) => ((value as Record<string, unknown>)[field] ?? '') !== '');
  return z.preprocess(
    (value) => (typeof value === 'object' && value !== null && !isComplete(value) ? undefined : (value ?? undefined)),
    looseRecord(shape).optional(),
  );
}

/** Airbyte's ids are UUIDs, but the client does not depend on that. */
const id = z.string().min(1).max(MAXIMUM_ID_LENGTH);
/** Its depth is limited, because recursive functions read, compare and mask it and would overflow the stack. */
const configuration = z.record(z.string(), z.unknown()).refine((value) => !isDeeperThan(MAXIMUM_DEPTH, value), {
  error: `is nested more than ${MAXIMUM_DEPTH} levels deep`,
});

export const workspaceSchema = looseRecord({ workspaceId: id, name: z.string(), slug: z.string().optional() });
export type Workspace = z.infer<typeof workspaceSchema>;

const definitionShape = {
  name: z.string(),
  dockerRepository: z.string().optional(),
  dockerImageTag: z.string().optional(),
};
export const sourceDefinitionSchema = looseRecord({ sourceDefinitionId: id, ...definitionShape }).transform((read) => ({
  ...read,
  definitionId: read.sourceDefinitionId,
}));
export const destinationDefinitionSchema = looseRecord({ destinationDefinitionId: id, ...definitionShape }).transform(
  (read) => ({ ...read, definitionId: read.destinationDefinitionId }),
);

/** A connector definition of a source or a destination. Airbyte's other fields are kept. */
export interface Definition {
  definitionId: string;
  name: string;
  dockerRepository?: string | undefined;
  dockerImageTag?: string | undefined;
  [field: string]: unknown;
}

export const definitionSpecificationSchema = looseRecord({
  documentationUrl: z.string().optional(),
  /** JSON schema of the connector's configuration; secret fields have `airbyte_secret: true`. */
  connectionSpecification: configuration.optional(),
});
export type DefinitionSpecification = z.infer<typeof definitionSpecificationSchema>;

const actorShape = {
  name: z.string(),
  workspaceId: id.optional(),
  /** Secrets come back masked (`**********`). */
  connectionConfiguration: configuration.optional(),
};
export const sourceSchema = looseRecord({ sourceId: id, sourceDefinitionId: id.optional(), ...actorShape });
export type Source = z.infer<typeof sourceSchema>;
export const destinationSchema = looseRecord({
  destinationId: id,
  destinationDefinitionId: id.optional(),
  ...actorShape,
});
export type Destination = z.infer<typeof destinationSchema>;

/** Why an attempt, a check or a discovery failed, in the words of Airbyte or of the connector. */
export const failureReasonSchema = looseRecord({
  failureOrigin: z.string().optional(),
  failureType: z.string().optional(),
  externalMessage: z.string().optional(),
  internalMessage: z.string().optional(),
  retryable: z.boolean().optional(),
});
export type FailureReason = z.infer<typeof failureReasonSchema>;

/** The short-lived job behind a check or a discovery. */
const synchronousJobSchema = looseRecord({
  succeeded: z.boolean().optional(),
  failureReason: failureReasonSchema.optional(),
});

export const checkConnectionSchema = looseRecord({
  status: z.string().optional(),
  message: z.string().optional(),
  jobInfo: synchronousJobSchema.optional(),
});

const catalogStreamSchema = looseRecord({
  stream: looseRecord({
    name: z.string(),
    namespace: z.string().optional(),
    jsonSchema: configuration.optional(),
    supportedSyncModes: z.array(z.string()).optional(),
    sourceDefinedCursor: z.boolean().optional(),
    defaultCursorField: z.array(z.string()).optional(),
    sourceDefinedPrimaryKey: z.array(z.array(z.string())).optional(),
  }),
  config: looseRecord({
    syncMode: z.string().optional(),
    destinationSyncMode: z.string().optional(),
    cursorField: z.array(z.string()).optional(),
    primaryKey: z.array(z.array(z.string())).optional(),
    selected: z.boolean().optional(),
  }).optional(),
});
export type CatalogStream = z.infer<typeof catalogStreamSchema>;

export const syncCatalogSchema = looseRecord({ streams: z.array(catalogStreamSchema).default([]) });
export type Catalog = z.infer<typeof syncCatalogSchema>;

export const discoverSchemaSchema = looseRecord({
  catalogId: z.string().optional(),
  catalog: syncCatalogSchema.optional(),
  jobInfo: synchronousJobSchema.optional(),
});

const basicScheduleSchema = completeRecord(['units', 'timeUnit'], { units: numberSchema, timeUnit: z.string() });
const cronScheduleSchema = completeRecord(['cronExpression'], {
  cronExpression: z.string(),
  cronTimeZone: z.string().optional(),
});
const connectionScheduleShape = {
  scheduleType: z.string().optional(),
  /** The form of servers before `scheduleType`. Newer servers still show it. */
  schedule: basicScheduleSchema,
  scheduleData: looseRecord({ basicSchedule: basicScheduleSchema, cron: cronScheduleSchema }).optional(),
};
export const connectionScheduleSchema = looseRecord(connectionScheduleShape);
/**
 * The fields of a connection that say when Airbyte itself starts its syncs. Without any of them, syncs are started
 * manually.
 */
export type ConnectionSchedule = Pick<Connection, keyof typeof connectionScheduleShape>;

export const connectionSchema = looseRecord({
  connectionId: id,
  name: z.string().optional(),
  sourceId: id.optional(),
  destinationId: id.optional(),
  workspaceId: id.optional(),
  status: z.string().optional(),
  namespaceDefinition: z.string().optional(),
  namespaceFormat: z.string().optional(),
  prefix: z.string().optional(),
  syncCatalog: syncCatalogSchema.optional(),
  sourceCatalogId: z.string().optional(),
  ...connectionScheduleShape,
  breakingChange: z.boolean().optional(),
});
export type Connection = z.infer<typeof connectionSchema>;

export const tagSchema = looseRecord({ tagId: id, name: z.string() });
/** A tag, by which the connections of a workspace are grouped. */
export type Tag = z.infer<typeof tagSchema>;

const taggedSchema = z.looseObject({
  tags: z.array(z.looseObject({ tagId: id, name: z.string().optional() })).nullish(),
});

/** The ids of a connection's tags. Servers before 1.6 have no tags. */
export function tagIdsOf(connection: Connection): string[] {
  return (taggedSchema.parse(connection).tags ?? []).map(({ tagId }) => tagId);
}

/** The names of a connection's tags. */
export function tagNamesOf(connection: Connection): string[] {
  return (taggedSchema.parse(connection).tags ?? []).flatMap(({ name }) => name ?? []);
}

export const healthSchema = looseRecord({ available: z.boolean().optional() });

/** Whether a JSON value has more levels than this. It does not recurse, so the value may have any depth. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth <= levels; depth++) {
    const next: unknown[] = [];
    for (const each of level) {
      if (typeof each !== 'object' || each === null) continue;
      for (const item of Object.values(each)) if (typeof item === 'object' && item !== null) next.push(item);
    }
    if (next.length === 0) return false;
    level = next;
  }
  return true;
}
