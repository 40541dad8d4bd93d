import { isDeepStrictEqual } from 'node:util';
import type { CatalogStream, Connection } from '../state/resources';
import { nameOf, sameStream } from '../state/stream-name';

/** How a source's streams differ from those that it had when a connection was configured. */
export interface CatalogDiff {
  transforms: object[];
  /** Whether a field is gone that the connection's configuration needs. */
  breaking: boolean;
}

export function catalogDiff(connection: Connection, now: readonly CatalogStream[]): CatalogDiff {
  // If the earlier discovery is not known, the connection's own catalog stands in for it.
  const before = connection.discovered ?? connection.catalog.streams.map(({ stream }) => stream);
  const added = now.filter((stream) => !before.some((other) => sameStream(other, stream)));
  const transforms: object[] = added.map((stream) => transform('add_stream', stream));
  let breaking = false;
  for (const stream of before) {
    const current = now.find((other) => sameStream(other, stream));
    if (current === undefined) {
      transforms.push(transform('remove_stream', stream));
      continue;
    }
    const fieldTransforms = fieldTransformsOf(stream, current, neededFields(connection, stream));
    if (fieldTransforms.length === 0) continue;
    breaking ||= fieldTransforms.some((each) => each.breaking);
    const updateStream = { fieldTransforms, streamAttributeTransforms: [] };
    transforms.push({ ...transform('update_stream', stream), updateStream });
  }
  return { transforms, breaking };
}

function transform(transformType: string, stream: CatalogStream): object {
  return { transformType, streamDescriptor: nameOf(stream) };
}

/** The top-level fields that a stream's configuration needs: those of its cursor and its primary key. */
function neededFields({ catalog }: Connection, streamName: CatalogStream): Set<string | undefined> {
  const config = catalog.streams.find(({ stream }) => sameStream(stream, streamName))?.config;
  return new Set([config?.cursorField?.[0], ...(config?.primaryKey ?? []).map(([field]) => field)]);
}

interface FieldTransform {
  transformType: string;
  fieldName: string[];
  breaking: boolean;
}

function fieldTransformsOf(
  before: CatalogStream,
  now: CatalogStream,
  needed: Set<string | undefined>,
): FieldTransform[] {
  const had = propertiesOf(before);
  const has = propertiesOf(now);
  const names = [...new Set([...Object.keys(had), ...Object.keys(has)])];
  return names.flatMap((name): FieldTransform[] => {
    const fieldName = [name];
    if (!Object.hasOwn(had, name)) {
      const added = { transformType: 'add_field', fieldName, addField: { schema: has[name] } };
      return [{ ...added, breaking: false }];
    }
    if (!Object.hasOwn(has, name)) {
      const removed = { transformType: 'remove_field', fieldName, removeField: { schema: had[name] } };
      return [{ ...removed, breaking: needed.has(name) }];
    }
    if (isDeepStrictEqual(had[name], has[name])) return [];
    const updateFieldSchema = { oldSchema: had[name], newSchema: has[name] };
    const changed = { transformType: 'update_field_schema', fieldName, updateFieldSchema };
    return [{ ...changed, breaking: false }];
  });
}

function propertiesOf({ jsonSchema }: CatalogStream): Record<string, unknown> {
  const properties = jsonSchema?.['properties'];
  return typeof properties === 'object' && properties !== null ? { ...properties } : {};
}
