import type { CatalogStream } from '../airbyte/schemas';
import { cursorPath, type PipelineStream, primaryKeyPaths } from '../contract/pipeline-document';
import { streamTitle } from '../contract/schema-changes';
import type { SelectedStream } from '../contract/selected-stream';
import type { StreamsByName } from '../documents/streams-by-name';

type Stream = CatalogStream['stream'];

/**
 * The cursor that the source itself defines, which Airbyte refuses to replace; empty where the source does not tell it.
 * Undefined: the connection chooses.
 */
export function cursorOfSource({ sourceDefinedCursor, defaultCursorField }: Stream): string[] | undefined {
  return sourceDefinedCursor === true ? (defaultCursorField ?? []) : undefined;
}

/** The primary key that the source itself defines, which Airbyte refuses to replace. Undefined: the connection chooses. */
export function keyOfSource({ sourceDefinedPrimaryKey: key }: Stream): string[][] | undefined {
  return key === undefined || key.length === 0 ? undefined : key;
}

/** Whether a stream's rows are told apart by its primary key. Airbyte's public API keeps none for other modes. */
export function usesPrimaryKey({
  syncMode,
  destinationSyncMode,
}: Pick<PipelineStream, 'syncMode' | 'destinationSyncMode'>): boolean {
  return syncMode === 'incremental' || !['append', 'overwrite'].includes(destinationSyncMode);
}

/** A document's own cursor, where the sync mode uses one. */
export function desiredCursor(stream: PipelineStream): string[] | undefined {
  return stream.syncMode === 'incremental' ? cursorPath(stream) : undefined;
}

/** A document's own primary key, where the sync mode uses one. */
export function desiredPrimaryKey(stream: PipelineStream): string[][] | undefined {
  return usesPrimaryKey(stream) ? primaryKeyPaths(stream) : undefined;
}

/** Whether a connection's stream may be the one that a pipeline means, by its name. */
export function matchesStreamName(wanted: PipelineStream, current: SelectedStream): boolean {
  // Not every API says the namespace of a stream.
  const sameNamespace =
    wanted.namespace === undefined || current.namespace === undefined || wanted.namespace === current.namespace;
  return wanted.name === current.name && sameNamespace;
}

/** As many streams as a person reads in a note. */
const STREAMS_IN_A_NOTE = 10;

/** Which cursors and keys of a document are not used, because the source defines its own: a note for each kind. */
export function notesOnSourceDefined(source: StreamsByName, wanted: readonly PipelineStream[]): string[] {
  const cursors: string[] = [];
  const keys: string[] = [];
  for (const stream of wanted) {
    const found = source.find(stream)?.stream;
    if (found === undefined) continue;
    const title = streamTitle(found);
    const [cursor, ownCursor] = [desiredCursor(stream), cursorOfSource(found)];
    if (cursor && ownCursor && !isSame(cursor, ownCursor)) cursors.push(withSourceValue(title, ownCursor.join('.')));
    const [key, ownKey] = [desiredPrimaryKey(stream), keyOfSource(found)];
    if (key && ownKey && !isSame(key, ownKey))
      keys.push(withSourceValue(title, ownKey.map((path) => path.join('.')).join(', ')));
  }
  return [...noteOn('cursor', 'cursorField', cursors), ...noteOn('primary key', 'primaryKey', keys)];
}

function noteOn(what: string, field: string, streams: readonly string[]): string[] {
  if (streams.length === 0) return [];
  const rest = streams.length - STREAMS_IN_A_NOTE;
  const shown = streams.slice(0, STREAMS_IN_A_NOTE).join('; ') + (rest > 0 ? `; and ${rest} more streams` : '');
  return [`The source itself defines the ${what} of ${shown}. The document's ${field} is not used there: take it out.`];
}

/** `public.orders (_ab_cdc_lsn)` */
function withSourceValue(title: string, own: string): string {
  return own === '' ? title : `${title} (${own})`;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
