import type { Catalog, Connection } from '../airbyte/schemas';
import type { PipelineStream } from '../contract/pipeline-document';
import type { PlannedStream } from '../contract/pipeline-plan';
import { streamTitle } from '../contract/schema-changes';
import { isStreamPattern } from '../documents/stream-patterns';
import { StreamsByName } from '../documents/streams-by-name';
import { matchesStreamName } from './source-defined-fields';
import { readSyncCatalog } from './stream-selection';

/** The streams of a document, by their index, that the connection syncs and its source no longer has. */
export type MissingStreams = ReadonlyMap<number, PipelineStream>;

export function findMissingStreams(
  source: Catalog,
  streams: readonly PipelineStream[],
  existing: Connection | undefined,
): MissingStreams {
  const known = new StreamsByName(source);
  const current = readSyncCatalog(existing?.syncCatalog);
  return new Map(
    [...streams.entries()].filter(
      ([, stream]) =>
        !isStreamPattern(stream) &&
        known.candidatesFor(stream).length === 0 &&
        current.some((synced) => matchesStreamName(stream, synced)),
    ),
  );
}

/** Marks the planned streams that the source no longer has. */
export function markMissing(streams: PlannedStream[], gone: MissingStreams): PlannedStream[] {
  if (gone.size === 0) return streams;
  const isMissingInSource = ({ name, namespace }: PlannedStream) =>
    [...gone.values()].some(
      (stream) => stream.name === name && (stream.namespace === undefined || stream.namespace === namespace),
    );
  return streams.map((stream) => {
    if (!isMissingInSource(stream) || stream.action === 'remove') return stream;
    const change = { field: 'schema', from: "the connection's", to: 'no longer in the source' };
    return { ...stream, action: 'change', changes: [...stream.changes, change] };
  });
}

/** The number of streams that a note names. */
const STREAMS_IN_A_NOTE = 10;

/** Says why an apply would fail. */
export function notesOnMissingStreams(gone: MissingStreams): string[] {
  if (gone.size === 0) return [];
  const all = [...gone].map(([index, stream]) => `connection.streams[${index}]: '${streamTitle(stream)}'`);
  const rest = all.length - STREAMS_IN_A_NOTE;
  const shown = [...all.slice(0, STREAMS_IN_A_NOTE), ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
  const be = gone.size === 1 ? 'is' : 'are';
  return [
    `apply would fail. ${shown} ${be} no longer in the source. Take out of the document what is gone, and apply removes it from the connection.`,
  ];
}
