/** Reads back what the Parquet destination has written. */
import { type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet';

// Dates have no microseconds; as numbers they keep them.
const parsers = {
  timestampFromMilliseconds: (value: bigint) => value,
  timestampFromMicroseconds: (value: bigint) => value,
  timestampFromNanoseconds: (value: bigint) => value,
};

function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** The rows of a file; timestamps as microseconds since 1970. */
export async function parquetRows(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: arrayBufferOf(bytes), parsers });
}

/** What the file says of itself. */
export function parquetFooter(bytes: Uint8Array): FileMetaData {
  return parquetMetadata(arrayBufferOf(bytes));
}
