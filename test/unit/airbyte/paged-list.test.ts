import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../../../sandbox/state/seeded-random';
import { type PageRequest, readAllPages } from '../../../src/airbyte/lists/paged-list';

const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => `row-${index}`);
const byId = (row: string) => row;

/** Reads a list from a server that gives the pages of `pageOf`, and returns the requests for them. */
async function read(pageOf: (request: PageRequest, nth: number) => string[]) {
  const requests: PageRequest[] = [];
  const list = await readAllPages(async (request) => {
    requests.push(request);
    return pageOf(request, requests.length);
  }, byId);
  return { ...list, requests };
}

const cut = (rows: readonly string[], { limit, offset }: PageRequest, cap = limit) =>
  rows.slice(offset, offset + Math.min(limit, cap));

describe('a list with an order', () => {
  it.each([0, 1, 3, 42, 99])('of %d rows costs one request', async (count) => {
    const { items, requests, incompleteReason } = await read((request) => cut(rowsOf(count), request));
    expect(items).toEqual(rowsOf(count));
    expect(requests).toEqual([{ limit: 100, offset: 0 }]);
    expect(incompleteReason).toBeUndefined();
  });

  it.each([
    { count: 20, offsets: [0, 20] },
    { count: 100, offsets: [0, 95, 100] },
    { count: 101, offsets: [0, 95, 101] },
    { count: 250, offsets: [0, 95, 190, 250] },
  ])('of $count rows is read in one pass', async ({ count, offsets }) => {
    const { items, requests, incompleteReason } = await read((request) => cut(rowsOf(count), request));
    expect(items).toEqual(rowsOf(count));
    expect(requests.map(({ offset }) => offset)).toEqual(offsets);
    expect(incompleteReason).toBeUndefined();
  });

  it('is complete from a server without pages', async () => {
    const { items, requests, incompleteReason } = await read(() => rowsOf(150));
    expect(items).toHaveLength(150);
    expect(requests).toHaveLength(1);
    expect(incompleteReason).toBeUndefined();
  });

  it.each([10, 20, 25, 50])('is complete from a server that gives %d rows at most', async (cap) => {
    for (const count of [cap - 1, cap, cap + 1, 3 * cap, 127]) {
      const { items, incompleteReason } = await read((request) => cut(rowsOf(count), request, cap));
      expect(items.toSorted()).toEqual(rowsOf(count).toSorted());
      expect(incompleteReason).toBeUndefined();
    }
  });

  it('is complete from a server that rounds offsets down to a page', async () => {
    const { items, incompleteReason } = await read(({ limit, offset }) =>
      cut(rowsOf(250), { limit, offset: offset - (offset % limit) }),
    );
    expect(items).toEqual(rowsOf(250));
    expect(incompleteReason).toBeUndefined();
  });

  it('that has rows twice is read to its end', async () => {
    const twice = [...rowsOf(150), ...rowsOf(30)];
    const { items, incompleteReason } = await read((request) => cut(twice, request));
    expect(items).toHaveLength(150);
    expect(incompleteReason).toBeUndefined();
  });
});

describe('a list whose rows move', () => {
  it.each([
    { count: 101, seeds: 20 },
    { count: 250, seeds: 20 },
    { count: 1_000, seeds: 2 },
  ])('of $count rows, shuffled at each request, is complete', async ({ count, seeds }) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const random = new SeededRandom(seed);
      const { items, incompleteReason } = await read((request) => cut(random.shuffled(rowsOf(count)), request));
      expect(items.toSorted()).toEqual(rowsOf(count).toSorted());
      expect(incompleteReason).toBeUndefined();
    }
  });

  it('is complete when every offset has an order of its own', async () => {
    const { items } = await read((request) => cut(new SeededRandom(request.offset + 1).shuffled(rowsOf(250)), request));
    expect(items.toSorted()).toEqual(rowsOf(250).toSorted());
  });

  it.each([
    ['to the front', 200, 3],
    ['from one page to the next', 90, 110],
    ['to the end', 3, 249],
  ])('is complete when one row moves %s between two pages', async (_, from, to) => {
    for (const nth of [1, 2, 3]) {
      const rows = rowsOf(250);
      const { items } = await read((request, request_nth) => {
        const page = cut(rows, request);
        if (request_nth === nth) rows.splice(to, 0, ...rows.splice(from, 1));
        return page;
      });
      expect(items.toSorted()).toEqual(rowsOf(250).toSorted());
    }
  });

  it('is complete when two rows change places between two pages', async () => {
    const rows = rowsOf(250);
    const { items } = await read((request, nth) => {
      const page = cut(rows, request);
      if (nth === 1) [rows[10], rows[240]] = ['row-240', 'row-10'];
      return page;
    });
    expect(items.toSorted()).toEqual(rowsOf(250).toSorted());
  });

  it('has every row that stays when another one is deleted between two pages', async () => {
    const rows = rowsOf(250);
    const { items } = await read((request, nth) => {
      const page = cut(rows, request);
      if (nth === 1) rows.shift();
      return page;
    });
    expect(items).toEqual(expect.arrayContaining(rows));
  });

  it('is incomplete where a row never shows', async () => {
    const random = new SeededRandom(7);
    const { items, incompleteReason, requests } = await read((request) =>
      cut(random.shuffled(rowsOf(250)), request).map((row) => (row === 'row-9' ? 'row-8' : row)),
    );
    expect(items).toHaveLength(249);
    expect(incompleteReason).toMatch(/only 249 of 250/);
    expect(requests.length).toBeLessThan(200);
  });
});

describe('a list without an end', () => {
  it('is incomplete when the first page comes again and again', async () => {
    const { items, incompleteReason, requests } = await read(() => rowsOf(100));
    expect(items).toHaveLength(100);
    expect(incompleteReason).toMatch(/same page/);
    expect(requests).toHaveLength(3);
  });

  it('is complete when a short page comes for every offset', async () => {
    const { items, incompleteReason } = await read(() => rowsOf(5));
    expect(items).toHaveLength(5);
    expect(incompleteReason).toBeUndefined();
  });

  it('is incomplete when its rows begin again after the last one', async () => {
    const { items, incompleteReason, requests } = await read(({ limit, offset }) =>
      Array.from({ length: limit }, (_, index) => `row-${(offset + index) % 130}`),
    );
    expect(items).toHaveLength(130);
    expect(incompleteReason).toMatch(/keeps repeating/);
    expect(requests.length).toBeLessThan(20);
  });
});
