import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import type { Catalog, Connection } from '../airbyte/schemas';
import type { ConnectionToPlan, PreparedConnection } from '../contract/connection';
import type { PlannedConnection, PlannedStream } from '../contract/pipeline-plan';
import { toSchemaDrift } from '../contract/schema-changes';
import type { Discoveries } from '../jobs/schema-discovery';
import { notesOnClockChanges } from '../schedules/daylight-saving';
import type { SecretResolver } from '../secrets/secret-resolver';
import type { EarlierRun } from '../temporal/pipeline-runs';
import { messageOf } from '../text/error-message';
import { formatDuration } from '../text/formatting';
import { sourceCalls } from './actor-calls';
import { noteOnRenamed } from './actor-difference';
import { resolveSecrets } from './configuration-secrets';
import { changedFields, compareConnection, notesOnStreams } from './connection-difference';
import { ConnectionSearch, findByName, notesOnSimilarConnections } from './connection-search';
import { type DiscoverSchema, schemaDriftError } from './connections';
import { listPlannedStreams, listStreams, withoutLeftStreams } from './listing-limits';
import { findMissingStreams, type MissingStreams, markMissing, notesOnMissingStreams } from './missing-streams';
import { notedAgain, notesOnNormalizedFields, splitKnownConnectionDifferences } from './normalized-fields';
import type { ReconcilePorts } from './ports';
import { type ConfiguredStream, selectStreams } from './stream-selection';

/** How long a plan waits for the streams of a source that is to be created or changed, whose configuration may be wrong. */
const DISCOVERY_OF_PLAN_MS = 20_000;

interface ConnectionPlan {
  connection: PlannedConnection;
  notes: string[];
}

/** What the source has now or will have, and what a user should know of it. */
interface SourceSchema {
  catalog?: Catalog | undefined;
  notes: string[];
}

/** What the planner needs to read sources. */
export interface SourceReader {
  /** Reads a saved source. */
  discover: DiscoverSchema;
  /** Reads a source with a configuration that is not saved; undefined where Airbyte cannot do that. */
  discoverConfiguration: Discoveries['discoverConfiguration'];
}

/** Finds out what an apply would do with the connection of a pipeline. It changes nothing. */
export class ConnectionPlanner {
  readonly #search: ConnectionSearch;

  constructor(
    private readonly airbyte: AirbyteClient,
    private readonly reader: SourceReader,
    private readonly secrets: SecretResolver,
    private readonly ports: ReconcilePorts,
  ) {
    this.#search = new ConnectionSearch(airbyte.connections, ports.runs);
  }

  /** What a user reads before an apply. Notes say what an apply would fail on, and what cannot be known before. */
  async plan(desired: ConnectionToPlan): Promise<ConnectionPlan> {
    const { connection } = desired;
    const { existing, earlier, notes: notesOnNew } = await this.#find(desired);
    const { catalog, notes } = await this.#discoverForPlan(desired);
    notes.push(...notesOnClockChanges(connection.schedule));
    const missing = findMissingStreams(catalog ?? { streams: [] }, catalog ? connection.streams : [], existing);
    const selected = catalog && selectStreams(catalog, connection.streams, existing?.syncCatalog, missing);
    notes.push(...notesOnMissingStreams(missing));
    if (existing === undefined) {
      if (catalog) notes.push(...notesOnStreams(catalog, connection.streams));
      return { connection: planCreation(connection.name, selected), notes: [...notes, ...notesOnNew] };
    }
    const { planned, difference, fields } = await this.#planChange(desired, existing, { catalog, missing, earlier });
    if (existing.name !== connection.name) {
      notes.push(noteOnRenamed('connection', existing.connectionId, connection.name, existing.name));
    }
    notes.push(...notesOnNormalizedFields('connection', fields));
    if (planned.schemaDrift && connection.schemaChanges === 'fail') {
      notes.push(`apply would fail. ${schemaDriftError(planned.schemaDrift, existing).message}`);
    }
    return { connection: planned, notes: [...notes, ...difference.notes] };
  }

  /**
   * Finds out what the apply that follows will do, before it changes the source or the destination.
   *
   * @throws what the apply would throw of the connection, its streams and its schema
   */
  async prepare(desired: ConnectionToPlan): Promise<PreparedConnection> {
    const { connection } = desired;
    const { existing, earlier } = await this.#find(desired);
    const catalog = await this.#discover(desired);
    const streams = catalog && selectStreams(catalog, connection.streams, existing?.syncCatalog);
    const selected = streams ? listStreams(streams.map((stream) => stream.selected)) : null;
    if (existing === undefined)
      return { planned: withoutLeftStreams(planCreation(connection.name, streams)), selected };
    const missing: MissingStreams = new Map();
    const { planned, unkept } = await this.#planChange(desired, existing, { catalog, missing, earlier });
    if (planned.schemaDrift && connection.schemaChanges === 'fail')
      throw schemaDriftError(planned.schemaDrift, existing);
    return {
      planned: withoutLeftStreams(planned),
      selected,
      ...notedAgain(unkept, earlier?.note, existing.connectionId),
    };
  }

