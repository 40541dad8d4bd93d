/**
 * Writes one sync to Parquet files: it decides when a file is closed and a STATE confirmed, and removes files after a
 * failure.
 */
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
  sharedLocation,
} from './protocol';
import { describedStream, namespaceOf, streamKey } from './stream-state';

/** Limits on the memory that a sync takes, in bytes. */
export interface WritingLimits {
  /** The largest total size of all open files. Beyond it, all of them are written out. */
  openBytes: number;
  /** A STATE closes the files if at least this much is open; otherwise it waits for a later STATE. */
  checkpointBytes: number;
  /** A row group is encoded when its values take about this much. */
  rowGroupBytes: number;
}

const MEBIBYTE = 1024 * 1024;
const LIMITS: WritingLimits = { openBytes: 48 * MEBIBYTE, checkpointBytes: 16 * MEBIBYTE, rowGroupBytes: 8 * MEBIBYTE };
/** A STATE closes the files as well if this much time has passed since the last confirmed one. */
const CHECKPOINT_INTERVAL_MS = 60_000;

let lastTime = 0;

/**
 * The current time, moved by a millisecond if another sync has started at the same one, because file names contain it.
 */
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
 * A STATE is confirmed only once every row before it, and no row after it, is in a finished file. If the sync fails or
 * is aborted, files that were written after the last confirmed STATE are removed, so that the remaining files hold each
 * confirmed row once. A stream that replaces its rows has its old files removed at the end, and its STATE waits for
 * that.
 */
export class ParquetWriting {
  readonly #storage: ObjectStorage;
  readonly #codec: ParquetCodec;
  readonly #limits: WritingLimits;
  readonly #outputs = new Map<string, Output>();
  readonly #startedAt = uniqueTime();
  #fileNumber = 0;
  /** Files that no confirmed STATE covers yet. */
  #unconfirmed: string[] = [];
  /** Files of streams that replace their rows; they stay unconfirmed until the end. */
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
        throw sharedLocation(`the folder ${folder}`);
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
      // From here on, the new files stay: if removing the old ones fails, there are too many rows instead of too few.
      done = true;
      await this.#removeReplaced();
      yield* this.#waitingForEnd;
    } finally {
      if (!done) await this.#storage.remove([...this.#unconfirmed, ...this.#replacing]);
    }
  }

  async #add(record: RecordMessage['record'], signal: AbortSignal): Promise<void> {
    const output = this.#outputOf({ name: record.stream, ...namespaceOf(record) });
    if (!output)
      throw new ConnectorError(`received a record of the stream ${record.stream}, which is not in the catalog`);
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

  /** Closes all files and confirms the states that waited for them. */
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
      // The file is recorded before the upload, because an upload without a response may have succeeded.
      (output.replaces ? this.#replacing : this.#unconfirmed).push(key);
      await this.#storage.put(key, file.finish(), signal);
    }
  }

  /** `2024_01_31_1706659200000_0.parquet`: the day, the time in milliseconds and a number, as Airbyte names files. */
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

/** Only files with such names are removed; other files in the folder belong to someone else. */
const NAME = /\/\d{4}_\d\d_\d\d_\d+_\d+\.parquet$/;
