import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AirbyteBehaviour } from '../state/airbyte-versions';
import { withoutState } from '../state/connection-state';
import { InvalidInputError, UncaughtError } from '../state/errors';
import { assertSelectable, fieldSelection, withSelection } from '../state/field-selection';
import { type Catalog, type CatalogStream, type Connection, nowInSeconds } from '../state/resources';
import type { Store } from '../state/store';
import { sameStream } from '../state/stream-name';
import { type ApiCalls, type ApiContext, defineCall, uuid, withoutNulls } from './call';
import { scheduleFields, scheduleOfNew, scheduleOfUpdate } from './connection-schedule';
import { tagSchema } from './tags';

const texts = z.array(z.string()).nullish();

const catalog = z.looseObject({
  streams: z.array(
    z.looseObject({
      stream: z.looseObject({
        name: z.string(),
        namespace: z.string().nullish(),
        jsonSchema: z.record(z.string(), z.unknown()).nullish(),
        supportedSyncModes: texts,
        sourceDefinedCursor: z.boolean().nullish(),
        defaultCursorField: texts,
        sourceDefinedPrimaryKey: z.array(z.array(z.string())).nullish(),
      }),
      config: z.looseObject({
        syncMode: z.enum(['full_refresh', 'incremental']),
        destinationSyncMode: z.enum([
          'append',
          'overwrite',
          'append_dedup',
          'overwrite_dedup',
          'update',
          'soft_delete',
        ]),
        cursorField: texts,
        primaryKey: z.array(z.array(z.string())).nullish(),
        aliasName: z.string().nullish(),
        selected: z.boolean().nullish(),
        ...fieldSelection,
      }),
    }),
  ),
});

const status = z.enum(['active', 'inactive', 'deprecated', 'locked']);

/** The fields that creating and updating share. The sandbox stores them and returns them unchanged. */
const settings = {
  name: z.string().optional(),
  namespaceDefinition: z.enum(['source', 'destination', 'customformat']).optional(),
  namespaceFormat: z.string().optional(),
  prefix: z.string().optional(),
  operationIds: z.array(uuid).optional(),
  resourceRequirements: z.record(z.string(), z.string()).optional(),
  sourceCatalogId: uuid.optional(),
  destinationCatalogId: uuid.optional(),
  dataplaneGroupId: uuid.optional(),
  notifySchemaChanges: z.boolean().optional(),
  notifySchemaChangesByEmail: z.boolean().optional(),
  nonBreakingChangesPreference: z.enum(['ignore', 'disable', 'propagate_columns', 'propagate_fully']).optional(),
  backfillPreference: z.enum(['enabled', 'disabled']).optional(),
  onDemandEnabled: z.boolean().optional(),
  breakingChange: z.boolean().optional(),
  tags: z.array(tagSchema).optional(),
};

const create = z.object({
  ...settings,
  ...scheduleFields,
  sourceId: uuid,
  destinationId: uuid,
  status,
  syncCatalog: catalog.optional(),
});

const update = z.object({
  ...settings,
  ...scheduleFields,
  connectionId: uuid,
  status: status.optional(),
  syncCatalog: catalog.optional(),
});

const byId = z.looseObject({ connectionId: uuid });

/**
 * `connections/create`, `get`, `list`, `update` and `delete`. The calls that start jobs are in `connection-runs.ts`.
 */
export const connectionCalls: ApiCalls = {
  'connections/create': defineCall(create, ({ syncCatalog = { streams: [] }, ...request }, context) => {
    const catalog = selected(syncCatalog, context.behaviour);
    return toRead(createConnection({ ...request, catalog }, context), context);
  }),

  'connections/get': defineCall(byId, ({ connectionId }, context) =>
    toRead(context.store.connection(connectionId), context),
  ),

  'connections/list': defineCall(z.looseObject({ workspaceId: uuid }), ({ workspaceId }, context) => {
    const { store } = context;
    store.workspace(workspaceId);
    const connections = [...store.connections.values()].filter(
      (connection) => connection.workspaceId === workspaceId && connection.status !== 'deprecated',
    );
    return { connections: connections.map((connection) => toRead(connection, context)) };
  }),

  'connections/update': defineCall(update, ({ connectionId, syncCatalog, ...changes }, context) => {
    const connection = context.store.connection(connectionId);
    const catalog = syncCatalog === undefined ? {} : { catalog: selected(syncCatalog, context.behaviour) };
    updateConnection(connection, { ...changes, ...catalog }, context);
    return toRead(connection, context);
  }),

  'connections/delete': defineCall(byId, async ({ connectionId }, context) => {
    await deleteConnection(context.store.connection(connectionId), context);
    return undefined;
  }),
};

type NewConnection = Omit<z.output<typeof create>, 'syncCatalog'> & { catalog: Catalog };
type ConnectionChanges = Omit<z.output<typeof update>, 'connectionId' | 'syncCatalog'> & { catalog?: Catalog };

