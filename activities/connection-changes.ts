import { isDeepStrictEqual } from 'node:util';
import type { Connections } from '../src/airbyte/resources';
import type { Catalog, CatalogStream, Connection } from '../src/airbyte/schemas';
import { cursorPath, type PipelineDocument, type PipelineStream, primaryKeyPaths } from '../src/pipeline/document';
import type { FieldChange, PlannedStream } from '../src/pipeline/plan';
import { fromAirbyteSchedule, type PipelineSchedule, toAirbyteSchedule } from '../src/pipeline/schedule';
import {
  findSchemaChanges,
  NON_BREAKING_CHANGES_PREFERENCES,
  type SchemaChange,
  schemaChangesPolicyOf,
  streamTitle,
} from '../src/pipeline/schema-changes';
import { isStreamPattern, matchesStream } from '../src/pipeline/stream-patterns';
import { writtenSchedule } from '../src/pipeline/written-schedule';
import { expandPatterns, readSyncCatalog, type SelectedStream, type WantedByName } from './streams';

type ConnectionOfDocument = PipelineDocument['connection'];

/** What of an existing connection is not as a pipeline wants it. */
export interface ConnectionDifference {
  /** Its own fields, its schedule among them. */
  settings: FieldChange[];
  /** Each stream of the document or of the connection; undefined where patterns stand for what is not known. */
  streams: PlannedStream[] | undefined;
  /** How the source's schema differs from what the connection was set up with, where the source's was given. */
  schemaChanges: SchemaChange[];
}

/** The connection's own fields, apart from its schedule and its streams. */
export function settingsOf(connection: ConnectionOfDocument) {
  const { name, namespaceDefinition, namespaceFormat, prefix, status, schemaChanges } = connection;
  return {
    name,
    namespaceDefinition,
    ...(namespaceFormat !== undefined && { namespaceFormat }),
    ...(prefix !== undefined && { prefix }),
    status,
    ...(schemaChanges !== undefined && {
      nonBreakingChangesPreference: NON_BREAKING_CHANGES_PREFERENCES[schemaChanges],
    }),
  };
}

/** Whether a connection cannot be compared with a document before the source has said what it has. */
export function needsSchema({ schemaChanges, streams }: ConnectionOfDocument): boolean {
  return schemaChanges !== undefined || streams.some(isStreamPattern);
}

/**
 * Compares a connection with what a pipeline wants: what `apply` changes, and what `plan` tells. A field that the
 * pipeline leaves open is left as it is.
 *
 * @param source what the source has now; without it, schemas are not compared, and patterns stand for nothing yet
 * @throws ApplicationFailure of type `InvalidInput` when a pattern fits no stream of the source
 */
export function compareConnection(
  connections: Pick<Connections, 'asKept'>,
  existing: Connection,
  wanted: ConnectionOfDocument,
  source?: Catalog,
): ConnectionDifference {
  const settings = changedSettings(connections, existing, wanted);
  const current = readSyncCatalog(existing.syncCatalog);
  if (source === undefined) {
    const isKnown = !wanted.streams.some(isStreamPattern);
    const named = wanted.streams.map((stream, index) => ({ stream, index, byPattern: false }));
    return { settings, streams: isKnown ? compareStreams(named, current) : undefined, schemaChanges: [] };
  }
  const named = expandPatterns(source, wanted.streams);
  const added = newByPattern(named, current);
  const drift = findSchemaChanges(keptStreams(existing.syncCatalog, wanted), source);
  const streams = compareStreams(named, current, wanted.schemaChanges === 'propagate' ? drift : []);
  return { settings, streams, schemaChanges: [...added, ...drift] };
}

/** What `apply` sends of a difference: the names of the fields. */
export function changedFields({ settings, streams = [] }: ConnectionDifference): string[] {
  const streamsChange = streams.some(({ action }) => action !== 'leave');
  return [...settings.map(({ field }) => field), ...(streamsChange ? ['streams'] : [])];
}

