import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { NO_MAPPERS, selectedFields, withSelection } from '../../state/field-selection';
import type { Catalog, CatalogStream } from '../../state/resources';
import { withDefaults } from '../discovery';
import { Problem } from '../problems';
import { fieldsOf } from './streams';
import { commonModes, JOINED_SYNC_MODES, type JoinedSyncMode, joinModes, separateModes } from './sync-modes';

/** How callers of the public API configure a connection's streams. */
export const streamConfigurations = z.looseObject({
  streams: z
    .array(
      z.looseObject({
        name: z.string(),
        namespace: z.string().nullish(),
        syncMode: z.enum(JOINED_SYNC_MODES).nullish(),
        cursorField: z.array(z.string()).nullish(),
        primaryKey: z.array(z.array(z.string())).nullish(),
        selectedFields,
        mappers: z.array(z.unknown()).nullish(),
      }),
    )
    .nullish(),
});

type StreamConfigurations = z.output<typeof streamConfigurations>;
type StreamConfiguration = NonNullable<StreamConfigurations['streams']>[number];
type ConfiguredStream = Catalog['streams'][number];

/**
 * The catalog of a connection with these stream configurations. Without any, it contains every stream as a full
 * refresh.
 *
 * @param hasNamespaces whether the server distinguishes streams of the same name by namespace, as it does since 1.8
 * @throws Problem if the source or the destination does not support what the caller asks for
 */
export function toCatalog(
  configurations: StreamConfigurations | undefined,
  discovered: readonly CatalogStream[],
  destinationModes: readonly string[],
  hasNamespaces: boolean,
): Catalog {
  if (!namesStreams(configurations)) return { streams: discovered.map((stream) => configured(stream)) };
  if (!hasNamespaces) assertNamed(configurations.streams, discovered);
  const taken = new Set<string>();
  const streams = configurations.streams.map((configuration) => {
    const stream = hasNamespaces ? streamOf(configuration, discovered) : lastOfName(configuration, discovered);
    assertPossible(configuration, stream, destinationModes);
    const name = `[${configuration.name}] in namespace [${configuration.namespace ?? null}]`;
    if (taken.has(name)) reject(`Duplicate stream found in configuration for stream name ${name}.`);
    taken.add(name);
    return configured(stream, configuration);
  });
  return { streams };
}

/** Before 1.8, streams are identified by name alone. @throws Problem */
function assertNamed(configurations: readonly StreamConfiguration[], discovered: readonly CatalogStream[]): void {
  const valid = new Set(discovered.map(({ name }) => name));
  const taken = new Set<string>();
  for (const { name } of configurations) {
    if (!valid.has(name)) reject(`Invalid stream found. The list of valid streams include: ${formatList([...valid])}.`);
    if (taken.has(name)) reject(`Duplicate stream found in configuration for: ${name}.`);
    taken.add(name);
  }
}

/** Of two streams with the same name, Airbyte uses the last one. */
function lastOfName({ name }: StreamConfiguration, discovered: readonly CatalogStream[]): CatalogStream {
  const found = discovered.findLast((stream) => stream.name === name);
  return found ?? reject(`Invalid stream found: ${name}.`);
}

export function namesStreams(
  configurations: StreamConfigurations | undefined,
): configurations is { streams: StreamConfiguration[] } {
  return (configurations?.streams ?? []).length > 0;
}

/** A connection's stream configurations, as the public API returns them. */
export function toStreamConfigurations({ streams }: Catalog): Record<string, unknown>[] {
  return streams.map(({ stream, config }) => ({
    name: stream.name,
    ...(stream.namespace === undefined ? {} : { namespace: stream.namespace }),
    syncMode: joinModes(config.syncMode, config.destinationSyncMode),
    cursorField: config.cursorField ?? [],
    primaryKey: config.primaryKey ?? [],
    mappers: [],
    selectedFields: config.fieldSelectionEnabled === true ? (config.selectedFields ?? []) : [],
  }));
}

