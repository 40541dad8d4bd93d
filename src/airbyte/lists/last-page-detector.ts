import { mayBeCapped } from './paged-list';

/**
 * Tells the last page of a list from a page that the server has cut short: a server may give fewer rows than it is asked for
 * although there are more, and mostly says so nowhere.
 */
export class LastPageDetector {
  /** The most rows that a page of this server has had: fewer are no limit of its own. */
  #largest = 0;

  /** Whether a page of so many rows ends the list, when so many were asked for. */
  isLast(rows: number, asked: number): boolean {
    const isLast = rows === 0 || (rows < asked && (rows < this.#largest || !mayBeCapped(rows)));
    this.#largest = Math.max(this.#largest, rows);
    return isLast;
  }
}
