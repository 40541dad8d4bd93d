import { isDeepStrictEqual } from 'node:util';
import type { Connections } from '../airbyte/resources';
import type { Catalog, CatalogStream, Connection } from '../airbyte/schemas';
import type { PipelineDocument, PipelineStream } from '../contract/pipeline-document';
import type { FieldChange, PlannedStream } from '../contract/pipeline-plan';
import type { PipelineSchedule } from '../contract/pipeline-schedule';
import { NON_BREAKING_CHANGES_PREFERENCES, type SchemaChange, streamTitle } from '../contract/schema-changes';
import type { SelectedStream } from '../contract/selected-stream';
import { ambiguousStreamNames } from '../documents/connection-document';
import {
  fromAirbyteSchedule,
  isSameSchedule,
  toAirbyteSchedule,
  toDocumentSchedule,
} from '../documents/connection-schedule';
import { isStreamPattern, matchesStream } from '../documents/stream-patterns';
import { StreamsByName } from '../documents/streams-by-name';
import type { EarlierRun } from '../temporal/pipeline-runs';
import { formatNames } from '../text/formatting';
import { change, changeOfSetting } from './field-change';
import { notesOnRemovedFields, removedSettings } from './removed-fields';
import { findSchemaChanges } from './schema-comparison';
import {
  cursorOfSource,
  desiredCursor,
  desiredPrimaryKey,
  keyOfSource,
  matchesStreamName,
  notesOnSourceDefined,
} from './source-defined-fields';
import { type ExpandedStream, expandPatterns, readSyncCatalog } from './stream-selection';

type ConnectionOfDocument = PipelineDocument['connection'];

