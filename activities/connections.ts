import { log } from '@temporalio/activity';
import { AirbyteError } from '../src/airbyte/errors';
import type { DiscoveredSchema } from '../src/airbyte/resources';
import type { Catalog, Connection } from '../src/airbyte/schemas';
import type {
  AppliedConnection,
  ConnectionChanges,
  ConnectionSummary,
  ConnectionToPlan,
  DesiredConnection,
} from '../src/contract/connection';
import { DomainError } from '../src/contract/domain-error';
import type { PipelineDocument, PipelineStream } from '../src/contract/pipeline-document';
import type { PlannedConnection } from '../src/contract/pipeline-plan';
import { airbyteScheduleSchema } from '../src/contract/pipeline-schedule';
import { describeSchemaDrift, type SchemaDrift, toSchemaDrift } from '../src/contract/schema-changes';
import { toAirbyteSchedule, toLegacySchedule } from '../src/documents/connection-schedule';
import type { Discoveries } from '../src/jobs/schema-discovery';
import { noteOnRenamed } from '../src/reconcile/actor-difference';
import {
  changedFields,
  compareConnection,
  needsSchema,
  notesOnStreams,
  settingsOf,
} from '../src/reconcile/connection-difference';
import { ConnectionSearch, findByName, notesOnSimilarConnections } from '../src/reconcile/connection-search';
import { updateConnectionFields } from '../src/reconcile/connection-update';
import { type EarlierRun, findEarlierRun } from '../src/reconcile/earlier-pipeline-runs';
import { listStreams } from '../src/reconcile/listed-streams';
import { findMissingStreams, markMissing, notesOnRemovedStreams } from '../src/reconcile/missing-streams';
import {
  digestsOfConnection,
  limitDigests,
  notesOnNormalizedFields,
  splitKnownConnectionDifferences,
} from '../src/reconcile/normalized-fields';
import { listPlannedStreams } from '../src/reconcile/planned-streams';
import { defaultsOfRemovedFields } from '../src/reconcile/removed-fields';
import { readSyncCatalog, selectStreams, toSyncCatalog } from '../src/reconcile/stream-selection';
import { notesOnClockChanges } from '../src/schedules/daylight-saving';
import { airbyteStartsSync, startsSyncWhenCreated } from './airbyte-started-syncs';
import { type AttemptedChanges, changesOfEarlierAttempts } from './attempted-changes';
import type { ActivityDependencies } from './dependencies';
import { createOnce } from './find-or-create';
import { heartbeatAndYield, report } from './heartbeat';
import { removeObsoleteSchedule } from './schedules';

interface FoundConnection {
  connection: Connection;
  created: boolean;
  /** What an earlier run of the pipeline tells of it. */
  earlier?: EarlierRun | undefined;
  /** What the source has, where it was asked. */
  schema?: DiscoveredSchema;
  notes: string[];
}

