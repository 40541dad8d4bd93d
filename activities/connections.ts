import { ApplicationFailure, cancellationSignal, log } from '@temporalio/activity';
import { AirbyteError } from '../src/airbyte/errors';
import { ifFound, ifSupported } from '../src/airbyte/if-found';
import { isReadInPart } from '../src/airbyte/lists';
import type { DiscoveredSchema } from '../src/airbyte/resources';
import type { Catalog, Connection } from '../src/airbyte/schemas';
import type { FailureType } from '../src/failure-types';
import { changeConnection } from '../src/pipeline/connection-change';
import type { PipelineDocument, PipelineStream } from '../src/pipeline/document';
import type { PlannedConnection } from '../src/pipeline/plan';
import { airbyteScheduleSchema, inOldForm, type ScheduleByAirbyte, toAirbyteSchedule } from '../src/pipeline/schedule';
import { describeSchemaDrift, type SchemaDrift, toSchemaDrift } from '../src/pipeline/schema-changes';
import { type AttemptedChanges, attemptedBefore } from './attempts';
import { changedFields, compareConnection, needsSchema, notesOnStreams, settingsOf } from './connection-changes';
import { createOnce } from './create-once';
import type { ActivityDependencies } from './dependencies';
import { idFromEarlierRun } from './earlier-run';
import { failure } from './failures';
import { airbyteSyncsItself, syncsOnceCreated } from './first-sync';
import { report } from './heartbeating';
import { removeUnwantedSchedule } from './schedules';
import { readSyncCatalog, type SelectedStream, selectStreams, toSyncCatalog } from './streams';

/** A connection as workflows see it: without the schemas of its streams, which can be larger than Temporal takes. */
export interface ConnectionSummary {
  connectionId: string;
  name?: string | undefined;
  status?: string | undefined;
  sourceId?: string | undefined;
  destinationId?: string | undefined;
  streams: SelectedStream[];
}

/** A connection as a pipeline wants it. */
export interface WantedConnection {
  workspaceId: string;
  sourceId: string;
  destinationId: string;
  connection: PipelineDocument['connection'];
  /** Whether it is to be told of Airbyte's own first sync also when an earlier run has created the connection. */
  tellsFirstSync?: boolean;
}

export interface AppliedConnection {
  connectionId: string;
  created: boolean;
  /** The fields that were changed. */
  updated: string[];
  /** The Temporal schedule that was deleted, because the document no longer wants it. */
  removedSchedule?: string;
  /** Airbyte itself starts a sync of it now, by the schedule that it was given: what runs on it next is that sync. */
  airbyteSyncs?: boolean;
  /** How the source's schema differs, or differed, from the connection's catalog; told where `schemaChanges` is set. */
  schemaDrift?: SchemaDrift;
  /** What a person should know: cursors and keys of the document that are not used. Left out where there is nothing. */
  notes?: string[];
}

/** A connection of a pipeline whose source or destination may not exist yet. */
export interface ConnectionToPlan extends Pick<WantedConnection, 'workspaceId' | 'connection'> {
  /** The name of the pipeline, whose earlier runs tell what is there where Airbyte cannot. */
  pipeline: string;
  sourceId: string | null;
  destinationId: string | null;
  /** Whether the source is to be changed, so that what it has now need not be what it will have. */
  sourceChanges: boolean;
}

type ConnectionToFind = Pick<ConnectionToPlan, 'workspaceId' | 'sourceId' | 'destinationId' | 'connection'>;

export interface ConnectionChanges {
  connectionId: string;
  name?: string;
  status?: 'active' | 'inactive';
  schedule?: ScheduleByAirbyte;
}

