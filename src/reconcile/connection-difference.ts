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

/** How an existing connection differs from the desired one. */
export interface ConnectionDifference {
  /** The connection's own fields, including its schedule. */
  settings: FieldChange[];
  /** Each stream of the document or the connection; undefined when patterns cannot be expanded without the source. */
  streams: PlannedStream[] | undefined;
  /** How the source's schema differs from the schema of the connection, if the source's is known. */
  schemaChanges: SchemaChange[];
  /** What a user should know: which cursors and keys of the document are not used, which streams are ambiguous. */
  notes: string[];
}

/** The connection's own fields, without its schedule and its streams. */
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
 * Whether the comparison of a connection with a document needs the source's schema: it shows which streams match a pattern, and
 * whether the source itself defines the cursors and keys that the document names.
 */
export function needsSchema({ schemaChanges, streams }: ConnectionOfDocument): boolean {
  const namesCursorOrKey = (stream: PipelineStream) =>
    (desiredCursor(stream) ?? desiredPrimaryKey(stream)) !== undefined;
  return schemaChanges !== undefined || streams.some((stream) => isStreamPattern(stream) || namesCursorOrKey(stream));
}

/**
 * Compares a connection with the desired one. `apply` makes the changes that it finds, and `plan` shows them. Fields that the
 * document leaves out stay as they are.
 *
 * @param source the source's present catalog; without it, schemas are not compared and patterns not expanded
 * @param earlier the earlier run of the pipeline: fields of its document that the present one leaves out are removed
 * @throws DomainError `InvalidInput` when a pattern matches no stream of the source
 */
export function compareConnection(
  connections: Pick<Connections, 'normalizeSchedule'>,
  existing: Connection,
  desired: ConnectionOfDocument,
  source?: Catalog,
  earlier?: EarlierRun,
): ConnectionDifference {
  const before = earlier?.document?.connection;
  const settings = [...changedSettings(connections, existing, desired), ...removedSettings(existing, desired, before)];
  const current = readSyncCatalog(existing.syncCatalog);
  const notes = [...notesOnAmbiguousStreams(existing), ...notesOnRemovedFields(desired, before, current)];
  if (source === undefined) {
    const isKnown = !desired.streams.some(isStreamPattern);
    const named = desired.streams.map((stream, index) => ({ stream, index, byPattern: false }));
    return { settings, streams: isKnown ? compareStreams(named, current) : undefined, schemaChanges: [], notes };
  }
  const named = expandPatterns(source, desired.streams);
  const added = streamsAddedByPattern(named, current);
  const drift = findSchemaChanges(remainingStreams(existing.syncCatalog, desired), source);
  const known = new StreamsByName(source);
  const streams = compareStreams(named, current, known, desired.schemaChanges === 'propagate' ? drift : []);
  notes.push(
    ...notesOnSourceDefined(
      known,
      named.map(({ stream }) => stream),
    ),
  );
  return { settings, streams, schemaChanges: [...added, ...drift], notes };
}

/** Names the cursors and keys of a document that are not used, because the source defines its own. */
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
        `This Airbyte does not say the namespaces of the connection's streams ${alike}: streams of one name are distinguished by how they are synced.`,
      ];
}

/** The names of the fields that `apply` sends. */
export function changedFields({ settings, streams = [] }: ConnectionDifference): string[] {
  const streamsChange = streams.some(({ action }) => action !== 'leave');
  return [...settings.map(({ field }) => field), ...(streamsChange ? ['streams'] : [])];
}

/** Every connection has these fields, but some servers leave them out of their responses. */
const OFTEN_OMITTED_FIELDS = ['namespaceDefinition', 'status'];
/** The values of fields that Airbyte leaves out. */
const DEFAULTS: Readonly<Record<string, string>> = {
  nonBreakingChangesPreference: NON_BREAKING_CHANGES_PREFERENCES.ignore,
};

function changedSettings(
  connections: Pick<Connections, 'normalizeSchedule'>,
  existing: Connection,
  desired: ConnectionOfDocument,
): FieldChange[] {
  const changes = Object.entries(settingsOf(desired))
    .filter(
      ([field, value]) =>
        (existing[field] ?? (OFTEN_OMITTED_FIELDS.includes(field) ? value : DEFAULTS[field]) ?? '') !== value,
    )
    .map(([field, to]) => changeOfSetting(field, existing[field], to));
  if (!hasSchedule(connections, existing, desired.schedule)) {
    changes.push(change('schedule', toDocumentSchedule(existing), desired.schedule));
  }
  return changes;
}

/** Whether a connection has the schedule, as the document writes it or as this API stores it. */
function hasSchedule(
  connections: Pick<Connections, 'normalizeSchedule'>,
  existing: Connection,
  desired: PipelineSchedule,
): boolean {
  const current = fromAirbyteSchedule(existing);
  const schedule = toAirbyteSchedule(desired);
  if (isSameSchedule(current, fromAirbyteSchedule(schedule))) return true;
  return isSameSchedule(current, fromAirbyteSchedule(connections.normalizeSchedule(schedule)));
}

/** The streams that the document still has. The others are removed, so their schemas are not compared. */
function remainingStreams(catalog: Catalog | undefined, { streams }: ConnectionOfDocument): Catalog {
  const isInDocument = ({ stream }: CatalogStream) => streams.some((selector) => matchesStream(selector, stream));
  return { streams: (catalog?.streams ?? []).filter(isInDocument) };
}

/** The streams that are new to the connection because a pattern matches them. */
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
 * @param source the streams of the source, if they are known
 * @param drift the changes of the synced streams' schemas that the connection takes over
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

/** The stream of the connection that the document means. Of several with the name, the one of the same namespace comes first. */
function matchCurrentStream(
  desired: PipelineStream,
  ofName: readonly SelectedStream[],
  ofSource: CatalogStream['stream'] | undefined,
): SelectedStream | undefined {
  return (
    ofName.find(({ namespace }) => namespace === desired.namespace) ??
    ofName.find((other) => compareStream(desired, other, ofSource).length === 0) ??
    ofName[0]
  );
}

/** @param ofSource the stream of the source, if it is known: the cursor and key that it defines override the document's */
function compareStream(
  desired: PipelineStream,
  current: SelectedStream,
  ofSource: CatalogStream['stream'] | undefined,
): FieldChange[] {
  const [ownCursor, ownKey] = [ofSource && cursorOfSource(ofSource), ofSource && keyOfSource(ofSource)];
  const cursor = desiredCursor(desired) && (ownCursor ?? desiredCursor(desired));
  const key = desiredPrimaryKey(desired) && (ownKey ?? desiredPrimaryKey(desired));
  // What the source defines is used even if the connection does not show it.
  const isShown = (own: unknown[] | undefined, shown: unknown[]) => own === undefined || shown.length > 0;
  const fields: [string, unknown, unknown][] = [
    ['syncMode', current.syncMode, desired.syncMode],
    ['destinationSyncMode', current.destinationSyncMode, desired.destinationSyncMode],
    // If the source defines a cursor without naming it, any cursor that Airbyte shows is right.
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

/** The order of the fields of a primary key does not matter. */
function isSameField(field: string, from: unknown, to: unknown): boolean {
  if (field !== 'primaryKey' || !Array.isArray(from) || !Array.isArray(to)) return isDeepStrictEqual(from, to);
  const sorted = (key: unknown[]) => key.map((path) => JSON.stringify(path)).sort();
  return isDeepStrictEqual(sorted(from), sorted(to));
}

function titleOf({ name, namespace }: { name: string; namespace?: string | undefined }) {
  return { name, ...(namespace !== undefined && { namespace }) };
}
