import type { Catalog, CatalogStream } from '../airbyte/schemas';
import { DomainError } from '../contract/domain-error';
import { cursorPath, type PipelineStream, primaryKeyPaths } from '../contract/pipeline-document';
import { streamTitle } from '../contract/schema-changes';
import type { SelectedStream } from '../contract/selected-stream';
import { isStreamPattern, matchesStream } from '../documents/stream-patterns';
import { StreamsByName } from '../documents/streams-by-name';
import { formatNames, NAMES_SHOWN } from '../text/formatting';
import { cursorOfSource, keyOfSource } from './source-defined-fields';

/** A selected stream, with its entry in the connection's catalog. */
export interface ConfiguredStream {
  selected: SelectedStream;
  stream: CatalogStream['stream'];
  /** Its present configuration in the connection; left out if it is new to the connection. */
  current?: CatalogStream['config'];
}

/** A stream that a pipeline selects, by its name or by a pattern. */
export interface ExpandedStream {
  stream: PipelineStream;
  /** The index in the document's list. */
  index: number;
  byPattern: boolean;
}

/**
 * Replaces each pattern by the streams of the source that match it. For a stream that is also listed by its name, that entry
 * counts; of several matching patterns, the first counts.
 *
 * @throws DomainError `InvalidInput` that names the existing streams, when a pattern matches none
 */
export function expandPatterns(catalog: Catalog, desired: readonly PipelineStream[]): ExpandedStream[] {
  const problems = new StreamProblems();
  const streams = expandSelection(catalog, desired, problems);
  problems.throwIfAny();
  return streams;
}

/**
 * Selects the streams of a pipeline from the source's catalog, and checks them. If the catalog shows no sync modes or no columns,
 * these are not checked. A cursor or key that the source itself defines overrides the pipeline's, because Airbyte rejects others.
 *
 * @param current the connection's present catalog: a cursor or key that the pipeline leaves out stays as it is there
 * @param leftOut the indexes of streams that are skipped
 * @throws DomainError `InvalidInput` that names each stream with a problem, and what exists
 */
export function selectStreams(
  catalog: Catalog,
  desired: readonly PipelineStream[],
  current: Catalog = { streams: [] },
  leftOut: { has(index: number): boolean } = new Set(),
): ConfiguredStream[] {
  const problems = new StreamProblems();
  const expanded = expandSelection(catalog, desired, problems);
  const source = new StreamsByName(catalog);
  const connection = new ConnectionStreams(current, expanded);
  const taken = new Map<string, number>();
  const held = expanded.filter(({ index }) => !leftOut.has(index));
  const selected = held.flatMap(({ stream, index }) =>
    problems.collect(index, () => {
      const configured = selectStream(catalog, source, stream, connection);
      const { name, namespace } = configured.selected;
      const key = JSON.stringify([namespace, name]);
      const earlier = taken.get(key);
      if (earlier !== undefined) {
        throw new StreamProblem(
          `'${streamTitle(configured.selected)}' is the same stream as connection.streams[${earlier}]`,
        );
      }
      taken.set(key, index);
      return [configured];
    }),
  );
  problems.throwIfAny();
  return selected;
}

/** The catalog that `connections/create` and `connections/update` take. */
export function toSyncCatalog(streams: readonly ConfiguredStream[]) {
  return {
    streams: streams.map(({ stream, selected, current }) => ({
      stream,
      config: {
        // Settings that a document cannot express (fields left out, fields hashed) stay.
        ...current,
        syncMode: selected.syncMode,
        cursorField: selected.cursorField,
        destinationSyncMode: selected.destinationSyncMode,
        primaryKey: selected.primaryKey,
        aliasName: current?.['aliasName'] ?? selected.name,
        selected: true,
      },
    })),
  };
}

