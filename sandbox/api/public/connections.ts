import { z } from 'zod';
import { isQuartzCron } from '../../jobs/quartz-cron';
import type { Connection } from '../../state/resources';
import { type ApiContext, uuid } from '../call';
import { createConnection as create, deleteConnection as remove, updateConnection } from '../connections';
import { Problem } from '../problems';
import { tagSchema } from '../tags';
import { definePublicCall, flag, type PublicCall, uuids } from './call';
import { pageQuery, toPage, withoutOrder } from './pages';
import { namesStreams, streamConfigurations, toCatalog, toStreamConfigurations } from './stream-configurations';
import { destinationSyncModes, discoverOrFail } from './streams';

const schedule = z.looseObject({ scheduleType: z.enum(['manual', 'cron']), cronExpression: z.string().nullish() });
const namespaceDefinition = z.enum(['source', 'destination', 'custom_format']);
const nonBreakingSchemaUpdatesBehavior = z.enum([
  'ignore',
  'disable_connection',
  'propagate_columns',
  'propagate_fully',
]);

const settings = {
  name: z.string().optional(),
  configurations: streamConfigurations.optional(),
  schedule: schedule.optional(),
  namespaceDefinition: namespaceDefinition.optional(),
  namespaceFormat: z.string().optional(),
  prefix: z.string().optional(),
  nonBreakingSchemaUpdatesBehavior: nonBreakingSchemaUpdatesBehavior.optional(),
  status: z.enum(['active', 'inactive', 'deprecated', 'locked']).optional(),
  tags: z.array(tagSchema).optional(),
};

type Settings = z.output<z.ZodObject<typeof settings>>;

export const createConnection: PublicCall = definePublicCall(
  { body: z.looseObject({ ...settings, sourceId: uuid, destinationId: uuid }) },
  async ({ body }, context) => {
    const changedSettings = toConfigSettings({
      namespaceDefinition: 'destination',
      nonBreakingSchemaUpdatesBehavior: 'ignore',
      prefix: '',
      ...body,
    });
    const destination = context.store.actor('destination', body.destinationId);
    const source = context.store.actor('source', body.sourceId);
    const { catalogId, streams } = await discoverOrFail(source, false, context);
    const request = {
      sourceId: source.actorId,
      destinationId: destination.actorId,
      status: 'active' as const,
      scheduleType: 'manual' as const,
      ...changedSettings,
      sourceCatalogId: catalogId,
      catalog: toCatalog(
        body.configurations,
        streams,
        destinationSyncModes(destination, context),
        context.behaviour.has('streamNamespaces'),
      ),
    };
    return toRead(create(request, context), context);
  },
);

export const listConnections: PublicCall = definePublicCall(
  {
    query: z.object({
      ...pageQuery,
      workspaceIds: uuids.default([]),
      tagIds: uuids.default([]),
      includeDeleted: flag.default(false),
    }),
  },
  ({ query, url }, context) => {
    const { workspaceIds, tagIds, includeDeleted } = query;
    const matching = [...context.store.connections.values()].filter(
      ({ status, workspaceId, tagIds: ofConnection }) =>
        (tagIds.length === 0 || tagIds.some((tagId) => ofConnection.includes(tagId))) &&
        (includeDeleted || status !== 'deprecated') &&
        (workspaceIds.length === 0 || workspaceIds.includes(workspaceId)),
    );
    const toConnectionRead = (connection: Connection) => toRead(connection, context);
    const rows = withoutOrder(matching, query, context.store.random);
    return toPage(rows, query, { url, filters: { includeDeleted, workspaceIds }, toRead: toConnectionRead });
  },
);

export const getConnection: PublicCall = definePublicCall({}, ({ id }, context) =>
  toRead(context.store.connection(id('connectionId')), context),
);

export const patchConnection: PublicCall = definePublicCall(
  { body: z.looseObject(settings) },
  async ({ id, body }, context) => {
    const changedSettings = toConfigSettings(body);
    const connection = context.store.connection(id('connectionId'));
    const catalog = namesStreams(body.configurations) ? { catalog: await newCatalog(connection, body, context) } : {};
    updateConnection(connection, { ...changedSettings, ...catalog }, context);
    return toRead(connection, context);
  },
);

export const deleteConnection: PublicCall = definePublicCall({}, async ({ id }, context) => {
  await remove(context.store.connection(id('connectionId')), context);
  return undefined;
});

async function newCatalog({ sourceId, destinationId }: Connection, { configurations }: Settings, context: ApiContext) {
  const { streams } = await discoverOrFail(context.store.actor('source', sourceId), false, context);
  const modes = destinationSyncModes(context.store.actor('destination', destinationId), context);
  return toCatalog(configurations, streams, modes, context.behaviour.has('streamNamespaces'));
}

