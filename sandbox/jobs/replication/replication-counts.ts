/** Counts what a sync has moved per stream: emitted by the source, and committed at the destination. */
import { jsonText } from '../../connectors/exact-json';
import type { ConfiguredCatalog, StatePayload, StreamDescriptor } from '../../connectors/protocol';
import { describedStream, streamKey } from '../../connectors/stream-state';

export interface StreamProgress {
  /** The stream's name at the source. */
  name: string;
  namespace?: string;
  recordsEmitted: number;
  bytesEmitted: number;
  recordsCommitted: number;
  bytesCommitted: number;
}

/**
 * The counts so far. Bytes are those of the records as JSON. `emitted`: the source has sent them; `committed`: the
 * destination has stored them durably.
 */
export interface ReplicationProgress {
  recordsEmitted: number;
  bytesEmitted: number;
  recordsCommitted: number;
  bytesCommitted: number;
  perStream: StreamProgress[];
}

interface Counts {
  records: number;
  bytes: number;
}

interface StreamCounts {
  stream: StreamDescriptor;
  emitted: Counts;
  committed: Counts;
}

/** How much of each stream the source had emitted at one moment. */
export type CountsSnapshot = ReadonlyMap<string, Counts>;

export class ReplicationCounts {
  readonly #streams = new Map<string, StreamCounts>();

  /** Starts counting the streams of a catalog. */
  start(catalog: ConfiguredCatalog): void {
    for (const { stream } of catalog.streams) {
      const { name, namespace } = stream;
      this.#streams.set(streamKey(stream), {
        stream: { name, ...(namespace !== undefined && { namespace }) },
        emitted: { records: 0, bytes: 0 },
        committed: { records: 0, bytes: 0 },
      });
    }
  }

  /** Counts a record. Returns false if its stream is not in the catalog. */
  emitted(stream: StreamDescriptor, data: Record<string, unknown>): boolean {
    const counts = this.#streams.get(streamKey(stream));
    if (!counts) return false;
    counts.emitted.records += 1;
    counts.emitted.bytes += Buffer.byteLength(jsonText(data));
    return true;
  }

  snapshot(): CountsSnapshot {
    return new Map([...this.#streams].map(([key, { emitted }]) => [key, { ...emitted }]));
  }

  /** Commits a STATE: everything that its stream, or all streams, had emitted when the source sent it. */
  committed(state: StatePayload, then: CountsSnapshot): void {
    const described = describedStream(state);
    for (const key of described ? [streamKey(described)] : then.keys()) {
      const counts = this.#streams.get(key);
      const emitted = then.get(key);
      if (counts && emitted) counts.committed = emitted;
    }
  }

  /** Commits everything that was emitted. */
  allCommitted(): void {
    for (const counts of this.#streams.values()) counts.committed = { ...counts.emitted };
  }

  progress(): ReplicationProgress {
    const perStream = [...this.#streams.values()].map(({ stream, emitted, committed }) => ({
      ...stream,
      recordsEmitted: emitted.records,
      bytesEmitted: emitted.bytes,
      recordsCommitted: committed.records,
      bytesCommitted: committed.bytes,
    }));
    const sum = (field: Exclude<keyof ReplicationProgress, 'perStream'>): number =>
      perStream.reduce((total, stream) => total + stream[field], 0);
    return {
      recordsEmitted: sum('recordsEmitted'),
      bytesEmitted: sum('bytesEmitted'),
      recordsCommitted: sum('recordsCommitted'),
      bytesCommitted: sum('bytesCommitted'),
      perStream,
    };
  }
}
