import type { CatalogStream } from '../airbyte/schemas';
import { cursorPath, type PipelineStream, primaryKeyPaths } from '../contract/pipeline-document';
import { streamTitle } from '../contract/schema-changes';
import type { SelectedStream } from '../contract/selected-stream';
import type { StreamsByName } from '../documents/streams-by-name';

type Stream = CatalogStream['stream'];

/**
 * The cursor that the source itself defines, which Airbyte does not let a connection replace; empty if the source does not name
 * it. Undefined: the connection chooses its cursor.
 */
export function cursorOfSource({ sourceDefinedCursor, defaultCursorField }: Stream): string[] | undefined {
  return sourceDefinedCursor === true ? (defaultCursorField ?? []) : undefined;
}

/** The primary key that the source itself defines, which a connection cannot replace. Undefined: the connection chooses it. */
export function keyOfSource({ sourceDefinedPrimaryKey: key }: Stream): string[][] | undefined {
  return key === undefined || key.length === 0 ? undefined : key;
}

/** Whether the sync mode uses a primary key. Airbyte's public API stores none for other modes. */
function usesPrimaryKey({
  syncMode,
  destinationSyncMode,
}: Pick<PipelineStream, 'syncMode' | 'destinationSyncMode'>): boolean {
  return syncMode === 'incremental' || !['append', 'overwrite'].includes(destinationSyncMode);
}

/** The cursor in the document, if the sync mode uses one. */
export function desiredCursor(stream: PipelineStream): string[] | undefined {
  return stream.syncMode === 'incremental' ? cursorPath(stream) : undefined;
}

/** The primary key in the document, if the sync mode uses one. */
export function desiredPrimaryKey(stream: PipelineStream): string[][] | undefined {
  return usesPrimaryKey(stream) ? primaryKeyPaths(stream) : undefined;
}

/** Whether a connection's stream may be the desired one, by its name. */
export function matchesStreamName(desired: PipelineStream, current: SelectedStream): boolean {
  // Not every API shows the namespace of a stream.
  const sameNamespace =
    desired.namespace === undefined || current.namespace === undefined || desired.namespace === current.namespace;
  return desired.name === current.name && sameNamespace;
}

/** The number of streams that a note names. */
const STREAMS_IN_A_NOTE = 10;

/** Names the cursors and keys of a document that are not used, because the source defines its own: a note for each kind. */
export function notesOnSourceDefined(source: StreamsByName, desired: readonly PipelineStream[]): string[] {
  const cursors: string[] = [];
  const keys: string[] = [];
  for (const stream of desired) {
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