/** Converts a schedule to the Config API's form. @throws Problem */
function toConfigSettings(request: Settings) {
  const { name, prefix, namespaceFormat, status, tags, namespaceDefinition, nonBreakingSchemaUpdatesBehavior } =
    request;
  return {
    ...(tags === undefined ? {} : { tags }),
    ...(name === undefined ? {} : { name }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(namespaceFormat === undefined ? {} : { namespaceFormat }),
    ...(status === undefined ? {} : { status }),
    ...(namespaceDefinition === undefined
      ? {}
      : {
          namespaceDefinition:
            namespaceDefinition === 'custom_format' ? ('customformat' as const) : namespaceDefinition,
        }),
    ...(nonBreakingSchemaUpdatesBehavior === undefined
      ? {}
      : {
          nonBreakingChangesPreference:
            nonBreakingSchemaUpdatesBehavior === 'disable_connection'
              ? ('disable' as const)
              : nonBreakingSchemaUpdatesBehavior,
        }),
    ...(request.schedule === undefined ? {} : toConfigSchedule(request.schedule)),
  };
}

function toConfigSchedule({ scheduleType, cronExpression }: z.output<typeof schedule>) {
  if (scheduleType === 'manual') return { scheduleType };
  if (!cronExpression) return reject('Missing cron expression in the schedule.');
  const expression = cronExpression.endsWith('UTC') ? cronExpression.replace('UTC', '').trim() : cronExpression;
  if (!isQuartzCron(expression)) {
    return reject(
      `The cron expression ${cronExpression} is not valid. Please check the cron expression format at https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html`,
    );
  }
  const fields = expression.split(' ');
  const fixed = fields.length === 7 ? fields.slice(0, 2) : fields.slice(0, 1);
  if (!fixed.every((field) => /^\d+$/.test(field))) {
    return reject(
      `The cron expression ${cronExpression} is not valid or is less than the one hour minimum. The seconds and minutes values cannot be \`*\`.`,
    );
  }
  return { scheduleType, scheduleData: { cron: { cronExpression: expression, cronTimeZone: 'UTC' } } };
}

function reject(message: string): never {
  throw new Problem('bad-request', { message });
}

/** The settings that the public API returns, by their names in the Config API. */
const settingsSchema = z.looseObject({
  name: z.string(),
  namespaceDefinition: z.string(),
  namespaceFormat: z.string().optional(),
  prefix: z.string().optional(),
  nonBreakingChangesPreference: z.string(),
  scheduleType: z.enum(['manual', 'basic', 'cron']),
  scheduleData: z
    .looseObject({
      basicSchedule: z.looseObject({ units: z.number(), timeUnit: z.string() }).optional(),
      cron: z.looseObject({ cronExpression: z.string(), cronTimeZone: z.string() }).optional(),
    })
    .optional(),
});

function toRead(connection: Connection, { store, behaviour }: ApiContext): object {
  const settings = settingsSchema.parse(connection.settings);
  const streams = toStreamConfigurations(connection.catalog).map((stream) =>
    behaviour.fieldsOf(stream, {
      namespace: { since: '1.8.0' },
      selectedFields: { since: '1.6.0' },
      mappers: { since: '1.6.0' },
    }),
  );
  const { namespaceDefinition, nonBreakingChangesPreference } = settings;
  const read = {
    connectionId: connection.connectionId,
    name: settings.name,
    sourceId: connection.sourceId,
    destinationId: connection.destinationId,
    workspaceId: connection.workspaceId,
    status: connection.status,
    schedule: toScheduleRead(settings),
    dataResidency: 'auto',
    nonBreakingSchemaUpdatesBehavior:
      nonBreakingChangesPreference === 'disable' ? 'disable_connection' : nonBreakingChangesPreference,
    namespaceDefinition: namespaceDefinition === 'customformat' ? 'custom_format' : namespaceDefinition,
    ...(settings.namespaceFormat === undefined ? {} : { namespaceFormat: settings.namespaceFormat }),
    ...(settings.prefix === undefined ? {} : { prefix: settings.prefix }),
    configurations: { streams },
    createdAt: connection.createdAt,
    tags: store.tagsOf(connection),
  };
  return behaviour.fieldsOf(read, {
    dataResidency: { until: '1.8.0' },
    createdAt: { since: '1.6.0' },
    tags: { since: '1.6.0' },
  });
}

function toScheduleRead({ scheduleType, scheduleData }: z.output<typeof settingsSchema>): object {
  const { basicSchedule, cron } = scheduleData ?? {};
  return {
    scheduleType,
    ...(cron === undefined ? {} : { cronExpression: `${cron.cronExpression} ${cron.cronTimeZone}` }),
    ...(basicSchedule === undefined
      ? {}
      : { basicTiming: `Every ${basicSchedule.units} ${basicSchedule.timeUnit.toUpperCase()}` }),
  };
}
