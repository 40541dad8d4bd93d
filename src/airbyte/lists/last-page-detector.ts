import { mayBeCapped } from './paged-list';

/**
 * Distinguishes the last page of a list from a page that the server has cut: a server may give fewer rows than
 * requested although there are more, and mostly does not say so.
 */
export class LastPageDetector {
  /** The most rows that a page of this server has had. A shorter page was not cut by the server's own limit. */
  #largest = 0;

  /** Whether a page with this many rows is the last one, when `requested` rows were requested. */
  isLast(rows: number, requested: number): boolean {
    const isLast = rows === 0 || (rows < requested && (rows < this.#largest || !mayBeCapped(rows)));
    this.#largest = Math.max(this.#largest, rows);
    return isLast;
  }
}
