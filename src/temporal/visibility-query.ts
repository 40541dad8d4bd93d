/** The parts of queries by which Temporal lists workflows. */

/** A control character, which no id, name or task queue has. */
const CONTROL = /\p{Cc}/u;

/**
 * Quotes a value for a query. Temporal parses queries like SQL: an apostrophe ends a string, and a backslash escapes the next
 * character. Both are doubled, so that no value can change the query. Temporal finds values with an apostrophe this way, but
 * none with a backslash or a double quote (tested with 1.31 and 1.32).
 *
 * @throws TypeError when the value has a control character, which Temporal's stores treat differently
 */
export function quoteQueryValue(value: string): string {
  if (CONTROL.test(value)) throw new TypeError('Temporal cannot search for a value with a control character');
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** `name IN ('one', 'other')` */
export function queryIn(name: string, values: readonly string[]): string {
  return `${name} IN (${values.map(quoteQueryValue).join(', ')})`;
}

/** `name >= '2026-03-01T14:05:09.000Z'` */
export function queryNotBefore(name: string, time: Date): string {
  return `${name} >= ${quoteQueryValue(time.toISOString())}`;
}

/** `name = 'value'` */
export function queryEquals(name: string, value: string): string {
  return `${name} = ${quoteQueryValue(value)}`;
}
