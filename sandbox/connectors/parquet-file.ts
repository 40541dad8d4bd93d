/** A Parquet file in memory, to which rows are added: Snappy-compressed row groups of bounded size. */
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { type Column, fitRecord } from './column-values';
import { AIRBYTE_COLUMNS, parquetSchema, roundingOf, sizeOf, toParquetValue, writtenSchema } from './parquet-columns';
import type { RecordMessage } from './protocol';

/** A row group is encoded when it has this many rows, however small they are. */
const ROW_GROUP_ROWS = 50_000;

const INITIAL_BYTES = 256 * 1024;

export type ParquetCodec = 'SNAPPY' | 'UNCOMPRESSED';

export class ParquetFile {
  readonly #columns: readonly Column[];
  readonly #allColumns: readonly Column[];
  readonly #bytes = new ByteWriter(INITIAL_BYTES);
  readonly #writer: ParquetWriter;
  readonly #rowGroupBytes: number;
  #values: unknown[][];
  #groupRows = 0;
  #groupBytes = 0;
  rows = 0;

  /** @param rowGroupBytes - a row group is encoded when its values take about this many bytes */
  constructor(columns: readonly Column[], codec: ParquetCodec, rowGroupBytes: number) {
    this.#rowGroupBytes = rowGroupBytes;
    this.#columns = columns;
    this.#allColumns = [...AIRBYTE_COLUMNS, ...columns];
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: writtenSchema(this.#allColumns),
      codec,
      createdBy: 'temporal-airbyte sandbox',
    });
    this.#values = this.#allColumns.map(() => []);
  }

  /** About how many bytes of memory the file takes now. */
  get size(): number {
    return this.#bytes.offset + this.#groupBytes;
  }

  add(rawId: string, record: RecordMessage['record']): void {
    const { values, changes } = fitRecord(this.#columns, record);
    changes.push(...this.#columns.flatMap((column, index) => roundingOf(column, values[index])));
    const row = [rawId, BigInt(Math.floor(record.emitted_at)) * 1_000n, { changes }, ...values];
    this.#allColumns.forEach(({ kind }, index) => {
      const value = toParquetValue(kind, row[index]);
      this.#values[index]?.push(value);
      this.#groupBytes += sizeOf(value);
    });
    this.rows += 1;
    this.#groupRows += 1;
    if (this.#groupRows >= ROW_GROUP_ROWS || this.#groupBytes >= this.#rowGroupBytes) this.#encodeGroup();
  }

  /** Returns the whole file. No row can be added after it. */
  finish(): Uint8Array {
    this.#encodeGroup();
    this.#writer.schema = parquetSchema(this.#allColumns);
    // In memory, the writer finishes synchronously; it returns a promise only for asynchronous sinks.
    void this.#writer.finish();
    return this.#bytes.getBytes();
  }

  #encodeGroup(): void {
    if (this.#groupRows === 0) return;
    const columnData = this.#allColumns.map(
      ({ name }, index): ColumnSource => ({ name, data: this.#values[index] ?? [] }),
    );
    void this.#writer.write({ columnData, rowGroupSize: this.#groupRows });
    this.#values = this.#allColumns.map(() => []);
    this.#groupRows = 0;
    this.#groupBytes = 0;
  }
}
