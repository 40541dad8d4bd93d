import { z } from 'zod';
import { type CatalogStream, looseRecord } from '../schemas';
import { splitSyncMode } from './sync-modes';

const path = z.array(z.string());

/** A stream of a source in the public API. */
const streamSchema = looseRecord({
  streamName: z.string(),
  /** Airbyte's own document does not write it in camel case. Servers before 1.8 do not show it. */
  streamnamespace: z.string().optional(),
  streamNamespace: z.string().optional(),
  /** If the request names a destination, only the modes that it supports; else none or all. */
  syncModes: z.array(z.string()).optional(),
  defaultCursorField: path.optional(),
  sourceDefinedCursorField: z.boolean().optional(),
  sourceDefinedPrimaryKey: z.array(path).optional(),
  /** The paths of all fields. Nested fields come after the fields that contain them. */
  propertyFields: z.array(path).optional(),
});

/** Reads the response to `GET /streams` as the streams of a Config API catalog. */
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

/** The fields as a JSON schema, without their types, which this API does not show. */
function schemaOf(fields: readonly string[][]): FieldSchema {
  const root: FieldSchema = { type: 'object', properties: Object.create(null) };
  for (const field of fields) {
    let parent = root;
    for (const name of field) {
      // A field may have the name of a property that every object inherits, such as `constructor`.
      parent.properties ??= Object.create(null) as Record<string, FieldSchema>;
      parent.properties[name] ??= {};
      parent = parent.properties[name];
    }
  }
  return root;
}