function streamOf({ name, namespace }: StreamConfiguration, discovered: readonly CatalogStream[]): CatalogStream {
  const named = discovered.filter((stream) => stream.name === name);
  const found = named.length === 1 ? named : named.filter((stream) => stream.namespace === (namespace ?? undefined));
  return (
    found[0] ??
    reject(
      `No streams found with name [${name}] and namespace [${namespace ?? null}]. Please call the https://reference.airbyte.com/reference/getstreamproperties endpoint to see the valid stream name and namespace combinations.`,
    )
  );
}

const NEED_CURSOR: readonly JoinedSyncMode[] = ['incremental_append', 'incremental_deduped_history'];
const NEED_PRIMARY_KEY: readonly JoinedSyncMode[] = [
  'incremental_deduped_history',
  'full_refresh_update',
  'incremental_update',
];

/** The modes that require the fields of the primary key to be selected. */
const SELECT_PRIMARY_KEY: readonly JoinedSyncMode[] = [...NEED_PRIMARY_KEY, 'full_refresh_overwrite_deduped'];

function assertPossible(
  configuration: StreamConfiguration,
  stream: CatalogStream,
  destinationModes: readonly string[],
): void {
  assertSelection(configuration, stream);
  const { name, syncMode, cursorField, primaryKey, mappers } = configuration;
  if ((mappers ?? []).length > 0) reject(NO_MAPPERS);
  if (!syncMode || syncMode === 'full_refresh_overwrite') return;
  const possible = commonModes(stream.supportedSyncModes ?? [], destinationModes);
  if (!possible.includes(syncMode)) {
    reject(`Cannot set sync mode to ${syncMode} for stream ${name}. Valid sync modes are: [${possible.join(', ')}]`);
  }
  const fields = fieldsOf(stream.jsonSchema);
  if (NEED_CURSOR.includes(syncMode)) assertCursor(cursorField ?? [], stream, fields);
  if (NEED_PRIMARY_KEY.includes(syncMode)) assertPrimaryKey(primaryKey ?? [], stream, fields);
}

/** Rejects a selection of nested fields, or one without the fields that the sync mode needs. */
function assertSelection(
  { syncMode, selectedFields: given, ...requested }: StreamConfiguration,
  stream: CatalogStream,
): void {
  if (!given) return;
  const { name } = stream;
  const valid = fieldsOf(stream.jsonSchema).flatMap((path) => (path.length === 1 ? path : []));
  if (given.length === 0) {
    reject(`No fields selected for stream ${name}. The list of valid field names includes: ${formatList(valid)}.`);
  }
  const selected = given.map(({ fieldPath }) => {
    const [field, ...nested] = fieldPath ?? [];
    if (field === undefined) return reject(`Selected field path cannot be empty for stream:  ${name}.`);
    if (nested.length > 0) return reject(`Nested field selection not supported for stream ${name}.`);
    return field;
  });
  if (new Set(selected).size < selected.length) {
    reject(`Duplicate fields selected in configuration for stream: ${name}.`);
  }
  if (!selected.every((field) => valid.includes(field))) {
    reject(`Invalid fields selected for stream ${name}. The list of valid field names includes: ${formatList(valid)}.`);
  }
  const { cursorField, primaryKey } = keysOf(requested, stream);
  if (
    syncMode &&
    SELECT_PRIMARY_KEY.includes(syncMode) &&
    !primaryKey.every(([field = '']) => selected.includes(field))
  ) {
    reject(
      `Primary key fields are not selected properly for stream: ${name}. Please include primary key(s) in the configuration for this stream.`,
    );
  }
  const [cursor] = cursorField;
  if (syncMode?.startsWith('incremental_') && cursor !== undefined && !selected.includes(cursor)) {
    reject(
      `Cursor field is not selected properly for stream: ${name}. Please include the cursor field in selected fields for this stream.`,
    );
  }
}

