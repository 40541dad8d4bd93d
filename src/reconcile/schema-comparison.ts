import type { Catalog } from '../airbyte/schemas';
import { type SchemaChange, streamTitle } from '../contract/schema-changes';
import { StreamsByName } from '../documents/streams-by-name';
import { isObject } from '../text/json-object';

/**
 * Finds the changes in the source's schema since the connection was set up, for the streams that it syncs. If one of the two
 * does not show its fields (the public API does not show those of a connection), no field counts as changed.
 */
export function findSchemaChanges(connection: Catalog, source: Catalog): SchemaChange[] {
  const synced = connection.streams.filter(({ config }) => config?.selected !== false);
  const sourceStreams = new StreamsByName(source);
  return synced.flatMap(({ stream, config }): SchemaChange[] => {
    const found = sourceStreams.candidatesFor(stream)[0]?.stream;
    if (found === undefined) return [{ stream: streamTitle(stream), kind: 'stream removed' }];
    const changes = [...compareFields(stream.jsonSchema, found.jsonSchema, [])];
    // If a connection syncs only some fields, its catalog has only these.
    const counted =
      config?.['fieldSelectionEnabled'] === true ? changes.filter(({ kind }) => kind !== 'field added') : changes;
    return counted.map((change) => ({ stream: streamTitle(found), ...change }));
  });
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
    // Most fields have not changed, and this comparison is faster than that of types: a source may have a million fields.
    if (JSON.stringify(schema) === JSON.stringify(fieldsNow[name])) continue;
    const [from, to] = [typeOf(schema), typeOf(fieldsNow[name])];
    // Not every API shows the types of fields.
    if (from && to && from !== to) yield { kind: 'type changed', field, from, to };
    else yield* compareFields(schema, fieldsNow[name], [...path, name]);
  }
}

/** The fields of an object, or of the objects in a list. */
function fieldsOf(schema: unknown): Record<string, unknown> | undefined {
  if (!isObject(schema)) return undefined;
  return isObject(schema['properties']) ? schema['properties'] : fieldsOf(schema['items']);
}

/** The type of a field in words: `string (date-time)`, `array of integer`. Whether it may be null does not count. */
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
