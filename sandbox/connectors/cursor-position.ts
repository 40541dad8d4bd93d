/**
 * Where an incremental sync stands in a table that is read in the order of a cursor column.
 *
 * Several rows may share one cursor value, and a row with the last value may be written only after the sync has read
 * it. Therefore the next sync reads from that value on, inclusive, and skips the rows that it has already sent: the
 * position carries a fingerprint of each of them. A row that is new or has changed has a different fingerprint. So no
 * row at the boundary is lost or sent again. If there are more than {@link MAXIMUM_BOUNDARY_ROWS} rows at the boundary,
 * the fingerprints are left out to keep the state small, and those rows are sent again.
 *
 * As in Airbyte, a cursor does not detect deleted rows, nor rows that appear later with a value before the boundary
 * (from a transaction that was still open during the sync, or after a clock was set back).
 */
import { createHash } from 'node:crypto';

const MAXIMUM_BOUNDARY_ROWS = 1_000;

/** The state of a stream between two syncs. */
export interface CursorState {
  cursor_field: string[];
  /** The last cursor value that was sent; null if no row had one. */
  cursor: string | number | null;
  /** The fingerprints of the rows with that value; absent if there are too many. */
  boundary_rows?: string[];
}

function isCursorState(state: unknown): state is CursorState {
  const candidate = state as Partial<CursorState> | null | undefined;
  return Array.isArray(candidate?.cursor_field) && candidate.cursor !== undefined;
}

/** A fingerprint of a row's values. */
function fingerprint(row: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(row)).digest('base64url').slice(0, 22);
}

/** Tracks the position of one stream while its rows are read in cursor order. */
export class CursorPosition {
  /** The value to read from, inclusive; undefined reads the whole table. */
  readonly from: string | number | undefined;
  readonly #cursorField: string;
  /** For each fingerprint, how many rows to skip. Two rows may have exactly the same values. */
  readonly #alreadySent = new Map<string, number>();
  #cursor: string | number | null = null;
  #boundaryRows: string[] | undefined = [];

  /** @param state - the state of an earlier sync; ignored if it belongs to another cursor column */
  constructor(cursorField: string, state: unknown) {
    this.#cursorField = cursorField;
    if (!isCursorState(state) || state.cursor_field.join('.') !== cursorField || state.cursor === null) return;
    this.from = state.cursor;
    this.#cursor = state.cursor;
    this.#boundaryRows = state.boundary_rows;
    for (const row of state.boundary_rows ?? []) this.#alreadySent.set(row, (this.#alreadySent.get(row) ?? 0) + 1);
    // There were too many rows to store their fingerprints, so all of them are read and counted again.
    this.#boundaryRows ??= [];
  }

  /**
   * Advances to the next row.
   *
   * @param row - the values as the database returns them
   * @returns whether to send it; false for a row that an earlier sync has sent
   */
  take(cursor: string | number | null, row: readonly (string | null)[]): boolean {
    const print = fingerprint(row);
    if (this.from !== undefined && cursor === this.from) {
      const times = this.#alreadySent.get(print) ?? 0;
      if (times > 0) {
        this.#alreadySent.set(print, times - 1);
        return false;
      }
    }
    if (cursor !== this.#cursor) {
      this.#cursor = cursor;
      this.#boundaryRows = [];
    }
    this.#boundaryRows?.push(print);
    if (this.#boundaryRows && this.#boundaryRows.length > MAXIMUM_BOUNDARY_ROWS) this.#boundaryRows = undefined;
    return true;
  }

  get state(): CursorState {
    return {
      cursor_field: [this.#cursorField],
      cursor: this.#cursor,
      ...(this.#boundaryRows && { boundary_rows: this.#boundaryRows.slice() }),
    };
  }
}