function assertCursor(cursor: string[], stream: CatalogStream, fields: string[][]): void {
  const { name, sourceDefinedCursor, defaultCursorField = [] } = stream;
  if (sourceDefinedCursor === true) {
    if (cursor.length > 0 && !isDeepStrictEqual(cursor.toSorted(), defaultCursorField.toSorted())) {
      reject(
        `Cursor Field ${formatList(cursor)} is already defined by source for stream: ${name}. Do not include a cursor field configuration for this stream.`,
      );
    }
  } else if (cursor.length > 0) {
    if (!fields.some((field) => isDeepStrictEqual(field, cursor))) {
      reject(
        `Invalid cursor field for stream: ${name}. The list of valid cursor fields include: ${formatList(fields)}.`,
      );
    }
  } else if (defaultCursorField.length === 0) {
    reject(`No default cursor field for stream: ${name}. Please include a cursor field configuration for this stream.`);
  }
}

function assertPrimaryKey(key: string[][], { name, sourceDefinedPrimaryKey = [] }: CatalogStream, fields: string[][]) {
  if (sourceDefinedPrimaryKey.length > 0 && key.length > 0 && !isDeepStrictEqual(key, sourceDefinedPrimaryKey)) {
    reject(
      `Primary key for stream: ${name} is already pre-defined. Please remove the primaryKey or provide the value as ${formatList(sourceDefinedPrimaryKey)}.`,
    );
  }
  if (sourceDefinedPrimaryKey.length === 0 && key.length === 0) {
    reject(`No default primary key for stream: ${name}. Please include a primary key configuration for this stream.`);
  }
  if (!key.every((part) => fields.some((field) => isDeepStrictEqual(field, part)))) {
    reject(`Invalid primary key for stream: ${name}. The list of valid primary keys fields: ${formatList(fields)}.`);
  }
  if (key.some((part) => new Set(part).size < part.length)) {
    reject(
      `Duplicate primary key detected for stream: ${name}, please don't provide the same column more than once. Key: ${formatList(key.map(formatList))}`,
    );
  }
}

/** A stream with its configuration, as the connection stores it. */
function configured(stream: CatalogStream, requested?: StreamConfiguration): ConfiguredStream {
  const { config } = withDefaults(stream);
  const [syncMode, destinationSyncMode] = separateModes(requested?.syncMode ?? 'full_refresh_overwrite');
  const { cursorField, primaryKey } = keysOf(requested, stream);
  const selected = requested?.selectedFields?.map(({ fieldPath }) => ({ fieldPath: fieldPath ?? [] }));
  // A mode that only copies rows needs no primary key, so Airbyte drops the caller's.
  const isCopied = syncMode === 'full_refresh' && ['append', 'overwrite'].includes(destinationSyncMode);
  const chosen = {
    ...config,
    syncMode,
    destinationSyncMode,
    cursorField: syncMode === 'full_refresh' ? (stream.defaultCursorField ?? []) : cursorField,
    primaryKey: isCopied ? (stream.sourceDefinedPrimaryKey ?? []) : primaryKey,
    ...(selected && { fieldSelectionEnabled: true, selectedFields: selected }),
  };
  return { stream: withSelection(stream, chosen), config: chosen };
}

/** The keys of a stream. What the source defines overrides what the caller configured. */
function keysOf(requested: Pick<StreamConfiguration, 'cursorField' | 'primaryKey'> | undefined, stream: CatalogStream) {
  const { sourceDefinedCursor, defaultCursorField = [], sourceDefinedPrimaryKey = [] } = stream;
  const requestedCursor = requested?.cursorField ?? [];
  return {
    cursorField: sourceDefinedCursor === true || requestedCursor.length === 0 ? defaultCursorField : requestedCursor,
    primaryKey: sourceDefinedPrimaryKey.length > 0 ? sourceDefinedPrimaryKey : (requested?.primaryKey ?? []),
  };
}

function reject(message: string): never {
  throw new Problem('bad-request', { message });
}

/** Formats a list as Java does. */
function formatList(list: readonly (string | readonly string[])[]): string {
  return `[${list.map((item) => (typeof item === 'string' ? item : formatList(item))).join(', ')}]`;
}
