/**
 * Where an incremental sync stands in a table that is read in the order of a cursor column.
 *
 * Many rows may share one cursor value, and some with the last value seen may be written only after the sync has read
 * it. So the next sync reads from that value on, itself included, and leaves out the rows it has already sent: the
 * position carries a fingerprint of each of them. A row that is new, or that has changed, has another fingerprint.
 * Thus at the boundary nothing is lost and nothing is sent twice. With more than {@link MAXIMUM_BOUNDARY_ROWS} rows
 * at the boundary the fingerprints are left out, so that the state stays small, and those rows are sent again.
 *
 * What a cursor cannot see stays unseen, as in Airbyte: deleted rows, and rows that appear with a value before the
 * boundary (a transaction that was still open when the sync read, a clock that went back).
 */
import { createHash } from 'node:crypto';

const MAXIMUM_BOUNDARY_ROWS = 1_000;

/** The state that a stream keeps between syncs. */
export interface CursorState {
  cursor_field: string[];
  /** The last value sent; null when no row had one. */
  cursor: string | number | null;
  /** Fingerprints of the rows sent with that value; left out when there are too many. */
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

/** Follows the rows of one stream in the order of its cursor. */
export class CursorPosition {
  /** The value to read from, itself included; undefined reads the whole table. */
  readonly from: string | number | undefined;
  readonly #cursorField: string;
  /** How often each of the rows already sent may still come; two rows may be alike to the last value. */
  readonly #alreadySent = new Map<string, number>();
  #cursor: string | number | null = null;
  #boundaryRows: string[] | undefined = [];

  /**
   * @param state - what an earlier sync remembered; that of another cursor column is of no use and is left aside
   */
  constructor(cursorField: string, state: unknown) {
    this.#cursorField = cursorField;
    if (!isCursorState(state) || state.cursor_field.join('.') !== cursorField || state.cursor === null) return;
    this.from = state.cursor;
    this.#cursor = state.cursor;
    this.#boundaryRows = state.boundary_rows;
    for (const row of state.boundary_rows ?? []) this.#alreadySent.set(row, (this.#alreadySent.get(row) ?? 0) + 1);
    // Too many to name: all of them come again, and are counted anew.
    this.#boundaryRows ??= [];
  }

  /**
   * Takes the next row.
   *
   * @param row - its values as the database gives them
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