export function connectionActivities({ airbyte, secrets }: Pick<ActivityDependencies, 'airbyte' | 'secrets'>) {
  const { connections, sources } = airbyte;

  const findOrCreate = async (
    wanted: WantedConnection,
  ): Promise<{ connection: Connection; created: boolean; notes: string[] }> => {
    const all = await ifSupported(connections.list(wanted.workspaceId));
    const existing = findByName(all ?? (await findNoted(wanted.connection.name)), wanted);
    if (existing) {
      return { connection: await whole(existing), created: attemptedBefore().creating === true, notes: [] };
    }
    const { sourceId, destinationId, connection } = wanted;
    const schema = await discover(sourceId);
    const fields = {
      ...{ sourceId, destinationId },
      ...settingsOf(connection),
      ...inOldForm(toAirbyteSchedule(connection.schedule)),
      ...configureStreams(schema, connection.streams),
    };
    const { found, created } = await createOnce({
      of: { kind: 'connection', workspaceId: wanted.workspaceId, name: connection.name },
      find: () => findInWholeList(wanted),
      create: () => connections.create(fields),
    });
    if (created) log.info(`Created the connection '${connection.name}'`, { connectionId: found.connectionId });
    return { connection: found, created, notes: notesOnStreams(schema.catalog, connection.streams) };
  };

  /**
   * Looks for the connection where only the whole list will do: what is not in it is created. A server without a list has
   * none.
   *
   * @throws AirbyteError `AirbyteUnavailable` where the list cannot be read to its end
   */
  const findInWholeList = async (wanted: ConnectionToFind): Promise<Connection | undefined> =>
    findByName((await ifSupported(connections.list(wanted.workspaceId, { whole: true }))) ?? [], wanted);

  /** The connection that an earlier run of the pipeline has noted, where the server lists none. */
  const findNoted = async (name: string, pipeline?: string): Promise<Connection[]> => {
    const connectionId = await idFromEarlierRun('connection', name, pipeline);
    const connection = connectionId === undefined ? undefined : await ifFound(connections.get(connectionId));
    return connection === undefined ? [] : [connection];
  };

  /**
   * A connection to compare with: what a list could read in part only is asked for itself, and says what is odd about it. So
   * is one whose catalog the list left out, because the catalogs of all its connections are too large together.
   */
  const whole = async (connection: Connection): Promise<Connection> =>
    isReadInPart(connection) || !connection.syncCatalog?.streams.length
      ? connections.get(connection.connectionId)
      : connection;

  /** What the source said last: Airbyte keeps the answer of a discovery. */
  const discover = (sourceId: string, disableCache?: true): Promise<DiscoveredSchema> =>
    sources.discoverSchema(sourceId, { ...(disableCache && { disableCache }) }, { signal: cancellationSignal() });

  return {
    /** Finds the connection of a pipeline by its name, and creates it only where there is none. */
    async createConnection(wanted: WantedConnection): Promise<ConnectionSummary & { created: boolean }> {
      const { connection, created } = await findOrCreate(wanted);
      return { ...summarise(connection), created };
    },

    async getConnection({ connectionId }: { connectionId: string }): Promise<ConnectionSummary> {
      return summarise(await connections.get(connectionId));
    },

    async listConnections({ workspaceId }: { workspaceId: string }): Promise<Omit<ConnectionSummary, 'streams'>[]> {
      return (await connections.list(workspaceId)).map((connection) => {
        const { streams, ...summary } = summarise(connection);
        return summary;
      });
    },

    /** @throws ApplicationFailure of type `InvalidInput` when the schedule is none that a pipeline may have */
    async updateConnection({ connectionId, schedule, ...fields }: ConnectionChanges): Promise<ConnectionSummary> {
      const { error } = airbyteScheduleSchema().optional().safeParse(schedule);
      if (error) throw failure('InvalidInput', `schedule: ${error.issues.map(({ message }) => message).join('; ')}`);
      return summarise(await changeConnection(connections, connectionId, fields, schedule));
    },

    /** Finds, creates or changes the connection of a pipeline. */
    async applyConnection(wanted: WantedConnection): Promise<AppliedConnection> {
      const { connection, created, notes } = await findOrCreate(wanted);
      const { connectionId } = connection;
      if (created) {
        const syncing = syncsOnceCreated(wanted.connection) ? { airbyteSyncs: true } : {};
        return { connectionId, created, updated: [], ...syncing, ...told(notes) };
      }
      const { schedule, streams, schemaChanges } = wanted.connection;
      const schema = needsSchema(wanted.connection) ? await discover(wanted.sourceId) : undefined;
      const difference = compareConnection(connections, connection, wanted.connection, schema?.catalog);
      const schemaDrift = schemaChanges === undefined ? undefined : toSchemaDrift(difference.schemaChanges);
      if (schemaDrift && schemaChanges === 'fail') throw refusalOf(schemaDrift, connection);
      const before = attemptedBefore();
      const removedSchedule = (await removeUnwantedSchedule(connectionId, schedule)) ?? before.removedSchedule;
      const removed = removedSchedule === undefined ? {} : { removedSchedule };
      const updates = changedFields(difference);
      const updated = [...new Set([...(before.updated ?? []), ...updates])];
      const syncs = before.airbyteSyncs || (await airbyteSyncsItself(airbyte, connectionId, wanted, updates));
      const syncing = syncs ? { airbyteSyncs: true } : {};
      if (updates.length > 0) {
        report({ ...removed, ...syncing, updated } satisfies AttemptedChanges);
        const fields = {
          ...settingsOf(wanted.connection),
          ...(updates.includes('streams') &&
            configureStreams(schema ?? (await discover(wanted.sourceId)), streams, connection.syncCatalog)),
        };
        await changeConnection(connections, connectionId, fields, updates.includes('schedule') ? schedule : undefined);
        log.info(`Updated the connection '${wanted.connection.name}'`, { connectionId, updated: updates });
      }
      return {
        connectionId,
        created,
        updated,
        ...removed,
        ...syncing,
        ...(schemaDrift && { schemaDrift }),
        ...told(difference.notes),
      };
    },

    /** What `applyConnection` would do, and what else is to be known of it. It changes nothing. */
    async planConnection(wanted: ConnectionToPlan): Promise<{ connection: PlannedConnection; notes: string[] }> {
      const { workspaceId, connection, pipeline } = wanted;
      const { name } = connection;
      const all = await ifSupported(connections.list(workspaceId));
      const found = findByName(all ?? (await findNoted(name, pipeline)), wanted) ?? (await findInWholeList(wanted));
      const existing = found && (await whole(found));
      const { catalog, notes } = await schemaForPlan(wanted);
      const selected = catalog && selectStreams(catalog, connection.streams, existing?.syncCatalog);
      if (!existing) {
        const streams = selected?.map(({ selected: { name, namespace } }) => ({
          ...{ name, ...(namespace !== undefined && { namespace }) },
          ...{ action: 'add' as const, changes: [] },
        }));
        if (catalog) notes.push(...notesOnStreams(catalog, connection.streams));
        return { connection: { action: 'create', name, id: null, changes: [], streams: streams ?? null }, notes };
      }
      const difference = compareConnection(connections, existing, connection, catalog);
      const schemaDrift = toSchemaDrift(difference.schemaChanges);
      if (schemaDrift && connection.schemaChanges === 'fail')
        notes.push(`apply would fail. ${refusalOf(schemaDrift, existing).message}`);
      notes.push(...difference.notes);
      const action = changedFields(difference).length > 0 ? 'change' : 'leave';
      const planned = { action, name, id: existing.connectionId, changes: difference.settings } as const;
      const streams = difference.streams ?? null;
      return { connection: { ...planned, streams, ...(schemaDrift && { schemaDrift }) }, notes };
    },
  };

  /** What the source has now, as far as it can be asked; a note where it cannot. */
  async function schemaForPlan({
    sourceId,
    sourceChanges,
  }: ConnectionToPlan): Promise<{ catalog?: Catalog; notes: string[] }> {
    if (sourceId === null) {
      return { notes: ['The streams are checked when the document is applied: the source does not exist yet.'] };
    }
    try {
      const { catalog } = await discover(sourceId, true);
      const notes = sourceChanges
        ? ['The streams are those of the source as it is now; they are checked again once it has changed.']
        : [];
      return { catalog, notes };
    } catch (error) {
      if (!sourceChanges || !(error instanceof AirbyteError) || error.retryable) throw error;
      return {
        notes: [
          `The streams are checked when the document is applied. As the source is now: ${secrets.mask(error.message)}`,
        ],
      };
    }
  }
}