/** What of an existing connection is not as a pipeline wants it. */
export interface ConnectionDifference {
  /** Its own fields, its schedule among them. */
  settings: FieldChange[];
  /** Each stream of the document or of the connection; undefined where patterns stand for what is not known. */
  streams: PlannedStream[] | undefined;
  /** How the source's schema differs from what the connection was set up with, where the source's was given. */
  schemaChanges: SchemaChange[];
  /** What a person should know of it: which cursors and keys of the document are not used, which streams are alike. */
  notes: string[];
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

/**
 * Whether a connection cannot be compared with a document before the source has said what it has: which streams fit a
 * pattern, and whether it defines the cursors and keys itself that the document names.
 */
export function needsSchema({ schemaChanges, streams }: ConnectionOfDocument): boolean {
  const namesCursorOrKey = (stream: PipelineStream) =>
    (desiredCursor(stream) ?? desiredPrimaryKey(stream)) !== undefined;
  return schemaChanges !== undefined || streams.some((stream) => isStreamPattern(stream) || namesCursorOrKey(stream));
}

/**
 * Compares a connection with what a pipeline wants: what `apply` changes, and what `plan` tells. A field that the
 * pipeline leaves open is left as it is.
 *
 * @param source what the source has now; without it, schemas are not compared, and patterns stand for nothing yet
 * @param earlier what an earlier run of the pipeline has brought about: fields that the document had then and leaves out now
 * @throws ApplicationFailure of type `InvalidInput` when a pattern fits no stream of the source
 */
export function compareConnection(
  connections: Pick<Connections, 'normalizeSchedule'>,
  existing: Connection,
  wanted: ConnectionOfDocument,
  source?: Catalog,
  earlier?: EarlierRun,
): ConnectionDifference {
  const before = earlier?.document?.connection;
  const settings = [...changedSettings(connections, existing, wanted), ...removedSettings(existing, wanted, before)];
  const current = readSyncCatalog(existing.syncCatalog);
  const notes = [...notesOnAmbiguousStreams(existing), ...notesOnRemovedFields(wanted, before, current)];
  if (source === undefined) {
    const isKnown = !wanted.streams.some(isStreamPattern);
    const named = wanted.streams.map((stream, index) => ({ stream, index, byPattern: false }));
    return { settings, streams: isKnown ? compareStreams(named, current) : undefined, schemaChanges: [], notes };
  }
  const named = expandPatterns(source, wanted.streams);
  const added = streamsAddedByPattern(named, current);
  const drift = findSchemaChanges(remainingStreams(existing.syncCatalog, wanted), source);
  const known = new StreamsByName(source);
  const streams = compareStreams(named, current, known, wanted.schemaChanges === 'propagate' ? drift : []);
  notes.push(
    ...notesOnSourceDefined(
      known,
      named.map(({ stream }) => stream),
    ),
  );
  return { settings, streams, schemaChanges: [...added, ...drift], notes };
}

/** Which cursors and keys of a document are not used, because the source defines its own. */
export function notesOnStreams(source: Catalog, streams: readonly PipelineStream[]): string[] {
  return notesOnSourceDefined(
    new StreamsByName(source),
    expandPatterns(source, streams).map(({ stream }) => stream),
  );
}

function notesOnAmbiguousStreams(existing: Connection): string[] {
  const alike = formatNames(ambiguousStreamNames(existing));
  return alike === ''
    ? []
    : [
        `This Airbyte does not say the namespaces of the connection's streams ${alike}: those of one name are told apart by how they are synced.`,
      ];
}

/** What `apply` sends of a difference: the names of the fields. */
export function changedFields({ settings, streams = [] }: ConnectionDifference): string[] {
  const streamsChange = streams.some(({ action }) => action !== 'leave');
  return [...settings.map(({ field }) => field), ...(streamsChange ? ['streams'] : [])];
}

/** Every Airbyte has them: a server that leaves them out of its responses does not tell them. */
const OFTEN_OMITTED_FIELDS = ['namespaceDefinition', 'status'];
/** What an Airbyte has that leaves the field out. */
const DEFAULTS: Readonly<Record<string, string>> = {
  nonBreakingChangesPreference: NON_BREAKING_CHANGES_PREFERENCES.ignore,
};

function changedSettings(
  connections: Pick<Connections, 'normalizeSchedule'>,
  existing: Connection,
  wanted: ConnectionOfDocument,
): FieldChange[] {
  const changes = Object.entries(settingsOf(wanted))
    .filter(
      ([field, value]) =>
        (existing[field] ?? (OFTEN_OMITTED_FIELDS.includes(field) ? value : DEFAULTS[field]) ?? '') !== value,
    )
    .map(([field, to]) => changeOfSetting(field, existing[field], to));
  if (!hasSchedule(connections, existing, wanted.schedule)) {
    changes.push(change('schedule', toDocumentSchedule(existing), wanted.schedule));
  }
  return changes;
}

/** Whether a connection has the schedule, as it was written or as this API keeps it. */
function hasSchedule(
  connections: Pick<Connections, 'normalizeSchedule'>,
  existing: Connection,
  wanted: PipelineSchedule,
): boolean {
  const current = fromAirbyteSchedule(existing);
  const schedule = toAirbyteSchedule(wanted);
  if (isSameSchedule(current, fromAirbyteSchedule(schedule))) return true;
  return isSameSchedule(current, fromAirbyteSchedule(connections.normalizeSchedule(schedule)));
}

/** What a document no longer names is to go, whatever has become of it in the source. */
function remainingStreams(catalog: Catalog | undefined, { streams }: ConnectionOfDocument): Catalog {
  const isInDocument = ({ stream }: CatalogStream) => streams.some((selector) => matchesStream(selector, stream));
  return { streams: (catalog?.streams ?? []).filter(isInDocument) };
}

/** The streams that are new to the connection because a pattern, which says no names, fits them now. */
function streamsAddedByPattern(named: readonly ExpandedStream[], current: readonly SelectedStream[]): SchemaChange[] {
  const byName = groupByName(current);
  const titles = new Set(current.map(streamTitle));
  const isKnown = (stream: PipelineStream) =>
    titles.has(streamTitle(stream)) ||
    byName.get(stream.name)?.some((other) => matchesStreamName(stream, other)) === true;
  return named
    .filter(({ stream, byPattern }) => byPattern && !isKnown(stream))
    .map(({ stream }) => ({ stream: streamTitle(stream), kind: 'stream added' }));
}

/**
 * @param source what the source has, where that is known
 * @param drift what of the synced streams' schemas is to be taken over
 */
function compareStreams(
  named: readonly ExpandedStream[],
  current: readonly SelectedStream[],
  source?: StreamsByName,
  drift: readonly SchemaChange[] = [],
): PlannedStream[] {
  const left = new Set(current);
  const byName = groupByName(current);
  const byTitle = new Map(current.map((stream) => [streamTitle(stream), stream]));
  const otherwise = new Set(drift.map((each) => each.stream));
  const planned = named.map(({ stream: written }): PlannedStream => {
    const ofSource = source?.find(written)?.stream;
    const stream = { ...written, namespace: written.namespace ?? ofSource?.namespace };
    const ofName = () =>
      (byName.get(stream.name) ?? []).filter((other) => left.has(other) && matchesStreamName(stream, other));
    const exact = byTitle.get(streamTitle(stream));
    const found =
      exact && left.has(exact) && matchesStreamName(stream, exact)
        ? exact
        : matchCurrentStream(stream, ofName(), ofSource);
    if (found === undefined) return { ...titleOf(written), action: 'add', changes: [] };
    left.delete(found);
    const changes = compareStream(stream, found, ofSource);
    const hasSchemaChanges = otherwise.has(streamTitle(stream)) || otherwise.has(streamTitle(found));
    if (hasSchemaChanges) changes.push({ field: 'schema', from: "the connection's", to: "the source's" });
    return { ...titleOf(found), action: changes.length > 0 ? 'change' : 'leave', changes };
  });
  return [
    ...planned,
    ...[...left].map((stream): PlannedStream => ({ ...titleOf(stream), action: 'remove', changes: [] })),
  ];
}

function groupByName(streams: readonly SelectedStream[]): ReadonlyMap<string, readonly SelectedStream[]> {
  const groups = new Map<string, SelectedStream[]>();
  for (const stream of streams) {
    const group = groups.get(stream.name);
    if (group === undefined) groups.set(stream.name, [stream]);
    else group.push(stream);
  }
  return groups;
}

/** The stream of the connection that is meant: of several of one name, first the one of the very namespace. */
function matchCurrentStream(
  wanted: PipelineStream,
  ofName: readonly SelectedStream[],
  ofSource: CatalogStream['stream'] | undefined,
): SelectedStream | undefined {
  return (
    ofName.find(({ namespace }) => namespace === wanted.namespace) ??
    ofName.find((other) => compareStream(wanted, other, ofSource).length === 0) ??
    ofName[0]
  );
}

/** @param ofSource the stream as the source has it, where that is known: what it defines itself goes before the document */
function compareStream(
  wanted: PipelineStream,
  current: SelectedStream,
  ofSource: CatalogStream['stream'] | undefined,
): FieldChange[] {
  const [ownCursor, ownKey] = [ofSource && cursorOfSource(ofSource), ofSource && keyOfSource(ofSource)];
  const cursor = desiredCursor(wanted) && (ownCursor ?? desiredCursor(wanted));
  const key = desiredPrimaryKey(wanted) && (ownKey ?? desiredPrimaryKey(wanted));
  // What the source itself defines is used also where the connection does not show it.
  const isShown = (own: unknown[] | undefined, shown: unknown[]) => own === undefined || shown.length > 0;
  const fields: [string, unknown, unknown][] = [
    ['syncMode', current.syncMode, wanted.syncMode],
    ['destinationSyncMode', current.destinationSyncMode, wanted.destinationSyncMode],
    // A source that does not tell its cursor leaves open what Airbyte shows for it.
    [
      'cursorField',
      current.cursorField,
      isShown(ownCursor, current.cursorField) && cursor?.length ? cursor : undefined,
    ],
    ['primaryKey', current.primaryKey, isShown(ownKey, current.primaryKey) ? key : undefined],
  ];
  return fields
    .filter(([field, from, to]) => to !== undefined && !isSameField(field, from, to))
    .map(([field, from, to]) => change(field, from, to));
}

/** The fields of a primary key have no order. */
function isSameField(field: string, from: unknown, to: unknown): boolean {
  if (field !== 'primaryKey' || !Array.isArray(from) || !Array.isArray(to)) return isDeepStrictEqual(from, to);
  const sorted = (key: unknown[]) => key.map((path) => JSON.stringify(path)).sort();
  return isDeepStrictEqual(sorted(from), sorted(to));
}

function titleOf({ name, namespace }: { name: string; namespace?: string | undefined }) {
  return { name, ...(namespace !== undefined && { namespace }) };
}
