import { z } from 'zod';
import { type CatalogStream, looseRecord } from '../schemas';
import { splitSyncMode } from './sync-modes';

const path = z.array(z.string());

/** What the public API knows of a stream of a source. */
const streamSchema = looseRecord({
  streamName: z.string(),
  /** Not in camel case in Airbyte's own document; servers before 1.8 do not say it. */
  streamnamespace: z.string().optional(),
  streamNamespace: z.string().optional(),
  /** Only those that a destination takes too, when one is named; else none or all. */
  syncModes: z.array(z.string()).optional(),
  defaultCursorField: path.optional(),
  sourceDefinedCursorField: z.boolean().optional(),
  sourceDefinedPrimaryKey: z.array(path).optional(),
  /** The paths of all fields, the nested ones after those they are in. */
  propertyFields: z.array(path).optional(),
});

/** The answer of `GET /streams`, as the streams of a catalog of the Config API's. */
export const streamPropertiesSchema = z.array(streamSchema.transform(toCatalogStream));

function toCatalogStream(properties: z.output<typeof streamSchema>): CatalogStream {
  const { syncModes = [], propertyFields } = properties;
  const namespace = properties.streamnamespace ?? properties.streamNamespace;
  const supported = new Set(syncModes.map((joined) => splitSyncMode(joined).syncMode));
  return {
    stream: {
      name: properties.streamName,
      ...(namespace !== undefined && { namespace }),
      ...(propertyFields !== undefined && { jsonSchema: schemaOf(propertyFields) }),
      ...(supported.size > 0 && { supportedSyncModes: [...supported] }),
      sourceDefinedCursor: properties.sourceDefinedCursorField,
      defaultCursorField: properties.defaultCursorField,
      sourceDefinedPrimaryKey: properties.sourceDefinedPrimaryKey,
    },
  };
}

interface FieldSchema {
  [keyword: string]: unknown;
  properties?: Record<string, FieldSchema>;
}

/** The columns as a JSON schema names them; their types are not told. */
function schemaOf(fields: readonly string[][]): FieldSchema {
  const root: FieldSchema = { type: 'object', properties: Object.create(null) };
  for (const field of fields) {
    let parent = root;
    for (const name of field) {
      // Columns may be called like what every object has, such as `constructor`.
      parent.properties ??= Object.create(null) as Record<string, FieldSchema>;
      parent.properties[name] ??= {};
      parent = parent.properties[name];
    }
  }
  return root;
}
