import { z } from 'zod';
import type { SeededRandom } from '../../state/seeded-random';

/** `limit` and `offset`, which every list accepts. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).default(0),
};

interface Page {
  limit: number;
  offset: number;
}

/**
 * The rows in the order of one request. Airbyte's database query has no ORDER BY, so rows of a list with several pages
 * can move from one page to another between two requests.
 */
export function withoutOrder<Item>(all: readonly Item[], { limit }: Page, random: SeededRandom): readonly Item[] {
  return all.length > limit ? random.shuffled(all) : all;
}

/**
 * One page of a list. As in Airbyte, every page except an empty one links to a next page, and the links carry only some
 * of the filters.
 */
export async function toPage<Item>(
  all: readonly Item[],
  { limit, offset }: Page,
  {
    url,
    filters,
    toRead,
  }: {
    url: string;
    filters: Record<string, string | readonly string[] | boolean | undefined>;
    toRead: (item: Item) => object | Promise<object>;
  },
): Promise<{ previous: string; next: string; data: object[] }> {
  const data = await Promise.all(all.slice(offset, offset + limit).map(toRead));
  const at = (start: number) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(filters)) {
      if (value !== undefined && (typeof value !== 'object' || value.length > 0)) query.set(name, String(value));
    }
    query.set('limit', String(limit));
    query.set('offset', String(start));
    return `${url}?${query}`;
  };
  return {
    previous: offset === 0 ? '' : at(Math.max(0, offset - limit)),
    next: data.length === 0 ? '' : at(offset + limit),
    data,
  };
}
