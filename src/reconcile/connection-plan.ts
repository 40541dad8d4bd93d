import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import type { Catalog, Connection } from '../airbyte/schemas';
import type { ConnectionToPlan } from '../contract/connection';
import type { PlannedConnection, PlannedStream } from '../contract/pipeline-plan';
import { toSchemaDrift } from '../contract/schema-changes';
import { notesOnClockChanges } from '../schedules/daylight-saving';
import type { SecretResolver } from '../secrets/secret-resolver';
import type { EarlierRun } from '../temporal/pipeline-runs';
import { messageOf } from '../text/error-message';
import { formatDuration } from '../text/formatting';
import { noteOnRenamed } from './actor-difference';
import { changedFields, compareConnection, notesOnStreams } from './connection-difference';
import { ConnectionSearch, findByName, notesOnSimilarConnections } from './connection-search';
import { type DiscoverSchema, schemaDriftError } from './connections';
import { listPlannedStreams } from './listing-limits';
import { findMissingStreams, type MissingStreams, markMissing, notesOnMissingStreams } from './missing-streams';
import { notesOnNormalizedFields, splitKnownConnectionDifferences } from './normalized-fields';
import type { ReconcilePorts } from './ports';
import { type ConfiguredStream, selectStreams } from './stream-selection';

/** How long a source may take that is read with the configuration which the document replaces, and which may be the broken one. */
const DISCOVERY_BEFORE_CHANGE_MS = 20_000;

interface ConnectionPlan {
  connection: PlannedConnection;
  notes: string[];
}

/** Finds out what an apply would do with the connection of a pipeline. It changes nothing. */
export class ConnectionPlanner {
  readonly #search: ConnectionSearch;

  constructor(
    private readonly airbyte: AirbyteClient,
    private readonly discover: DiscoverSchema,
    private readonly secrets: Pick<SecretResolver, 'mask'>,
    private readonly ports: ReconcilePorts,
  ) {
    this.#search = new ConnectionSearch(airbyte.connections, ports.runs);
  }

  async plan(desired: ConnectionToPlan): Promise<ConnectionPlan> {
    const { connection } = desired;
    const earlier = await this.ports.runs.findEarlierRun('connection', connection.name);
    const { existing, notes: notesOnNew } = await this.#find(desired, earlier);
    const { catalog, notes } = await this.#discover(desired);
    notes.push(...notesOnClockChanges(connection.schedule));
    const missing = findMissingStreams(catalog ?? { streams: [] }, catalog ? connection.streams : [], existing);
    const selected = catalog && selectStreams(catalog, connection.streams, existing?.syncCatalog, missing);
    notes.push(...notesOnMissingStreams(missing));
    if (existing) return this.#planChange(desired, existing, { catalog, missing, notes, earlier });
    if (catalog) notes.push(...notesOnStreams(catalog, connection.streams));
    notes.push(...notesOnNew);
    const streams = listPlannedStreams(selected?.map(toAddedStream));
    return { connection: { action: 'create', name: connection.name, id: null, changes: [], ...streams }, notes };
  }

  async #find(
    desired: ConnectionToPlan,
    earlier: EarlierRun | undefined,
  ): Promise<{ existing?: Connection | undefined; notes: string[] }> {
    const found = await this.#search.find(desired, earlier);
    if (found) return { existing: await this.#search.withCatalog(found), notes: [] };
    const listed = await this.#search.listAll(desired.workspaceId);
    const foundInWholeList = findByName(listed, desired, earlier);
    const existing = foundInWholeList && (await this.#search.withCatalog(foundInWholeList));
    return { existing, notes: notesOnSimilarConnections(listed, desired) };
  }

  /** Discovers what the source has now; the notes say when that is not possible. */
  async #discover({ sourceId, sourceChanges }: ConnectionToPlan): Promise<{ catalog?: Catalog; notes: string[] }> {
    if (sourceId === null) {
      return { notes: ['The streams are checked when the document is applied: the source does not exist yet.'] };
    }
    if (sourceChanges) return this.#discoverBeforeChange(sourceId);
    const { catalog } = await this.discover(sourceId, true);
    return { catalog, notes: [] };
  }

  /** Reads the source once, and not for long: the change may be what lets it be read. */
  async #discoverBeforeChange(sourceId: string): Promise<{ catalog?: Catalog; notes: string[] }> {
    const signal = AbortSignal.timeout(DISCOVERY_BEFORE_CHANGE_MS);
    try {
      const { catalog } = await this.airbyte.sources.discoverSchema(sourceId, { disableCache: true }, { signal });
      const note = 'The streams are those of the source as it is now; they are checked again once it has changed.';
      return { catalog, notes: [note] };
    } catch (error) {
      if (!signal.aborted && !(error instanceof AirbyteError)) throw error;
      const reason = signal.aborted
        ? `The discovery took longer than ${formatDuration(DISCOVERY_BEFORE_CHANGE_MS)}.`
        : this.secrets.mask(messageOf(error));
      return {
        notes: [
          `The streams could not be planned, because the source cannot be read with its present configuration. They are checked when the document is applied. ${reason}`,
        ],
      };
    }
  }

  async #planChange(
    { connection }: ConnectionToPlan,
    existing: Connection,
    {
      catalog,
      missing,
      notes,
      earlier,
    }: { catalog: Catalog | undefined; missing: MissingStreams; notes: string[]; earlier: EarlierRun | undefined },
  ): Promise<ConnectionPlan> {
    const { name } = connection;
    await this.ports.heartbeatAndYield();
    const compared = compareConnection(this.airbyte.connections, existing, connection, catalog, earlier);
    const { left, fields } = splitKnownConnectionDifferences(compared, earlier?.note.unkept);
    const difference = { ...left, streams: left.streams && markMissing(left.streams, missing) };
    if (existing.name !== name) {
      notes.push(noteOnRenamed('connection', existing.connectionId, name, existing.name));
    }
    notes.push(...notesOnNormalizedFields('connection', fields));
    const schemaDrift = toSchemaDrift(difference.schemaChanges);
    if (schemaDrift && connection.schemaChanges === 'fail') {
      notes.push(`apply would fail. ${schemaDriftError(schemaDrift, existing).message}`);
    }
    notes.push(...difference.notes);
    const planned: PlannedConnection = {
      action: changedFields(difference).length > 0 ? 'change' : 'leave',
      ...{ name, id: existing.connectionId, changes: difference.settings },
      ...listPlannedStreams(difference.streams),
      ...(schemaDrift && { schemaDrift }),
    };
    return { connection: planned, notes };
  }
}

function toAddedStream({ selected: { name, namespace } }: ConfiguredStream): PlannedStream {
  return { name, ...(namespace !== undefined && { namespace }), action: 'add', changes: [] };
}
