import type { AirbyteClient } from '../airbyte/client';
import type { DiscoveredSchema } from '../airbyte/resources';
import type { Catalog, Connection } from '../airbyte/schemas';
import type { AppliedConnection, DesiredConnection, RemovedSchedule } from '../contract/connection';
import { DomainError, ErrorWithDetails } from '../contract/domain-error';
import type { PipelineDocument, PipelineStream } from '../contract/pipeline-document';
import { isTemporalSchedule } from '../contract/pipeline-schedule';
import { describeSchemaDrift, type SchemaDrift, toSchemaDrift } from '../contract/schema-changes';
import { toAirbyteSchedule, toLegacySchedule } from '../documents/connection-schedule';
import { notesOnClockChanges } from '../schedules/daylight-saving';
import type { EarlierRun } from '../temporal/pipeline-runs';
import { noteOnRenamed } from './actor-difference';
import { airbyteStartsSync, startsSyncWhenCreated } from './airbyte-started-syncs';
import { changedFields, compareConnection, needsSchema, notesOnStreams, settingsOf } from './connection-difference';
import { ConnectionSearch, findByName, notesOnSimilarConnections } from './connection-search';
import { updateConnectionFields } from './connection-update';
import { createOnce } from './creation';
import {
  digestsOfConnection,
  limitDigests,
  notesOnNormalizedFields,
  splitKnownConnectionDifferences,
} from './normalized-fields';
import type { ReconcilePorts } from './ports';
import { defaultsOfRemovedFields } from './removed-fields';
import { selectStreams, toSyncCatalog } from './stream-selection';

/** @param isFresh whether to ask the source itself instead of taking the result of an earlier discovery from Airbyte */
export type DiscoverSchema = (sourceId: string, isFresh: boolean) => Promise<DiscoveredSchema>;

interface FoundConnection {
  connection: Connection;
  created: boolean;
  /** What an earlier run of the pipeline knows of it. */
  earlier?: EarlierRun | undefined;
  /** What the source has, if it was asked. */
  schema?: DiscoveredSchema;
  notes: string[];
}

/** Makes the connections in Airbyte what pipelines desire. */
export class ConnectionReconciler {
  readonly #search: ConnectionSearch;

  constructor(
    private readonly airbyte: AirbyteClient,
    private readonly discover: DiscoverSchema,
    private readonly ports: ReconcilePorts,
  ) {
    this.#search = new ConnectionSearch(airbyte.connections, ports.runs);
  }