/** @throws NotFoundError, UncaughtError, BadObjectSchemaError */
export function createConnection(request: NewConnection, context: ApiContext): Connection {
  const { store, schedules } = context;
  const {
    sourceId,
    destinationId,
    status,
    catalog,
    schedule,
    scheduleType,
    scheduleData,
    tags = [],
    ...rest
  } = request;
  const source = store.actor('source', sourceId);
  const destination = store.actor('destination', destinationId);
  if (source.workspaceId !== destination.workspaceId) {
    throw new UncaughtError('Source and destination do not belong to the same workspace.');
  }
  const connection: Connection = {
    connectionId: randomUUID(),
    workspaceId: source.workspaceId,
    sourceId,
    destinationId,
    catalog,
    status,
    tagIds: knownTags(tags, source.workspaceId, context),
    settings: {
      name: `${source.name} <> ${destination.name}`,
      namespaceDefinition: 'source',
      operationIds: [],
      breakingChange: false,
      nonBreakingChangesPreference: 'ignore',
      backfillPreference: 'disabled',
      ...rest,
      ...scheduleOfNew({ schedule, scheduleType, scheduleData }),
    },
    createdAt: nowInSeconds(),
    state: [],
    jobs: [],
  };
  storeDiscovery(connection, rest.sourceCatalogId, store);
  store.addConnection(connection);
  schedules.update(connection);
  return connection;
}

/** Updates a connection; absent fields stay as they are. @throws UncaughtError, BadObjectSchemaError, NotFoundError */
export function updateConnection(connection: Connection, request: ConnectionChanges, context: ApiContext): void {
  const { status, catalog, schedule, scheduleType, scheduleData, tags, ...rest } = request;
  const tagIds = tags && knownTags(tags, connection.workspaceId, context);
  const changedSchedule = scheduleOfUpdate({ schedule, scheduleType, scheduleData });
  if (catalog !== undefined) replaceCatalog(connection, catalog);
  Object.assign(connection.settings, rest, changedSchedule);
  storeDiscovery(connection, rest.sourceCatalogId, context.store);
  if (status !== undefined) connection.status = status;
  if (tagIds !== undefined) connection.tagIds = tagIds;
  // As in Airbyte, any update cancels a job that waits for capacity.
  context.jobs.cancelQueued(connection.connectionId);
  context.schedules.update(connection);
}

/** Stores the streams of the discovery that the catalog was made from. */
function storeDiscovery(connection: Connection, catalogId: string | undefined, store: Store): void {
  const discovered = store.discovery(connection.sourceId, catalogId);
  if (discovered !== undefined) connection.discovered = discovered;
}

/** @throws NotFoundError for a tag that the workspace does not have; versions without tags ignore the field */
function knownTags(
  tags: readonly { tagId: string }[],
  workspaceId: string,
  { store, behaviour }: ApiContext,
): string[] {
  if (!behaviour.has('tags')) return [];
  return tags.map(({ tagId }) => store.tag(tagId, workspaceId).tagId);
}

/** Deletes a connection and cancels its job. */
export async function deleteConnection(connection: Connection, { jobs, schedules }: ApiContext): Promise<void> {
  connection.status = 'deprecated';
  schedules.update(connection);
  await jobs.cancel(connection.connectionId);
}

/**
 * As in Airbyte, the stored catalog contains the selected streams and their selected fields only.
 *
 * @throws UncaughtError if it contains a stream more than once, InvalidInputError, BadObjectSchemaError
 */
function selected({ streams }: z.output<typeof catalog>, behaviour: AirbyteBehaviour): Catalog {
  const seen = new Set<string>();
  for (const { stream, config } of streams) {
    if (!behaviour.hasDestinationSyncMode(config.destinationSyncMode)) {
      const message = `Unexpected value '${config.destinationSyncMode}'`;
      throw new InvalidInputError([{ propertyPath: 'syncCatalog.streams.config.destinationSyncMode', message }]);
    }
    if (config.selected !== false) assertSelectable(config);
    const name = `${stream.namespace ?? 'null'}.${stream.name}`;
    if (seen.has(name)) {
      throw new UncaughtError(`Catalog contains duplicate stream names: ${name}`, 'java.lang.IllegalArgumentException');
    }
    seen.add(name);
  }
  return {
    streams: streams
      .filter(({ config }) => config.selected !== false)
      .map(({ stream, config: given }) => {
        const config = {
          ...(withoutNulls(given) as typeof given & Catalog['streams'][number]['config']),
          cursorField: given.cursorField ?? [],
          primaryKey: given.primaryKey ?? [],
          aliasName: given.aliasName ?? stream.name.replace(/[^\w]+/g, '_'),
          selected: true,
        };
        return { stream: withSelection(withoutNulls(stream) as CatalogStream, config), config };
      }),
  };
}

/** Drops the state of each stream whose sync mode changes or that is no longer selected. */
function replaceCatalog(connection: Connection, next: Catalog): void {
  const stale = connection.catalog.streams.filter(({ stream, config }) => {
    const after = next.streams.find((other) => sameStream(other.stream, stream));
    return after === undefined || after.config.syncMode !== config.syncMode;
  });
  connection.state = withoutState(
    connection.state,
    stale.map(({ stream }) => stream),
  );
  connection.catalog = next;
}

/** Airbyte leaves out the connection's workspace here, although its documents have a field for it. */
export function toRead(connection: Connection, { store, behaviour }: ApiContext) {
  const { connectionId, sourceId, destinationId, status, createdAt, settings, catalog } = connection;
  const read = {
    ...(settings as Partial<z.output<typeof create>>),
    connectionId,
    sourceId,
    destinationId,
    status,
    syncCatalog: catalog,
    created_at: createdAt,
    tags: store.tagsOf(connection),
  };
  return behaviour.fieldsOf(read, {
    created_at: { since: '0.63.0' },
    backfillPreference: { since: '0.63.0' },
    tags: { since: '1.6.0' },
    dataplaneGroupId: { since: '1.6.0' },
    destinationCatalogId: { since: '1.8.0' },
    onDemandEnabled: { since: '2026-08' },
  });
}
