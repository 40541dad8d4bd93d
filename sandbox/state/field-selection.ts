/** The selection of a stream's fields, and the mappers that the sandbox does not have. */
import { z } from 'zod';
import { BadObjectSchemaError, UncaughtError } from './errors';
import type { CatalogStream, StreamConfiguration } from './resources';

/** Fields are named by their path; only top-level fields can be selected. */
export const selectedFields = z.array(z.looseObject({ fieldPath: z.array(z.string()).nullish() })).nullish();

/** The fields of the Config API's stream configuration that select fields. */
export const fieldSelection = {
  fieldSelectionEnabled: z.boolean().nullish(),
  selectedFields,
  hashedFields: z.array(z.unknown()).nullish(),
  mappers: z.array(z.unknown()).nullish(),
};

type FieldConfiguration = z.output<z.ZodObject<typeof fieldSelection>> & {
  syncMode: string;
  destinationSyncMode: string;
  cursorField?: string[] | null | undefined;
  primaryKey?: string[][] | null | undefined;
};

/** Why the sandbox rejects a connection with mappers: it would move the values unchanged. */
export const NO_MAPPERS = 'The sandbox does not support mappers, because it moves every value unchanged. Remove them.';

/** The names of a stream's selected fields; undefined if all fields are moved. */
export function selectedFieldsOf(config: StreamConfiguration): string[] | undefined {
  if (config.fieldSelectionEnabled !== true) return undefined;
  return (config.selectedFields ?? []).flatMap(({ fieldPath }) => fieldPath?.slice(0, 1) ?? []);
}

/**
 * Rejects the selections that Airbyte rejects, and all mappers.
 *
 * @throws BadObjectSchemaError, UncaughtError
 */
export function assertSelectable(config: FieldConfiguration): void {
  if ([...(config.mappers ?? []), ...(config.hashedFields ?? [])].length > 0)
    throw new BadObjectSchemaError(NO_MAPPERS);
  if (config.fieldSelectionEnabled !== true) return;
  if (!config.selectedFields)
    throw new BadObjectSchemaError('Requested field selection but no selected fields provided');
  const names = config.selectedFields.map(({ fieldPath }) => {
    const [name, ...deeper] = fieldPath ?? [];
    if (name === undefined) throw new BadObjectSchemaError('Selected field path cannot be empty');
    if (deeper.length === 0) return name;
    throw new UncaughtError('Nested field selection not supported', 'java.lang.UnsupportedOperationException');
  });
  const { syncMode, destinationSyncMode, cursorField, primaryKey } = config;
  const [cursor] = cursorField ?? [];
  if (syncMode === 'incremental' && cursor !== undefined && !names.includes(cursor)) {
    throw new BadObjectSchemaError('Cursor field cannot be de-selected in INCREMENTAL syncs');
  }
  const keys = (primaryKey ?? []).flatMap((path) => path.slice(0, 1));
  if (destinationSyncMode.endsWith('_dedup') && !keys.every((key) => names.includes(key))) {
    throw new BadObjectSchemaError('Primary key field cannot be de-selected in DEDUP mode');
  }
}

/** A stream with only its selected fields, which is how Airbyte stores it in the connection. */
export function withSelection(stream: CatalogStream, config: StreamConfiguration): CatalogStream {
  const names = selectedFieldsOf(config);
  const { jsonSchema } = stream;
  if (names === undefined || jsonSchema === undefined) return stream;
  const properties = Object.entries((jsonSchema['properties'] ?? {}) as Record<string, unknown>);
  const selected = Object.fromEntries(properties.filter(([name]) => names.includes(name)));
  return { ...stream, jsonSchema: { ...jsonSchema, properties: selected } };
}