  /** Finds the connection of a pipeline by its name, and creates it when there is none. */
  async findOrCreate(desired: DesiredConnection): Promise<FoundConnection> {
    const earlier = await this.ports.runs.findEarlierRun('connection', desired.connection.name);
    const existing = await this.#search.find(desired, earlier);
    if (existing === undefined) return this.#create(desired, earlier);
    const created = this.ports.earlier.creating === true;
    return { connection: await this.#search.withCatalog(existing), created, earlier, notes: [] };
  }

  /** Finds, creates or changes the connection of a pipeline. */
  async apply(desired: DesiredConnection): Promise<AppliedConnection> {
    const found = await this.findOrCreate(desired);
    if (!found.created) return this.#applyTo(found, desired);
    const { connection, schema, notes } = found;
    return {
      connectionId: connection.connectionId,
      created: true,
      updated: [],
      ...(startsSyncWhenCreated(desired.connection) && { airbyteSyncs: true }),
      ...omitEmpty(notes, await this.#findNormalizedFields(connection, desired.connection, schema?.catalog)),
    };
  }

  async #create(desired: DesiredConnection, earlier: EarlierRun | undefined): Promise<FoundConnection> {
    const { sourceId, destinationId, workspaceId, connection } = desired;
    const { name } = connection;
    const schema = await this.discover(sourceId, false);
    const fields = {
      ...{ sourceId, destinationId },
      ...settingsOf(connection),
      ...toLegacySchedule(toAirbyteSchedule(connection.schedule)),
      ...configureStreams(schema, connection.streams),
    };
    let listed: Connection[] = [];
    const creation = {
      key: { kind: 'connection', workspaceId, name } as const,
      find: async () => {
        listed = await this.#search.listAll(workspaceId);
        return findByName(listed, desired, earlier);
      },
      create: () => this.airbyte.connections.create(fields),
    };
    const { found, created } = await createOnce(creation, this.ports);
    if (created) this.ports.logger.info(`Created the connection '${name}'`, { connectionId: found.connectionId });
    const notes = notesOnStreams(schema.catalog, connection.streams);
    if (created) notes.push(...notesOnSimilarConnections(listed, desired), ...notesOnClockChanges(connection.schedule));
    return { connection: found, created, earlier, schema, notes };
  }

  async #applyTo(
    { connection: existing, earlier, notes }: FoundConnection,
    desired: DesiredConnection,
  ): Promise<AppliedConnection> {
    const { connections } = this.airbyte;
    const { connectionId } = existing;
    const { name, schedule, schemaChanges } = desired.connection;
    const schema = needsSchema(desired.connection) ? await this.discover(desired.sourceId, false) : undefined;
    await this.ports.heartbeatAndYield();
    const compared = compareConnection(connections, existing, desired.connection, schema?.catalog, earlier);
    const known = splitKnownConnectionDifferences(compared, earlier?.note.unkept);
    const difference = known.left;
    if (existing.name !== name) notes.push(noteOnRenamed('connection', connectionId, name, existing.name));
    const schemaDrift = schemaChanges === undefined ? undefined : toSchemaDrift(difference.schemaChanges);
    if (schemaDrift && schemaChanges === 'fail') throw schemaDriftError(schemaDrift, existing);

    const before = this.ports.earlier;
    const removedSchedule = (await this.#removeObsoleteSchedule(connectionId, schedule)) ?? before.removedSchedule;
    const removed: RemovedSchedule = removedSchedule === undefined ? {} : { removedSchedule };
    const updates = changedFields(difference);
    const updated = [...new Set([...(before.updated ?? []), ...updates])];
    if (updates.includes('schedule')) notes.push(...notesOnClockChanges(schedule));
    const startsSync =
      before.airbyteSyncs || (await airbyteStartsSync(this.airbyte, this.ports.runs, connectionId, desired, updates));
    const syncing = startsSync ? { airbyteSyncs: true } : {};

    let { unkept } = known;
    if (updates.length > 0) {
      this.ports.report({ ...removed, ...syncing, updated });
      const changed = await this.#update(existing, desired, updates, schema, earlier).catch((error: unknown) => {
        throw removedSchedule === undefined ? error : new ErrorWithDetails(error, [removed]);
      });
      unkept = await this.#findNormalizedFields(changed, desired.connection, schema?.catalog);
      this.ports.logger.info(`Updated the connection '${name}'`, { connectionId, updated: updates });
    }
    notes.push(...difference.notes, ...notesOnNormalizedFields('connection', known.fields));
    return {
      ...{ connectionId, created: false, updated },
      ...removed,
      ...syncing,
      ...(schemaDrift && { schemaDrift }),
      ...omitEmpty(notes, unkept),
    };
  }

  async #update(
    { connectionId, syncCatalog }: Connection,
    { sourceId, connection }: DesiredConnection,
    updates: readonly string[],
    schema: DiscoveredSchema | undefined,
    earlier: EarlierRun | undefined,
  ): Promise<Connection> {
    const streams = updates.includes('streams')
      ? configureStreams(schema ?? (await this.discover(sourceId, false)), connection.streams, syncCatalog)
      : {};
    const fields = {
      ...settingsOf(connection),
      ...defaultsOfRemovedFields(connection, earlier?.document?.connection),
      ...streams,
    };
    const schedule = updates.includes('schedule') ? connection.schedule : undefined;
    return updateConnectionFields(this.airbyte.connections, connectionId, fields, schedule);
  }

  /**
   * Deletes the Temporal schedule of an earlier document before Airbyte schedules the connection: otherwise both would start
   * its syncs.
   */
  async #removeObsoleteSchedule(
    connectionId: string,
    desired: PipelineDocument['connection']['schedule'],
  ): Promise<string | undefined> {
    if (isTemporalSchedule(desired)) return undefined;
    const onDelete = (removedSchedule: string) => this.ports.report({ removedSchedule });
    const removed = await this.ports.removeSchedule(connectionId, onDelete);
    if (removed !== undefined)
      this.ports.logger.info('Deleted the Temporal schedule of the connection', { connectionId });
    return removed;
  }

  /** Finds the fields that Airbyte changed when it stored them. A response may show less of a connection than Airbyte has. */
  async #findNormalizedFields(
    shown: Connection,
    desired: PipelineDocument['connection'],
    catalog: Catalog | undefined,
  ): Promise<string[]> {
    const { connections } = this.airbyte;
    const unkept = (connection: Connection) =>
      limitDigests(digestsOfConnection(compareConnection(connections, connection, desired, catalog)));
    if (unkept(shown).length === 0) return [];
    return unkept(await connections.get(shown.connectionId).catch(() => shown));
  }
}

/** The error of an apply when the source's schema has changed and the document says `schemaChanges: fail`. */
export function schemaDriftError(drift: SchemaDrift, { connectionId, name }: Connection): DomainError {
  return new DomainError(
    'AirbyteConflict',
    `The source's schema is no longer what the connection '${name}' (${connectionId}) was set up with, and ` +
      `schemaChanges is fail: ${describeSchemaDrift(drift)}. Nothing was synced. To take the changes over, apply the ` +
      'document once with schemaChanges: propagate; a new stream also by listing it by its name.',
    { details: [{ schemaDrift: drift }] },
  );
}

/** The catalog of a connection, from what its source has. */
function configureStreams({ catalog, catalogId }: DiscoveredSchema, streams: PipelineStream[], current?: Catalog) {
  return {
    syncCatalog: toSyncCatalog(selectStreams(catalog, streams, current)),
    ...(catalogId !== undefined && { sourceCatalogId: catalogId }),
  };
}

function omitEmpty(notes: string[], unkept: string[]): Pick<AppliedConnection, 'notes' | 'unkept'> {
  return { ...(notes.length > 0 && { notes }), ...(unkept.length > 0 && { unkept }) };
}