  async #find(desired: ConnectionToPlan): Promise<{
    existing?: Connection | undefined;
    earlier: EarlierRun | undefined;
    notes: string[];
  }> {
    const earlier = await this.ports.runs.findEarlierRun('connection', desired.connection.name);
    const found = await this.#search.find(desired, earlier);
    if (found) return { existing: await this.#search.withCatalog(found), earlier, notes: [] };
    const listed = await this.#search.listAll(desired.workspaceId);
    const foundInWholeList = findByName(listed, desired, earlier);
    const existing = foundInWholeList && (await this.#search.withCatalog(foundInWholeList));
    return { existing, earlier, notes: notesOnSimilarConnections(listed, desired) };
  }

  /** Discovers what the source will have; undefined when that is not possible before it is saved. */
  async #discover(desired: ConnectionToPlan, signal?: AbortSignal): Promise<Catalog | undefined> {
    const { sourceId, sourceChanges, source, workspaceId, pipeline } = desired;
    if (sourceId !== null && !sourceChanges) return (await this.reader.discover(sourceId, true)).catalog;
    if (source === undefined) return undefined;
    const { definitionId } = source;
    const toResolve = { ...source, workspaceId, pipeline };
    const connectionConfiguration = await resolveSecrets(sourceCalls(this.airbyte), this.secrets, toResolve);
    const input = {
      ...{ workspaceId, sourceDefinitionId: definitionId, connectionConfiguration },
      ...(sourceId !== null && { sourceId }),
    };
    return (await this.reader.discoverConfiguration(input, signal))?.catalog;
  }

  /** A source that is to be created or changed may be unreadable: then a user gets the plan of everything else, in seconds. */
  async #discoverForPlan(desired: ConnectionToPlan): Promise<SourceSchema> {
    const { sourceId, sourceChanges } = desired;
    if (sourceId !== null && !sourceChanges) return { catalog: await this.#discover(desired), notes: [] };
    const signal = AbortSignal.timeout(DISCOVERY_OF_PLAN_MS);
    const late = 'They are checked when the document is applied.';
    try {
      const catalog = await this.#discover(desired, signal);
      if (catalog !== undefined) return { catalog, notes: [] };
      if (sourceId === null)
        return { notes: [`The streams could not be planned: the source does not exist yet. ${late}`] };
      return {
        catalog: (await this.airbyte.sources.discoverSchema(sourceId, { disableCache: true }, { signal })).catalog,
        notes: ['The streams are those of the source as it is now; they are checked again once it has changed.'],
      };
    } catch (error) {
      if (!signal.aborted && !(error instanceof AirbyteError)) throw error;
      const reason = signal.aborted
        ? `The discovery took longer than ${formatDuration(DISCOVERY_OF_PLAN_MS)}.`
        : this.secrets.mask(messageOf(error));
      return { notes: [`The streams could not be planned, because the source cannot be read. ${late} ${reason}`] };
    }
  }

  async #planChange(
    { connection, pipeline }: ConnectionToPlan,
    existing: Connection,
    {
      catalog,
      missing,
      earlier,
    }: { catalog: Catalog | undefined; missing: MissingStreams; earlier: EarlierRun | undefined },
  ) {
    const { connectionId } = existing;
    await this.ports.heartbeatAndYield();
    const compared = compareConnection(this.airbyte.connections, existing, connection, catalog, earlier);
    const { left, fields, unkept } = splitKnownConnectionDifferences(compared, earlier?.note.unkept);
    const difference = { ...left, streams: left.streams && markMissing(left.streams, missing) };
    const schemaDrift = toSchemaDrift(difference.schemaChanges);
    const changes = changedFields(difference).length > 0;
    const object = { kind: 'connection', id: connectionId, connectionIds: [connectionId] } as const;
    const managedBy = changes ? await this.ports.runs.findManager(object, pipeline, earlier?.note) : undefined;
    const planned: PlannedConnection = {
      action: changes ? 'change' : 'leave',
      ...{ name: connection.name, id: connectionId, changes: difference.settings },
      ...(managedBy !== undefined && { managedBy }),
      ...listPlannedStreams(difference.streams),
      ...(schemaDrift && { schemaDrift }),
    };
    return { planned, difference, fields, unkept };
  }
}

function planCreation(name: string, streams: readonly ConfiguredStream[] | undefined): PlannedConnection {
  return { action: 'create', name, id: null, changes: [], ...listPlannedStreams(streams?.map(toAddedStream)) };
}

function toAddedStream({ selected: { name, namespace } }: ConfiguredStream): PlannedStream {
  return { name, ...(namespace !== undefined && { namespace }), action: 'add', changes: [] };
}
