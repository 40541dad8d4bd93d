import { isDeepStrictEqual } from 'node:util';
import { AirbyteError } from '../errors';
import type { ListOptions } from '../resources';

/** How many rows the public API gives in one page at most. */
export const PAGE_LIMIT = 100;

/**
 * The share of a page that is read again with the next page. In the first pass, the overlap shows that the order of the
 * rows does not change. The second pass has no overlap, for servers that round offsets down to a page. Each further
 * pass has another overlap, so that its pages begin elsewhere.
 */
function overlapOf(pass: number): number {
  return [0.05, 0][pass] ?? 0.1 + ((pass * GOLDEN_RATIO) % 0.6);
}

/** Its multiples are spread evenly, however many passes there are. */
const GOLDEN_RATIO = 0.618;

/**
 * Where the server shuffles the list for each request, a pass finds two thirds of the missing rows: 10,000 rows take
 * about 20 passes.
 */
const MAXIMUM_PASSES = 40;
const MAXIMUM_FRUITLESS_PASSES = 10;
/**
 * Of shuffled pages, at least 6 rows in 10 are new in the first pass. A server with fewer new rows repeats them without
 * end.
 */
const MAXIMUM_ROWS_PER_DISTINCT_ROW = 2;
const ALLOWED_EXTRA_PAGES = 5;

export interface PagedList<Item> {
  items: Item[];
  /** Why some rows may be missing; left out if the list is complete. */
  incompleteReason?: string;
}

export interface PageRequest {
  limit: number;
  offset: number;
}

/**
 * Reads a list that has a limit and an offset, but no order: rows move between pages, so that some come twice and
 * others never. A pass reads all pages and counts the rows by their offsets. One pass is enough if its pages overlap as
 * they should and every counted row is known. Otherwise further passes follow, until one brings no new row and every
 * counted row is known. The next offset follows from the rows that came, because a server may give fewer rows than
 * requested.
 *
 * A list of one page costs one request.
 */
export async function readAllPages<Item>(
  readPage: (page: PageRequest) => Promise<Item[]>,
  idOf: (item: Item) => string,
): Promise<PagedList<Item>> {
  const known = new Map<string, Item>();
  const result = (incompleteReason?: string) => ({
    items: [...known.values()],
    ...(incompleteReason !== undefined && { incompleteReason }),
  });
  let counted = 0;
  for (let pass = 0, fruitlessPasses = 0; pass < MAXIMUM_PASSES && fruitlessPasses < MAXIMUM_FRUITLESS_PASSES; pass++) {
    const before = known.size;
    const read = await readPass(readPage, idOf, known, overlapOf(pass));
    if ('incompleteReason' in read) return result(read.incompleteReason);
    ({ counted } = read);
    const isNew = known.size > before;
    const isComplete = known.size >= counted;
    const reasons = [isComplete, read.isStable, !isNew].filter(Boolean);
    if (reasons.length >= 2) return result();
    fruitlessPasses = isNew ? 0 : fruitlessPasses + 1;
  }
  return result(`its rows keep moving between the pages, and only ${known.size} of ${counted} were found`);
}

type Pass = { counted: number; isStable: boolean } | { incompleteReason: string };

/** Reads all pages once. */
async function readPass<Item>(
  readPage: (page: PageRequest) => Promise<Item[]>,
  idOf: (item: Item) => string,
  known: Map<string, Item>,
  overlapShare: number,
): Promise<Pass> {
  let previous: string[] = [];
  let isStable = overlapShare > 0;
  for (let offset = 0, overlap = 0; ; ) {
    const page = await readPage({ limit: PAGE_LIMIT, offset: offset - overlap });
    const ids = page.map(idOf);
    if (ids.length === 0) return { counted: offset - overlap, isStable: isStable && overlap === 0 };
    const isRepeated = isDeepStrictEqual(ids, previous);
    if (isRepeated && overlap > 0) {
      // A server that rounds offsets down to a page repeats the page for an overlap: try without the overlap.
      overlap = 0;
      continue;
    }
    if (isRepeated)
      return ids.length < PAGE_LIMIT ? { counted: offset, isStable } : { incompleteReason: OFFSET_IGNORED };
    const overlapMatches = isDeepStrictEqual(ids.slice(0, overlap), previous.slice(previous.length - overlap));
    if (offset > 0 && (overlap === 0 || !overlapMatches)) isStable = false;
    for (const [index, item] of page.entries()) known.set(ids[index] ?? '', item);
    const end = offset - overlap + ids.length;
    if (offset === 0 && isCompleteList(ids.length)) return { counted: end, isStable: true };
    if (isEndless(end, known.size)) return { incompleteReason: ENDLESS_LIST };
    // A short page may be the last one, so its rows are not requested again.
    overlap = ids.length < PAGE_LIMIT ? 0 : Math.round(ids.length * overlapShare);
    offset = end;
    previous = ids;
  }
}

const OFFSET_IGNORED = 'the server gives the same page for every offset';
export const ENDLESS_LIST = 'the server keeps repeating rows';

/** Whether a server that gave this many rows, of which `distinct` are different ones, would never stop. */
export function isEndless(rows: number, distinct: number): boolean {
  return rows > MAXIMUM_ROWS_PER_DISTINCT_ROW * distinct + ALLOWED_EXTRA_PAGES * PAGE_LIMIT;
}

/**
 * Whether the first page is the complete list. It is if it has fewer rows than requested, and their number is not a
 * round one, which may be a gateway's limit; or if it has more rows than requested, because the server does not page.
 */
function isCompleteList(rows: number): boolean {
  return rows > PAGE_LIMIT || (rows < PAGE_LIMIT && !mayBeCapped(rows));
}

/**
 * Reports a list that may be incomplete: by a warning, or by an error if the caller requires the complete list.
 *
 * @throws AirbyteError `AirbyteUnavailable`
 */
export function reportIncompleteList(
  list: { call: string; baseUrl: string; incompleteReason: string; known: number },
  warn: (message: string) => void,
  options: ListOptions | undefined,
): void {
  const message = `${list.call} at ${list.baseUrl} may be incomplete: ${list.incompleteReason}. ${list.known} are known.`;
  if (!options?.requireComplete) {
    warn(message);
    return;
  }
  throw new AirbyteError({
    type: 'AirbyteUnavailable',
    call: list.call,
    message: `${message} Others may exist. Try again.`,
    retryable: true,
    effect: 'none',
  });
}

/**
 * Whether a page with fewer rows than requested may still not be the last: the server's own limit is a round number.
 */
export function mayBeCapped(rows: number): boolean {
  return rows > 0 && rows % 5 === 0;
}
