import { z } from 'zod';
import {
  type CatalogStream,
  type Connection,
  connectionScheduleSchema,
  connectionSchema,
  looseRecord,
  syncCatalogSchema,
} from '../schemas';
import { publicScheduleSchema, toPublicSchedule } from './schedule';
import { joinSyncModes, splitSyncMode } from './sync-modes';

/** The public API cannot represent a field of a connection. The message says what to do. */
export class UnrepresentableConnection extends Error {}

/** The fields that are the same in both APIs. */
const COMMON_FIELDS = ['name', 'status', 'namespaceFormat', 'prefix', 'tags'];

/** The fields of a connection that Airbyte shows, but that no update can change. */
const READ_ONLY_FIELDS = [
  ...['connectionId', 'sourceId', 'destinationId', 'workspaceId', 'sourceCatalogId', 'breakingChange'],
  ...['createdAt', 'statusReason', 'dataResidency'],
];

const SCHEDULE_FIELDS = ['scheduleType', 'scheduleData', 'schedule'];

/** The values that differ between the APIs, the Config API's first. */
const NAMESPACE_DEFINITIONS = [['customformat', 'custom_format']] as const;
const SCHEMA_CHANGES = [['disable', 'disable_connection']] as const;

type ValuePairs = readonly (readonly [configValue: string, publicValue: string])[];

const toPublicValue = (pairs: ValuePairs, value: unknown) =>
  pairs.find(([configValue]) => configValue === value)?.[1] ?? value;
const toConfigValue = (pairs: ValuePairs, value: string) =>
  pairs.find(([, publicValue]) => publicValue === value)?.[0] ?? value;

/**
 * Translates the fields of a connection from the Config API to the body of a create or an update in the public API.
 *
 * @throws UnrepresentableConnection, UnrepresentableSchedule
 */
export function toPublicFields(connection: Record<string, unknown>): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(connection)) {
    if (value === undefined || READ_ONLY_FIELDS.includes(field) || SCHEDULE_FIELDS.includes(field)) continue;
    if (COMMON_FIELDS.includes(field)) body[field] = value;
    else if (field === 'namespaceDefinition') body[field] = toPublicValue(NAMESPACE_DEFINITIONS, value);
    else if (field === 'nonBreakingChangesPreference') {
      body['nonBreakingSchemaUpdatesBehavior'] = toPublicValue(SCHEMA_CHANGES, value);
    } else if (field === 'syncCatalog') {
      const selected = syncCatalogSchema.parse(value).streams.filter(({ config }) => config?.selected !== false);
      body['configurations'] = { streams: selected.map(toStreamConfiguration) };
    } else {
      throw new UnrepresentableConnection(
        `Airbyte's public API has no field for a connection's ${field}. Leave it out.`,
      );
    }
  }
  if (SCHEDULE_FIELDS.some((field) => connection[field] !== undefined)) {
    body['schedule'] = toPublicSchedule(connectionScheduleSchema.parse(connection));
  }
  return body;
}

function toStreamConfiguration({ stream, config = {} }: CatalogStream): Record<string, unknown> {
  const { cursorField = [], primaryKey = [], selectedFields, fieldSelectionEnabled, mappers, ...more } = config;
  const syncMode = config.syncMode ?? 'full_refresh';
  const destinationSyncMode = config.destinationSyncMode ?? 'overwrite';
  const joined = joinSyncModes({ syncMode, destinationSyncMode });
  if (joined === undefined) {
    throw new UnrepresentableConnection(
      `Airbyte's public API has no sync mode for ${syncMode} with ${destinationSyncMode}, which the stream '${stream.name}' requires. Choose another destinationSyncMode.`,
    );
  }
  return {
    name: stream.name,
    ...(stream.namespace !== undefined && { namespace: stream.namespace }),
    syncMode: joined,
    ...(cursorField.length > 0 && { cursorField }),
    ...(primaryKey.length > 0 && { primaryKey }),
    ...(fieldSelectionEnabled === true && { selectedFields }),
    ...(Array.isArray(mappers) && mappers.length > 0 && { mappers }),
    ...(more['includeFiles'] !== undefined && { includeFiles: more['includeFiles'] }),
    ...(more['destinationObjectName'] !== undefined && { destinationObjectName: more['destinationObjectName'] }),
  };
}

const streamConfigurationSchema = looseRecord({
  name: z.string(),
  /** Servers before 1.8 do not show it. */
  namespace: z.string().optional(),
  syncMode: z.string().default('full_refresh_overwrite'),
  selectedFields: z.array(z.unknown()).optional(),
  mappers: z.array(z.unknown()).optional(),
}).transform(({ name, namespace, syncMode, selectedFields = [], mappers, ...config }) => ({
  stream: { name, ...(namespace !== undefined && { namespace }) },
  config: {
    ...config,
    ...splitSyncMode(syncMode),
    ...(selectedFields.length > 0 && { fieldSelectionEnabled: true, selectedFields }),
    ...(mappers !== undefined && { mappers }),
    selected: true,
  },
}));

/** Reads a connection of the public API in the Config API's form. */
export const publicConnectionSchema: z.ZodType<Connection> = looseRecord({
  schedule: publicScheduleSchema.optional(),
  configurations: looseRecord({ streams: z.array(streamConfigurationSchema).optional() }).optional(),
  namespaceDefinition: z.string().optional(),
  nonBreakingSchemaUpdatesBehavior: z.string().optional(),
})
  .transform(
    ({ schedule, configurations, namespaceDefinition, nonBreakingSchemaUpdatesBehavior, ...connection }): unknown => ({
      ...connection,
      ...(schedule ?? { scheduleType: 'manual' }),
      syncCatalog: { streams: configurations?.streams ?? [] },
      ...(namespaceDefinition !== undefined && {
        namespaceDefinition: toConfigValue(NAMESPACE_DEFINITIONS, namespaceDefinition),
      }),
      ...(nonBreakingSchemaUpdatesBehavior !== undefined && {
        nonBreakingChangesPreference: toConfigValue(SCHEMA_CHANGES, nonBreakingSchemaUpdatesBehavior),
      }),
    }),
  )
  .pipe(connectionSchema);
