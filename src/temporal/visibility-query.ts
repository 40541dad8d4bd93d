/** A control character, which no id, name or task queue has. */
const CONTROL = /\p{Cc}/u;

/**
 * A value as the text of a query by which Temporal lists workflows. Temporal reads a query as SQL: a quote ends a text there,
 * and a backslash makes what follows it part of the text. Both are doubled, so that no value is read as a part of the query.
 * Temporal finds a value with an apostrophe so, and nothing for one with a backslash or a double quote (seen with 1.31 and 1.32).
 *
 * @throws TypeError when the value has a control character: the stores of Temporal do not agree on these
 */
export function quoted(value: string): string {
  if (CONTROL.test(value)) throw new TypeError('a value with a control character cannot be looked for in Temporal');
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** `name IN ('one', 'other')` */
export function isOneOf(name: string, values: readonly string[]): string {
  return `${name} IN (${values.map(quoted).join(', ')})`;
}

/** `name = 'value'` */
export function equals(name: string, value: string): string {
  return `${name} = ${quoted(value)}`;
}
