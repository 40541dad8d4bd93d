/** One sync into Parquet files: when a file is closed, when a STATE is confirmed, and what is taken back on a failure. */
import { randomUUID } from 'node:crypto';
import { type Column, columnsOf } from './column-values';
import type { ObjectStorage } from './object-storage';
import { type ParquetCodec, ParquetFile } from './parquet-file';
import {
  type AirbyteMessage,
  type ConfiguredCatalog,
  ConnectorError,
  type RecordMessage,
  type StateMessage,
  type StreamDescriptor,
  sharedPlace,
} from './protocol';
import { describedStream, namespaceOf, streamKey } from './stream-state';

/** How much memory a sync takes, in bytes. */
export interface WritingLimits {
  /** All open files together are kept below this; more is written out. */
  openBytes: number;
  /** A STATE that comes when so much is open closes the files; one that comes sooner waits for the next. */
  checkpointBytes: number;
  /** A row group is encoded when its values take about so much. */
  rowGroupBytes: number;
}

const MEBIBYTE = 1024 * 1024;
const LIMITS: WritingLimits = { openBytes: 48 * MEBIBYTE, checkpointBytes: 16 * MEBIBYTE, rowGroupBytes: 8 * MEBIBYTE };
/** A STATE that comes so late after the last confirmed one closes the files too. */
const CHECKPOINT_INTERVAL_MS = 60_000;

let lastTime = 0;

/** The time now, or a little later where another sync has started in the same millisecond: files are named after it. */
function uniqueTime(): Date {
  lastTime = Math.max(Date.now(), lastTime + 1);
  return new Date(lastTime);
}

interface Output {
  folder: string;
  columns: Column[];
  replaces: boolean;
  file?: ParquetFile | undefined;
}

/**
 * A STATE is confirmed only when every row before it, and no row after it, is in a finished file. What was written after
 * the last confirmed one is removed when the sync fails or is aborted: the files then hold the confirmed rows, each once.
 * A stream that replaces what is there has its old files removed at the end, and its STATE waits for that.
 */
export class ParquetWriting {
  readonly #storage: ObjectStorage;
  readonly #codec: ParquetCodec;
  readonly #limits: WritingLimits;
  readonly #outputs = new Map<string, Output>();
  readonly #startedAt = uniqueTime();
  #fileNumber = 0;
  /** Files that no confirmed STATE vouches for yet. */
  #unconfirmed: string[] = [];
  /** Those of streams that replace; they are unconfirmed to the end. */
  readonly #replacing: string[] = [];
  #waiting: StateMessage[] = [];
  readonly #waitingForEnd: StateMessage[] = [];
  #lastCheckpoint = Date.now();

  constructor(
    storage: ObjectStorage,
    prefix: string[],
    codec: ParquetCodec,
    catalog: ConfiguredCatalog,
    limits = LIMITS,
  ) {
    this.#storage = storage;
    this.#codec = codec;
    this.#limits = limits;
    for (const { stream, destination_sync_mode: mode } of catalog.streams) {
      const parts = [...prefix, ...(stream.namespace === undefined ? [] : [stream.namespace]), stream.name];
      const folder = parts.map((part) => part.replaceAll('/', '_')).join('/');
      if ([...this.#outputs.values()].some((other) => other.folder === folder))
        throw sharedPlace(`the folder ${folder}`);
      this.#outputs.set(streamKey(stream), { folder, columns: columnsOf(stream), replaces: mode === 'overwrite' });
    }
  }

  async *run(messages: AsyncIterable<AirbyteMessage>, signal: AbortSignal): AsyncGenerator<AirbyteMessage> {
    let done = false;
    try {
      for await (const message of messages) {
        if (message.type === 'RECORD') await this.#add(message.record, signal);
        else if (message.type === 'LOG') yield message;
        else if (message.type === 'STATE') yield* this.#take(message, signal);
      }
      yield* this.#checkpoint(signal);
      signal.throwIfAborted();
      // From here on the new files stay: should removing the old ones fail, there is too much and not too little.
      done = true;
      await this.#removeReplaced();
      yield* this.#waitingForEnd;
    } finally {
      if (!done) await this.#storage.remove([...this.#unconfirmed, ...this.#replacing]);
    }
  }

  async #add(record: RecordMessage['record'], signal: AbortSignal): Promise<void> {
    const output = this.#outputOf({ name: record.stream, ...namespaceOf(record) });
    if (!output) throw new ConnectorError(`a record came for the stream ${record.stream}, which is not in the catalog`);
    output.file ??= new ParquetFile(output.columns, this.#codec, this.#limits.rowGroupBytes);
    output.file.add(randomUUID(), record);
    if (this.#openBytes() > this.#limits.openBytes) await this.#finishFiles(signal);
  }

  #outputOf(stream: StreamDescriptor): Output | undefined {
    return this.#outputs.get(streamKey(stream));
  }

  #openBytes(): number {
    let bytes = 0;
    for (const { file } of this.#outputs.values()) bytes += file?.size ?? 0;
    return bytes;
  }

  async *#take(message: StateMessage, signal: AbortSignal): AsyncGenerator<AirbyteMessage> {
    const stream = describedStream(message.state);
    const concerned = stream ? [this.#outputOf(stream)] : [...this.#outputs.values()];
    if (concerned.some((output) => output?.replaces)) {
      this.#waitingForEnd.push(message);
      return;
    }
    this.#waiting.push(message);
    const isDue =
      Date.now() - this.#lastCheckpoint > CHECKPOINT_INTERVAL_MS || this.#openBytes() > this.#limits.checkpointBytes;
    if (isDue || this.#unconfirmed.length > 0) yield* this.#checkpoint(signal);
  }

  /** Closes all files, and confirms the states that waited for them. */
  async *#checkpoint(signal: AbortSignal): AsyncGenerator<AirbyteMessage> {
    await this.#finishFiles(signal);
    this.#unconfirmed = [];
    this.#lastCheckpoint = Date.now();
    const confirmed = this.#waiting;
    this.#waiting = [];
    yield* confirmed;
  }

  async #finishFiles(signal: AbortSignal): Promise<void> {
    for (const output of this.#outputs.values()) {
      const { file } = output;
      if (!file) continue;
      output.file = undefined;
      const key = `${output.folder}/${this.#nextName()}`;
      // Noted first: an upload whose answer is lost may have come through.
      (output.replaces ? this.#replacing : this.#unconfirmed).push(key);
      await this.#storage.put(key, file.finish(), signal);
    }
  }

  /** `2024_01_31_1706659200000_0.parquet`: the day, the time in milliseconds, and a number, as Airbyte names them. */
  #nextName(): string {
    const day = this.#startedAt.toISOString().slice(0, 10).replaceAll('-', '_');
    const name = `${day}_${this.#startedAt.getTime()}_${this.#fileNumber}.parquet`;
    this.#fileNumber += 1;
    return name;
  }

  async #removeReplaced(): Promise<void> {
    for (const { folder, replaces } of this.#outputs.values()) {
      if (!replaces) continue;
      const ours = new Set(this.#replacing);
      const old = (await this.#storage.list(folder)).filter((key) => NAME.test(key) && !ours.has(key));
      await this.#storage.remove(old);
    }
  }
}

/** Only files with such names are removed; what else lies in the folder is not ours. */
const NAME = /\/\d{4}_\d\d_\d\d_\d+_\d+\.parquet$/;