function changedSettings(
  connections: Pick<Connections, 'asKept'>,
  existing: Connection,
  wanted: ConnectionOfDocument,
): FieldChange[] {
  const changes = Object.entries(settingsOf(wanted))
    .filter(([field, value]) => (existing[field] ?? '') !== value)
    .map(([field, to]): FieldChange => {
      const from = existing[field];
      if (field !== 'nonBreakingChangesPreference') return change(field, from, to);
      return change('schemaChanges', schemaChangesPolicyOf(from) ?? from, wanted.schemaChanges);
    });
  if (!hasSchedule(connections, existing, wanted.schedule)) {
    changes.push(change('schedule', writtenSchedule(existing), wanted.schedule));
  }
  return changes;
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

/** What a document no longer names is to go, whatever has become of it in the source. */
function keptStreams(catalog: Catalog | undefined, { streams }: ConnectionOfDocument): Catalog {
  const isKept = ({ stream }: CatalogStream) => streams.some((selector) => matchesStream(selector, stream));
  return { streams: (catalog?.streams ?? []).filter(isKept) };
}

/** The streams that are new to the connection because a pattern, which says no names, fits them now. */
function newByPattern(named: readonly WantedByName[], current: readonly SelectedStream[]): SchemaChange[] {
  return named
    .filter(({ stream, byPattern }) => byPattern && !current.some((other) => isOfName(stream, other)))
    .map(({ stream }) => ({ stream: streamTitle(stream), kind: 'stream added' }));
}

/** @param drift what of the synced streams' schemas is to be taken over */
function compareStreams(
  named: readonly WantedByName[],
  current: readonly SelectedStream[],
  drift: readonly SchemaChange[] = [],
): PlannedStream[] {
  const left = new Set(current);
  const planned = named.map(({ stream }): PlannedStream => {
    const found = pickCurrent(stream, [...left]);
    if (found === undefined) return { ...titleOf(stream), action: 'add', changes: [] };
    left.delete(found);
    const changes = compareStream(stream, found);
    const isOtherwise = drift.some((each) => [streamTitle(stream), streamTitle(found)].includes(each.stream));
    if (isOtherwise) changes.push({ field: 'schema', from: "the connection's", to: "the source's" });
    return { ...titleOf(found), action: changes.length > 0 ? 'change' : 'leave', changes };
  });
  return [
    ...planned,
    ...[...left].map((stream): PlannedStream => ({ ...titleOf(stream), action: 'remove', changes: [] })),
  ];
}

/** The stream of the connection that is meant: of several of one name, first the one of the very namespace. */
function pickCurrent(wanted: PipelineStream, current: readonly SelectedStream[]): SelectedStream | undefined {
  const ofName = current.filter((other) => isOfName(wanted, other));
  return (
    ofName.find(({ namespace }) => namespace === wanted.namespace) ??
    ofName.find((other) => compareStream(wanted, other).length === 0) ??
    ofName[0]
  );
}

function isOfName(wanted: PipelineStream, current: SelectedStream): boolean {
  // Not every API says the namespace of a stream.
  const sameNamespace =
    wanted.namespace === undefined || current.namespace === undefined || wanted.namespace === current.namespace;
  return wanted.name === current.name && sameNamespace;
}

function compareStream(wanted: PipelineStream, current: SelectedStream): FieldChange[] {
  const cursor = wanted.syncMode === 'incremental' ? cursorPath(wanted) : undefined;
  const fields: [string, unknown, unknown][] = [
    ['syncMode', current.syncMode, wanted.syncMode],
    ['destinationSyncMode', current.destinationSyncMode, wanted.destinationSyncMode],
    ['cursorField', current.cursorField, cursor],
    ['primaryKey', current.primaryKey, primaryKeyPaths(wanted)],
  ];
  return fields
    .filter(([, from, to]) => to !== undefined && !isDeepStrictEqual(from, to))
    .map(([field, from, to]) => change(field, from, to));
}

function titleOf({ name, namespace }: { name: string; namespace?: string | undefined }) {
  return { name, ...(namespace !== undefined && { namespace }) };
}

function change(field: string, from: unknown, to: unknown): FieldChange {
  return { field, ...(from !== undefined && { from }), to };
}
