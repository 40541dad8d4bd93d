import { isDeepStrictEqual } from 'node:util';
import { AirbyteError } from '../errors';
import type { ListOptions } from '../resources';

/** The most rows that the public API gives in one page. */
export const PAGE_LIMIT = 100;

/**
 * How much of a page is read once more with the next page. The first pass proves by it that the order stands still. The
 * second has no overlap, for servers that round offsets down to a page. Each further one puts the borders elsewhere.
 */
function overlapOf(pass: number): number {
  return [0.05, 0][pass] ?? 0.1 + ((pass * GOLDEN_RATIO) % 0.6);
}

/** Its multiples are spread evenly, however many there are. */
const GOLDEN_RATIO = 0.618;

/** A list shuffled at each request lacks a third of its missing rows after each pass: 10,000 rows take about 20. */
const MAXIMUM_PASSES = 40;
const MAXIMUM_FRUITLESS_PASSES = 10;
/** Of shuffled pages at least 6 rows in 10 are new to the first pass; a server that goes on giving known rows has no end. */
const MAXIMUM_ROWS_PER_DISTINCT_ROW = 2;
const ALLOWED_EXTRA_PAGES = 5;

export interface PagedList<Item> {
  items: Item[];
  /** Why some rows may be missing; left out where all are there. */
  doubt?: string;
}

export interface PageRequest {
  limit: number;
  offset: number;
}

/**
 * Reads a list that has a limit and an offset, but no order: rows move between pages, some come twice and others never.
 * A pass counts the rows by their offsets. It is enough where the pages overlap as they should and every counted row is
 * known; else further passes follow, until one brings nothing new and every counted row is known. Pages are counted by
 * what came, because a server may give fewer rows than it is asked for.
 *
 * A list within one page costs one request.
 */
export async function readAllPages<Item>(
  readPage: (page: PageRequest) => Promise<Item[]>,
  idOf: (item: Item) => string,
): Promise<PagedList<Item>> {
  const known = new Map<string, Item>();
  const whole = (doubt?: string) => ({ items: [...known.values()], ...(doubt !== undefined && { doubt }) });
  let counted = 0;
  for (let pass = 0, inVain = 0; pass < MAXIMUM_PASSES && inVain < MAXIMUM_FRUITLESS_PASSES; pass++) {
    const before = known.size;
    const read = await readPass(readPage, idOf, known, overlapOf(pass));
    if ('doubt' in read) return whole(read.doubt);
    ({ counted } = read);
    const isNew = known.size > before;
    const isComplete = known.size >= counted;
    const reasons = [isComplete, read.isStable, !isNew].filter(Boolean);
    if (reasons.length >= 2) return whole();
    inVain = isNew ? 0 : inVain + 1;
  }
  return whole(`its rows keep moving between the pages, and only ${known.size} of ${counted} have shown`);
}

type Pass = { counted: number; isStable: boolean } | { doubt: string };

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
      // A server that rounds offsets down to a page repeats it for an overlap; the exact border tells.
      overlap = 0;
      continue;
    }
    if (isRepeated) return ids.length < PAGE_LIMIT ? { counted: offset, isStable } : { doubt: OFFSET_IGNORED };
    const overlapMatches = isDeepStrictEqual(ids.slice(0, overlap), previous.slice(previous.length - overlap));
    if (offset > 0 && (overlap === 0 || !overlapMatches)) isStable = false;
    for (const [index, item] of page.entries()) known.set(ids[index] ?? '', item);
    const end = offset - overlap + ids.length;
    if (offset === 0 && isWhole(ids.length)) return { counted: end, isStable: true };
    if (isEndless(end, known.size)) return { doubt: ENDLESS_LIST };
    // A short page may be the last one: nothing that is known is asked for again.
    overlap = ids.length < PAGE_LIMIT ? 0 : Math.round(ids.length * overlapShare);
    offset = end;
    previous = ids;
  }
}

const OFFSET_IGNORED = 'the server gives the same page for every offset';
export const ENDLESS_LIST = 'the server goes on giving rows that it has given before';

/** Whether a server that has given so many rows, of which so many are different ones, would go on for ever. */
export function isEndless(rows: number, known: number): boolean {
  return rows > MAXIMUM_ROWS_PER_DISTINCT_ROW * known + ALLOWED_EXTRA_PAGES * PAGE_LIMIT;
}

/**
 * Whether the first page is the whole list: it has fewer rows than were asked for, and not as many as some gateway may
 * allow, which is a round number; or more, from a server that has no pages.
 */
function isWhole(rows: number): boolean {
  return rows > PAGE_LIMIT || (rows < PAGE_LIMIT && !mayBeCapped(rows));
}

/**
 * Tells of a list that may lack some rows: by a warning, or by an error where only the whole list will do.
 *
 * @throws AirbyteError `AirbyteUnavailable`
 */
export function reportIncompleteList(
  list: { call: string; baseUrl: string; doubt: string; known: number },
  warn: (message: string) => void,
  options: ListOptions | undefined,
): void {
  const message = `${list.call} at ${list.baseUrl} may lack some: ${list.doubt}. ${list.known} are known.`;
  if (!options?.whole) {
    warn(message);
    return;
  }
  throw new AirbyteError({
    type: 'AirbyteUnavailable',
    call: list.call,
    message: `${message} What is not among them may be there all the same. Try again.`,
    retryable: true,
    effect: 'none',
  });
}

/** Whether a page of fewer rows than were asked for may still not be the last: limits of servers are round numbers. */
export function mayBeCapped(rows: number): boolean {
  return rows > 0 && rows % 5 === 0;
}
