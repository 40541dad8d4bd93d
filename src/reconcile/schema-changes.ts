import type { Catalog } from '../airbyte/schemas';
import { isObject } from '../text/json-object';
import { StreamsByName } from '../documents/streams-by-name';

/** What a pipeline wants to become of changes of its source's schema. */
export type SchemaChangesPolicy = 'ignore' | 'propagate' | 'fail';

/**
 * What Airbyte is told for each: its `nonBreakingChangesPreference`, the same words since 0.50. It is `propagate_columns`
 * and not `propagate_fully`, which would sync streams that no document names.
 */
export const NON_BREAKING_CHANGES_PREFERENCES = {
  ignore: 'ignore',
  propagate: 'propagate_columns',
  fail: 'disable',
} as const satisfies Record<SchemaChangesPolicy, string>;

/** A connection's `nonBreakingChangesPreference` in the words of a document, where these have one for it. */
export function schemaChangesPolicyOf(preference: unknown): SchemaChangesPolicy | undefined {
  const policies = Object.entries(NON_BREAKING_CHANGES_PREFERENCES) as [SchemaChangesPolicy, string][];
  return policies.find(([, word]) => word === preference)?.[0];
}

/** One thing in which a source's schema is no longer what its connection was set up with. */
export interface SchemaChange {
  /** With its namespace before it, where it has one: `public.orders`. */
  stream: string;
  kind: 'stream added' | 'stream removed' | 'field added' | 'field removed' | 'type changed';
  /** The path of the field: `total`, `address.city`. */
  field?: string;
  /** The field's type in the connection's catalog. */
  from?: string;
  /** The field's type in the source. */
  to?: string;
}

/** How a source's schema differs from the catalog of its connection. */
export interface SchemaDrift {
  changes: SchemaChange[];
  /** How many further changes there are, which are not listed. */
  moreChanges: number;
}

/** A drift goes through histories, which take no payload of any size. */
const CHANGES_LISTED = 200;

/** The drift that these changes are; undefined when there are none. */
export function toSchemaDrift(changes: readonly SchemaChange[]): SchemaDrift | undefined {
  if (changes.length === 0) return undefined;
  return { changes: changes.slice(0, CHANGES_LISTED), moreChanges: Math.max(0, changes.length - CHANGES_LISTED) };
}

/**
 * What of the streams that a connection syncs is otherwise in the source by now. Where one of the two says nothing of its
 * fields (the public API does not say those of a connection), no field counts as changed.
 */
export function findSchemaChanges(connection: Catalog, source: Catalog): SchemaChange[] {
  const synced = connection.streams.filter(({ config }) => config?.selected !== false);
  const sourceStreams = new StreamsByName(source);
  return synced.flatMap(({ stream, config }): SchemaChange[] => {
    const found = sourceStreams.meantBy(stream)[0]?.stream;
    if (found === undefined) return [{ stream: streamTitle(stream), kind: 'stream removed' }];
    const changes = [...compareFields(stream.jsonSchema, found.jsonSchema, [])];
    // The catalog of a connection that syncs some fields only has only those.
    const counted =
      config?.['fieldSelectionEnabled'] === true ? changes.filter(({ kind }) => kind !== 'field added') : changes;
    return counted.map((change) => ({ stream: streamTitle(found), ...change }));
  });
}

/** How a stream is called in messages: `public.orders`. */
export function streamTitle({ name, namespace }: { name: string; namespace?: string | null | undefined }): string {
  return namespace ? `${namespace}.${name}` : name;
}

/** A change in words: `orders: field discount added (number)`. */
export function describeSchemaChange({ stream, kind, field = '', from, to }: SchemaChange): string {
  switch (kind) {
    case 'stream added':
      return `${stream}: new in the source`;
    case 'stream removed':
      return `${stream}: no longer in the source`;
    case 'field added':
      return `${stream}: field ${field} added${to ? ` (${to})` : ''}`;
    case 'field removed':
      return `${stream}: field ${field} removed`;
    case 'type changed':
      return `${stream}: type of ${field} changed from ${from} to ${to}`;
  }
}

/** The first of a drift's changes in words, for one line: `orders: field a added, …, and 3 more`. */
export function describeSchemaDrift({ changes, moreChanges }: SchemaDrift, shown = 10): string {
  const rest = changes.length + moreChanges - Math.min(shown, changes.length);
  const texts = changes.slice(0, shown).map(describeSchemaChange);
  return [...texts, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}

function* compareFields(
  before: unknown,
  now: unknown,
  path: readonly string[],
): Generator<Omit<SchemaChange, 'stream'>> {
  const [fieldsBefore, fieldsNow] = [fieldsOf(before), fieldsOf(now)];
  if (fieldsBefore === undefined || fieldsNow === undefined) return;
  for (const [name, schema] of Object.entries(fieldsNow)) {
    if (Object.hasOwn(fieldsBefore, name)) continue;
    const to = typeOf(schema);
    yield { kind: 'field added', field: [...path, name].join('.'), ...(to && { to }) };
  }
  for (const [name, schema] of Object.entries(fieldsBefore)) {
    const field = [...path, name].join('.');
    if (!Object.hasOwn(fieldsNow, name)) {
      yield { kind: 'field removed', field };
      continue;
    }
    // Mostly nothing has changed, which is told sooner than what the types are: a source may have a million fields.
    if (JSON.stringify(schema) === JSON.stringify(fieldsNow[name])) continue;
    const [from, to] = [typeOf(schema), typeOf(fieldsNow[name])];
    // Not every API tells the types of its fields.
    if (from && to && from !== to) yield { kind: 'type changed', field, from, to };
    else yield* compareFields(schema, fieldsNow[name], [...path, name]);
  }
}

/** The fields of an object, or of the objects in a list. */
function fieldsOf(schema: unknown): Record<string, unknown> | undefined {
  if (!isObject(schema)) return undefined;
  return isObject(schema['properties']) ? schema['properties'] : fieldsOf(schema['items']);
}

/** The type of a field in words: `string (date-time)`, `array of integer`. That it may be null is no matter of its type. */
function typeOf(schema: unknown): string {
  if (!isObject(schema)) return '';
  const { $ref: reference, type, items } = schema;
  if (typeof reference === 'string') return reference.split('/').at(-1) ?? '';
  const alternatives = schema['oneOf'] ?? schema['anyOf'];
  if (Array.isArray(alternatives)) return joined(alternatives.map(typeOf));
  const types = joined([type].flat().filter((name) => typeof name === 'string' && name !== 'null') as string[]);
  const detail = schema['airbyte_type'] ?? schema['format'];
  const item = types === 'array' ? typeOf(items) : '';
  return `${types}${typeof detail === 'string' ? ` (${detail})` : ''}${item ? ` of ${item}` : ''}`;
}

function joined(types: readonly string[]): string {
  return [...new Set(types.filter((type) => type !== ''))].sort().join(' or ');
}
