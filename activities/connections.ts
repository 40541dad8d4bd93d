import { isDeepStrictEqual } from 'node:util';
import { cancellationSignal, getClient, log } from '@temporalio/activity';
import { ifFound } from '../src/airbyte/if-found';
import type { Connections } from '../src/airbyte/resources';
import type { Catalog, Connection } from '../src/airbyte/schemas';
import { changeConnection } from '../src/pipeline/connection-change';
import { cursorPath, type PipelineDocument, type PipelineStream, primaryKeyPaths } from '../src/pipeline/document';
import {
  airbyteScheduleSchema,
  fromAirbyteSchedule,
  inOldForm,
  isByTemporal,
  type PipelineSchedule,
  type ScheduleByAirbyte,
  toAirbyteSchedule,
} from '../src/pipeline/schedule';
import { removePipelineSchedule } from '../src/schedules/apply-schedule';
import type { ActivityDependencies } from './dependencies';
import { idFromEarlierRun } from './earlier-run';
import { failure } from './failures';
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
}

export interface AppliedConnection {
  connectionId: string;
  created: boolean;
  /** The fields that were changed. */
  updated: string[];
  /** The Temporal schedule that was deleted, because the document no longer wants it. */
  removedSchedule?: string;
}

export interface ConnectionChanges {
  connectionId: string;
  name?: string;
  status?: 'active' | 'inactive';
  schedule?: ScheduleByAirbyte;
}

export function connectionActivities({ airbyte }: Pick<ActivityDependencies, 'airbyte'>) {
  const { connections, sources } = airbyte;

  const findOrCreate = async (wanted: WantedConnection): Promise<{ connection: Connection; created: boolean }> => {
    const all = await ifFound(connections.list(wanted.workspaceId));
    const existing = findByName(all ?? (await findNoted(wanted.connection.name)), wanted);
    if (existing) return { connection: existing, created: false };
    const { sourceId, destinationId, connection } = wanted;
    const created = await connections.create({
      sourceId,
      destinationId,
      ...settingsOf(connection),
      ...inOldForm(toAirbyteSchedule(connection.schedule)),
      ...(await configureStreams(sourceId, connection.streams)),
    });
    log.info(`Created the connection '${connection.name}'`, { connectionId: created.connectionId });
    return { connection: created, created: true };
  };

  /** The connection that an earlier run of the pipeline has noted, where the server lists none. */
  const findNoted = async (name: string): Promise<Connection[]> => {
    const connectionId = await idFromEarlierRun('connection', name);
    const connection = connectionId === undefined ? undefined : await ifFound(connections.get(connectionId));
    return connection === undefined ? [] : [connection];
  };

  /** The catalog of the connection, from what the source said last (Airbyte keeps the answer of a discovery). */
  const configureStreams = async (sourceId: string, streams: PipelineStream[], current?: Catalog) => {
    const { catalog, catalogId } = await sources.discoverSchema(sourceId, {}, { signal: cancellationSignal() });
    return {
      syncCatalog: toSyncCatalog(selectStreams(catalog, streams, current)),
      ...(catalogId !== undefined && { sourceCatalogId: catalogId }),
    };
  };

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
      const { connection, created } = await findOrCreate(wanted);
      const { connectionId } = connection;
      if (created) return { connectionId, created, updated: [] };
      const removedSchedule = await removeUnwantedSchedule(connectionId, wanted.connection.schedule);
      const updated = differences(connections, connection, wanted.connection);
      if (updated.length > 0) {
        const { schedule, streams } = wanted.connection;
        const fields = {
          ...settingsOf(wanted.connection),
          ...(updated.includes('streams') &&
            (await configureStreams(wanted.sourceId, streams, connection.syncCatalog))),
        };
        await changeConnection(connections, connectionId, fields, updated.includes('schedule') ? schedule : undefined);
        log.info(`Updated the connection '${wanted.connection.name}'`, { connectionId, updated });
      }
      return { connectionId, created, updated, ...(removedSchedule !== undefined && { removedSchedule }) };
    },
  };
}

/**
 * Deletes the Temporal schedule that the document has had, before Airbyte starts to schedule the connection itself: they
 * would both start its syncs.
 */
async function removeUnwantedSchedule(connectionId: string, wanted: PipelineSchedule): Promise<string | undefined> {
  if (isByTemporal(wanted)) return undefined;
  const removed = await removePipelineSchedule(getClient().schedule, connectionId);
  if (removed !== undefined) log.info('Deleted the Temporal schedule of the connection', { connectionId });
  return removed;
}

function findByName(all: Connection[], { sourceId, destinationId, connection }: WantedConnection) {
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
        `${match.destinationId}, not from ${sourceId} to ${destinationId}. Give one of them another name.`,
    );
  }
  return match;
}

/** The connection's own fields, apart from its schedule and its streams. */
function settingsOf({ name, namespaceDefinition, namespaceFormat, prefix, status }: WantedConnection['connection']) {
  return {
    name,
    namespaceDefinition,
    ...(namespaceFormat !== undefined && { namespaceFormat }),
    ...(prefix !== undefined && { prefix }),
    status,
  };
}

/** What of an existing connection is not as wanted. A field that the pipeline leaves open is left as it is. */
function differences(
  connections: Pick<Connections, 'asKept'>,
  existing: Connection,
  wanted: WantedConnection['connection'],
): string[] {
  const settings = Object.entries(settingsOf(wanted)).filter(([field, value]) => (existing[field] ?? '') !== value);
  const changed = settings.map(([field]) => field);
  if (!hasSchedule(connections, existing, wanted.schedule)) changed.push('schedule');
  const current = readSyncCatalog(existing.syncCatalog);
  const sameStreams =
    current.length === wanted.streams.length &&
    wanted.streams.every((stream) => current.some((other) => isSameStream(stream, other)));
  if (!sameStreams) changed.push('streams');
  return changed;
}

/** Whether a connection has the schedule, as it was written or as this API keeps it. */
function hasSchedule(
  connections: Pick<Connections, 'asKept'>,
  existing: Connection,
  wanted: PipelineSchedule,
): boolean {
  const current = fromAirbyteSchedule(existing);
  const schedule = toAirbyteSchedule(wanted);
  if (isDeepStrictEqual(current, fromAirbyteSchedule(schedule))) return true;
  return isDeepStrictEqual(current, fromAirbyteSchedule(connections.asKept(schedule)));
}

function isSameStream(wanted: PipelineStream, current: SelectedStream): boolean {
  const cursor = wanted.syncMode === 'incremental' ? cursorPath(wanted) : undefined;
  const primaryKey = primaryKeyPaths(wanted);
  return (
    wanted.name === current.name &&
    // Not every API says the namespace of a stream.
    (wanted.namespace === undefined || current.namespace === undefined || wanted.namespace === current.namespace) &&
    wanted.syncMode === current.syncMode &&
    wanted.destinationSyncMode === current.destinationSyncMode &&
    (cursor === undefined || isDeepStrictEqual(cursor, current.cursorField)) &&
    (primaryKey === undefined || isDeepStrictEqual(primaryKey, current.primaryKey))
  );
}

function summarise(connection: Connection): ConnectionSummary {
  const { connectionId, name, status, sourceId, destinationId } = connection;
  return { connectionId, name, status, sourceId, destinationId, streams: readSyncCatalog(connection.syncCatalog) };
}
