/** As many items of a list go through histories, results and queries; a source may have tens of thousands of streams. */
const MAXIMUM_LISTED_ITEMS = 1_000;
/** As many bytes of them, as JSON: a tenth of what Temporal takes. */
const MAXIMUM_LISTED_BYTES = 200_000;
/** A value that is longer, as JSON, says no more to a person. */
const MAXIMUM_VALUE_LENGTH = 2_000;

/** The first items of a list, as many as go through a history, and how many there are behind them. */
export function firstOf<Item>(items: readonly Item[]): { listed: Item[]; more: number } {
  let bytes = 0;
  const end = items.slice(0, MAXIMUM_LISTED_ITEMS).findIndex((item) => {
    bytes += Buffer.byteLength(JSON.stringify(item) ?? '');
    return bytes > MAXIMUM_LISTED_BYTES;
  });
  const listed = items.slice(0, end === -1 ? MAXIMUM_LISTED_ITEMS : end);
  return { listed, more: items.length - listed.length };
}

/** A value as it goes through a history: the beginning of its JSON where that is too long. */
export function limitValue(value: unknown): unknown {
  if (value === undefined) return undefined;
  const json = JSON.stringify(value);
  return json.length <= MAXIMUM_VALUE_LENGTH ? value : `${json.slice(0, MAXIMUM_VALUE_LENGTH)}…`;
}