function told(notes: string[]): { notes?: string[] } {
  return notes.length > 0 ? { notes } : {};
}

/** The catalog of a connection, from what its source has. */
function configureStreams({ catalog, catalogId }: DiscoveredSchema, streams: PipelineStream[], current?: Catalog) {
  return {
    syncCatalog: toSyncCatalog(selectStreams(catalog, streams, current)),
    ...(catalogId !== undefined && { sourceCatalogId: catalogId }),
  };
}

function refusalOf(drift: SchemaDrift, { connectionId, name }: Connection): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'AirbyteConflict' satisfies FailureType,
    nonRetryable: true,
    details: [{ schemaDrift: drift }],
    message:
      `The source's schema is no longer what the connection '${name}' (${connectionId}) was set up with, and ` +
      `schemaChanges is fail: ${describeSchemaDrift(drift)}. Nothing was synced. To take the changes over, apply the ` +
      'document once with schemaChanges: propagate; a new stream also by listing it by its name.',
  });
}

function findByName(
  all: Connection[],
  { sourceId, destinationId, connection }: ConnectionToFind,
): Connection | undefined {
  const [match, ...others] = all.filter(({ name }) => name === connection.name);
  if (!match) return undefined;
  if (others.length > 0) {
    const ids = [match, ...others].map(({ connectionId }) => connectionId).join(', ');
    throw failure('AirbyteConflict', `Several connections are named '${connection.name}': ${ids}. Rename all but one.`);
  }
  if (match.sourceId !== sourceId || match.destinationId !== destinationId) {
    throw failure(
      'AirbyteConflict',
      `The connection '${connection.name}' (${match.connectionId}) exists, but goes from ${match.sourceId} to ` +
        `${match.destinationId}, not from ${sourceId ?? 'a new source'} to ${destinationId ?? 'a new destination'}. ` +
        'Give one of them another name.',
    );
  }
  return match;
}

function summarise(connection: Connection): ConnectionSummary {
  const { connectionId, name, status, sourceId, destinationId } = connection;
  return { connectionId, name, status, sourceId, destinationId, streams: readSyncCatalog(connection.syncCatalog) };
}