/** The streams that a connection syncs: the selected ones of its catalog. */
export function readSyncCatalog(catalog: Catalog | undefined): SelectedStream[] {
  return (catalog?.streams ?? [])
    .filter(({ config }) => config?.selected !== false)
    .map(({ stream, config }) => ({
      name: stream.name,
      ...(stream.namespace && { namespace: stream.namespace }),
      syncMode: config?.syncMode ?? 'full_refresh',
      destinationSyncMode: config?.destinationSyncMode ?? 'append',
      cursorField: config?.cursorField ?? [],
      primaryKey: config?.primaryKey ?? [],
    }));
}

class StreamProblem extends Error {}

/** Collects the problems of all streams of a document. */
class StreamProblems {
  readonly #texts: string[] = [];

  collect<T>(index: number, select: () => T[]): T[] {
    try {
      return select();
    } catch (error) {
      if (!(error instanceof StreamProblem)) throw error;
      this.#texts.push(`connection.streams[${index}]: ${error.message}`);
      return [];
    }
  }

  throwIfAny(): void {
    if (this.#texts.length > 0) throw new DomainError('InvalidInput', this.#texts.join('\n'));
  }
}

function expandSelection(
  catalog: Catalog,
  desired: readonly PipelineStream[],
  problems: StreamProblems,
): ExpandedStream[] {
  const source = new StreamsByName(catalog);
  // The name of a stream may contain a *.
  const isPattern = (stream: PipelineStream) =>
    isStreamPattern(stream) && !(stream.name.includes('*') && source.named(stream.name).length > 0);
  const fitting = (stream: PipelineStream) =>
    (stream.name.includes('*') && isPattern(stream) ? catalog.streams : source.named(stream.name)).filter((found) =>
      matchesStream(stream, found.stream),
    );
  const taken = new Set(desired.filter((stream) => !isPattern(stream)).flatMap(fitting));
  return desired.flatMap((stream, index): ExpandedStream[] => {
    if (!isPattern(stream)) return [{ stream, index, byPattern: false }];
    return problems.collect(index, () => {
      const found = fitting(stream);
      if (found.length === 0) {
        throw new StreamProblem(
          `no stream of the source fits the pattern '${streamTitle(stream)}'; it has: ${titles(catalog)}`,
        );
      }
      const left = found.filter((each) => !taken.has(each));
      for (const each of left) taken.add(each);
      return left.map(({ stream: { name, namespace } }) => {
        const { namespace: _, ...modes } = stream;
        return { stream: { ...modes, name, ...(namespace != null && { namespace }) }, index, byPattern: true };
      });
    });
  });
}

function titles({ streams }: Catalog): string {
  const first = streams.slice(0, NAMES_SHOWN).map(({ stream }) => streamTitle(stream));
  return formatNames(first, streams.length - first.length) || 'none';
}

/** The streams that a connection syncs. Airbyte before 1.8 shows them without their namespaces. */
class ConnectionStreams {
  readonly #current: StreamsByName;
  readonly #desiredByName = new Map<string, number>();

  constructor(current: Catalog, desired: readonly ExpandedStream[]) {
    this.#current = new StreamsByName(current);
    for (const { stream } of desired) {
      this.#desiredByName.set(stream.name, (this.#desiredByName.get(stream.name) ?? 0) + 1);
    }
  }