export function connectionActivities(
  { airbyte, secrets }: Pick<ActivityDependencies, 'airbyte' | 'secrets'>,
  discoveries: Discoveries,
) {
  const { connections } = airbyte;
  const search = new ConnectionSearch(connections);

  const findOrCreate = async (wanted: DesiredConnection): Promise<FoundConnection> => {
    const { sourceId, destinationId, workspaceId, connection } = wanted;
    const { name } = connection;
    const earlier = await findEarlierRun('connection', name);
    const existing = await search.find(wanted, earlier);
    if (existing) {
      const created = changesOfEarlierAttempts().creating === true;
      return { connection: await search.whole(existing), created, earlier, notes: [] };
    }
    const schema = await discoveries.discover(sourceId, false);
    const fields = {
      ...{ sourceId, destinationId },
      ...settingsOf(connection),
      ...toLegacySchedule(toAirbyteSchedule(connection.schedule)),
      ...configureStreams(schema, connection.streams),
    };
    let listed: Connection[] = [];
    const { found, created } = await createOnce({
      of: { kind: 'connection', workspaceId, name },
      find: async () => {
        listed = await search.listAll(workspaceId);
        return findByName(listed, wanted, earlier);
      },
      create: () => connections.create(fields),
    });
    if (created) log.info(`Created the connection '${name}'`, { connectionId: found.connectionId });
    const notes = notesOnStreams(schema.catalog, connection.streams);
    if (created) notes.push(...notesOnSimilarConnections(listed, wanted), ...notesOnClockChanges(connection.schedule));
    return { connection: found, created, earlier, schema, notes };
  };

  /** What stands for each field that Airbyte shows otherwise than it was sent; a response may say less than Airbyte has. */
  const findNormalizedFields = async (
    shown: Connection,
    wanted: PipelineDocument['connection'],
    catalog: Catalog | undefined,
  ): Promise<string[]> => {
    const unkept = (each: Connection) =>
      limitDigests(digestsOfConnection(compareConnection(connections, each, wanted, catalog)));
    if (unkept(shown).length === 0) return [];
    return unkept(await connections.get(shown.connectionId).catch(() => shown));
  };

  return {
    /** Finds the connection of a pipeline by its name, and creates it only where there is none. */
    async createConnection(wanted: DesiredConnection): Promise<ConnectionSummary & { created: boolean }> {
      const { connection, created } = await findOrCreate(wanted);
      return { ...summarise(connection), created };
    },

    async getConnection({ connectionId }: { connectionId: string }): Promise<ConnectionSummary> {
      return summarise(await connections.get(connectionId));
    },

    async listConnections({
      workspaceId,
    }: {
      workspaceId: string;
    }): Promise<Omit<ConnectionSummary, 'streams' | 'moreStreams'>[]> {
      return (await connections.list(workspaceId)).map((connection) => {
        const { streams, moreStreams, ...summary } = summarise(connection);
        return summary;
      });
    },

    /** @throws DomainError of type `InvalidInput` when the schedule is none that a pipeline may have */
    async updateConnection({ connectionId, schedule, ...fields }: ConnectionChanges): Promise<ConnectionSummary> {
      const { error } = airbyteScheduleSchema().optional().safeParse(schedule);
      if (error)
        throw new DomainError('InvalidInput', `schedule: ${error.issues.map(({ message }) => message).join('; ')}`);
      return summarise(await updateConnectionFields(connections, connectionId, fields, schedule));
    },

    /** Finds, creates or changes the connection of a pipeline. */
    async applyConnection(wanted: DesiredConnection): Promise<AppliedConnection> {
      const { connection, created, earlier, notes, schema: known } = await findOrCreate(wanted);
      const { connectionId } = connection;
      if (created) {
        const syncing = startsSyncWhenCreated(wanted.connection) ? { airbyteSyncs: true } : {};
        const unkept = await findNormalizedFields(connection, wanted.connection, known?.catalog);
        return { connectionId, created, updated: [], ...syncing, ...told(notes, unkept) };
      }
      const { schedule, streams, schemaChanges } = wanted.connection;
      const schema = needsSchema(wanted.connection) ? await discoveries.discover(wanted.sourceId, false) : undefined;
      await heartbeatAndYield();
      const compared = compareConnection(connections, connection, wanted.connection, schema?.catalog, earlier);
      const { left: difference, ...noted } = splitKnownConnectionDifferences(compared, earlier?.note.unkept);
      let { unkept } = noted;
      if (connection.name !== wanted.connection.name) {
        notes.push(noteOnRenamed('connection', connectionId, wanted.connection.name, connection.name));
      }
      const schemaDrift = schemaChanges === undefined ? undefined : toSchemaDrift(difference.schemaChanges);
      if (schemaDrift && schemaChanges === 'fail') throw schemaDriftError(schemaDrift, connection);
      const before = changesOfEarlierAttempts();
      const removedSchedule = (await removeObsoleteSchedule(connectionId, schedule)) ?? before.removedSchedule;
      const removed = removedSchedule === undefined ? {} : { removedSchedule };
      const updates = changedFields(difference);
      const updated = [...new Set([...(before.updated ?? []), ...updates])];
      if (updates.includes('schedule')) notes.push(...notesOnClockChanges(schedule));
      const syncs = before.airbyteSyncs || (await airbyteStartsSync(airbyte, connectionId, wanted, updates));
      const syncing = syncs ? { airbyteSyncs: true } : {};
      if (updates.length > 0) {
        report({ ...removed, ...syncing, updated } satisfies AttemptedChanges);
        const fields = {
          ...settingsOf(wanted.connection),
          ...defaultsOfRemovedFields(wanted.connection, earlier?.document?.connection),
          ...(updates.includes('streams') &&
            configureStreams(
              schema ?? (await discoveries.discover(wanted.sourceId, false)),
              streams,
              connection.syncCatalog,
            )),
        };
        const changed = await updateConnectionFields(
          connections,
          connectionId,
          fields,
          updates.includes('schedule') ? schedule : undefined,
        );
        unkept = await findNormalizedFields(changed, wanted.connection, schema?.catalog);
        log.info(`Updated the connection '${wanted.connection.name}'`, { connectionId, updated: updates });
      }
      return {
        connectionId,
        created,
        updated,
        ...removed,
        ...syncing,
        ...(schemaDrift && { schemaDrift }),
        ...told([...notes, ...difference.notes, ...notesOnNormalizedFields('connection', noted.fields)], unkept),
      };
    },

    /** What `applyConnection` would do, and what else is to be known of it. It changes nothing. */
    async planConnection(wanted: ConnectionToPlan): Promise<{ connection: PlannedConnection; notes: string[] }> {
      const { workspaceId, connection, pipeline } = wanted;
      const { name } = connection;
      const earlier = await findEarlierRun('connection', name, pipeline);
      let found = await search.find(wanted, earlier, pipeline);
      const notesOnNew: string[] = [];
      if (found === undefined) {
        const listed = await search.listAll(workspaceId);
        found = findByName(listed, wanted, earlier);
        notesOnNew.push(...notesOnSimilarConnections(listed, wanted));
      }
      const existing = found && (await search.whole(found));
      const { catalog, notes } = await discoverForPlan(wanted);
      notes.push(...notesOnClockChanges(connection.schedule));
      const gone = findMissingStreams(catalog ?? { streams: [] }, catalog ? connection.streams : [], existing);
      const selected = catalog && selectStreams(catalog, connection.streams, existing?.syncCatalog, gone);
      notes.push(...notesOnRemovedStreams(gone));
      if (!existing) {
        const streams = selected?.map(({ selected: { name, namespace } }) => ({
          ...{ name, ...(namespace !== undefined && { namespace }) },
          ...{ action: 'add' as const, changes: [] },
        }));
        if (catalog) notes.push(...notesOnStreams(catalog, connection.streams));
        notes.push(...notesOnNew);
        return { connection: { action: 'create', name, id: null, changes: [], ...listPlannedStreams(streams) }, notes };
      }
      await heartbeatAndYield();
      const compared = compareConnection(connections, existing, connection, catalog, earlier);
      const { left, fields } = splitKnownConnectionDifferences(compared, earlier?.note.unkept);
      const difference = { ...left, streams: left.streams && markMissing(left.streams, gone) };
      if (existing.name !== name) {
        notes.push(noteOnRenamed('connection', existing.connectionId, name, existing.name));
      }
      notes.push(...notesOnNormalizedFields('connection', fields));
      const schemaDrift = toSchemaDrift(difference.schemaChanges);
      if (schemaDrift && connection.schemaChanges === 'fail')
        notes.push(`apply would fail. ${schemaDriftError(schemaDrift, existing).message}`);
      notes.push(...difference.notes);
      const action = changedFields(difference).length > 0 ? 'change' : 'leave';
      const planned = { action, name, id: existing.connectionId, changes: difference.settings } as const;
      const streams = listPlannedStreams(difference.streams);
      return { connection: { ...planned, ...streams, ...(schemaDrift && { schemaDrift }) }, notes };
    },
  };

  /** What the source has now, as far as it can be asked; a note where it cannot. */
  async function discoverForPlan({
    sourceId,
    sourceChanges,
  }: ConnectionToPlan): Promise<{ catalog?: Catalog; notes: string[] }> {
    if (sourceId === null) {
      return { notes: ['The streams are checked when the document is applied: the source does not exist yet.'] };
    }
    try {
      const { catalog } = await discoveries.discover(sourceId, true);
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

function told(notes: string[], unkept: string[]): Pick<AppliedConnection, 'notes' | 'unkept'> {
  return { ...(notes.length > 0 && { notes }), ...(unkept.length > 0 && { unkept }) };
}

/** The catalog of a connection, from what its source has. */
function configureStreams({ catalog, catalogId }: DiscoveredSchema, streams: PipelineStream[], current?: Catalog) {
  return {
    syncCatalog: toSyncCatalog(selectStreams(catalog, streams, current)),
    ...(catalogId !== undefined && { sourceCatalogId: catalogId }),
  };
}

function schemaDriftError(drift: SchemaDrift, { connectionId, name }: Connection): DomainError {
  return new DomainError(
    'AirbyteConflict',
    `The source's schema is no longer what the connection '${name}' (${connectionId}) was set up with, and ` +
      `schemaChanges is fail: ${describeSchemaDrift(drift)}. Nothing was synced. To take the changes over, apply the ` +
      'document once with schemaChanges: propagate; a new stream also by listing it by its name.',
    { details: [{ schemaDrift: drift }] },
  );
}

function summarise(connection: Connection): ConnectionSummary {
  const { connectionId, name, status, sourceId, destinationId } = connection;
  return {
    connectionId,
    name,
    status,
    sourceId,
    destinationId,
    ...listStreams(readSyncCatalog(connection.syncCatalog)),
  };
}