  /**
   * The configuration of a stream in the connection.
   *
   * @throws StreamProblem when streams cannot be distinguished and one of them leaves out or changes fields
   */
  configOf(stream: CatalogStream['stream']): CatalogStream['config'] {
    const exact = this.#current.findExact(stream);
    if (exact) return exact.config;
    const named = this.#current.named(stream.name);
    const sparse = named.filter((other) => other.stream.namespace == null || stream.namespace == null);
    const [only] = sparse;
    if (only === undefined) return undefined;
    if (named.length === 1 && this.#desiredByName.get(stream.name) === 1) return only.config;
    if (!sparse.some(({ config }) => changesFields(config))) return undefined;
    throw new StreamProblem(
      `this Airbyte does not say the namespace of the connection's stream '${stream.name}', of which fields are left out, ` +
        'hashed or mapped: it is not known of which one. Change the streams in Airbyte, or through its Config API',
    );
  }
}

/** Whether fields of a stream are left out, hashed or mapped. A document cannot express that. */
function changesFields(config: CatalogStream['config']): boolean {
  const mappers = config?.['mappers'];
  return config?.['fieldSelectionEnabled'] === true || (Array.isArray(mappers) && mappers.length > 0);
}

function selectStream(
  catalog: Catalog,
  source: StreamsByName,
  desired: PipelineStream,
  connection: ConnectionStreams,
): ConfiguredStream {
  const { stream, config } = findStream(catalog, source, desired);
  const current = connection.configOf(stream);
  const columns = Object.keys(readProperties(stream.jsonSchema));
  const modes = stream.supportedSyncModes ?? [];
  if (modes.length > 0 && !modes.includes(desired.syncMode)) {
    throw new StreamProblem(`'${desired.name}' cannot be synced ${desired.syncMode}; it supports: ${modes.join(', ')}`);
  }
  const chosenCursor = () =>
    firstNonEmpty(cursorPath(desired), current?.cursorField, stream.defaultCursorField, config?.cursorField);
  const cursorField = desired.syncMode === 'incremental' ? (cursorOfSource(stream) ?? chosenCursor()) : [];
  if (desired.syncMode === 'incremental' && !stream.sourceDefinedCursor) {
    if (cursorField.length === 0) {
      throw new StreamProblem(`'${desired.name}' is incremental and needs a cursorField; columns: ${shown(columns)}`);
    }
    requireColumn(desired.name, 'cursorField', cursorField, columns);
  }
  const primaryKey = keyOfSource(stream) ?? firstNonEmpty(primaryKeyPaths(desired), current?.primaryKey);
  for (const path of primaryKey) requireColumn(desired.name, 'primaryKey', path, columns);
  if (desired.destinationSyncMode.endsWith('_dedup') && primaryKey.length === 0) {
    throw new StreamProblem(
      `'${desired.name}' is synced ${desired.destinationSyncMode} and needs a primaryKey; columns: ${shown(columns)}`,
    );
  }
  // Some servers leave the namespace out of their catalog; then the pipeline's namespace is used.
  const namespace = stream.namespace ?? desired.namespace;
  return {
    stream: namespace == null ? stream : { ...stream, namespace },
    current,
    selected: {
      name: stream.name,
      ...(namespace != null && { namespace }),
      syncMode: desired.syncMode,
      destinationSyncMode: desired.destinationSyncMode,
      cursorField,
      primaryKey,
    },
  };
}

function findStream(catalog: Catalog, source: StreamsByName, { name, namespace }: PipelineStream): CatalogStream {
  const [match, ...others] = source.candidatesFor({ name, namespace });
  if (match && others.length === 0) return match;
  if (match && [match, ...others].every(({ stream }) => stream.namespace == null)) {
    throw new StreamProblem(
      `the source has ${others.length + 1} streams '${name}', and this API does not say their namespaces. Use Airbyte's Config API`,
    );
  }
  if (match) {
    const namespaces = source.named(name).map(({ stream }) => stream.namespace ?? '(none)');
    throw new StreamProblem(`'${name}' is in several namespaces: ${namespaces.join(', ')}; add the one that is meant`);
  }
  throw new StreamProblem(`the source has no stream '${streamTitle({ name, namespace })}'; it has: ${titles(catalog)}`);
}

function requireColumn(stream: string, field: string, path: string[], columns: string[]): void {
  const [column = ''] = path;
  if (columns.length > 0 && !columns.includes(column)) {
    throw new StreamProblem(`'${stream}' has no column '${path.join('.')}' (its ${field}); columns: ${shown(columns)}`);
  }
}

function readProperties(jsonSchema: unknown): object {
  const properties = (jsonSchema as { properties?: unknown } | null | undefined)?.properties;
  return typeof properties === 'object' && properties !== null ? properties : {};
}

function firstNonEmpty<T>(...lists: (T[] | null | undefined)[]): T[] {
  return lists.find((list) => list != null && list.length > 0) ?? [];
}

function shown(names: string[]): string {
  return formatNames(names) || 'none';
}
