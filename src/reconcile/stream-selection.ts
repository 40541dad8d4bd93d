import type { Catalog, CatalogStream } from '../airbyte/schemas';
import { DomainError } from '../contract/domain-error';
import { cursorPath, type PipelineStream, primaryKeyPaths } from '../contract/pipeline-document';
import { streamTitle } from '../contract/schema-changes';
import type { SelectedStream } from '../contract/selected-stream';
import { isStreamPattern, matchesStream } from '../documents/stream-patterns';
import { StreamsByName } from '../documents/streams-by-name';
import { formatNames, NAMES_SHOWN } from '../text/formatting';
import { cursorOfSource, keyOfSource } from './source-defined-fields';

export type DesiredStream = PipelineStream;

/** A selected stream together with what the connection's catalog holds of it. */
export interface ConfiguredStream {
  selected: SelectedStream;
  stream: CatalogStream['stream'];
  /** How the connection syncs it now, in Airbyte's words; left out for a stream that is new to it. */
  current?: CatalogStream['config'];
}

/** A stream that a pipeline selects, whether it lists it by its name or by a pattern. */
export interface ExpandedStream {
  stream: DesiredStream;
  /** Its place in the document's list. */
  index: number;
  byPattern: boolean;
}

/**
 * The streams that a pipeline means, with a stream of the source for each that a pattern fits. One that is listed by its
 * name too is what it is there; of several patterns, the first that fits counts.
 *
 * @throws DomainError of type `InvalidInput` when a pattern fits no stream, with those that there are
 */
export function expandPatterns(catalog: Catalog, wanted: readonly DesiredStream[]): ExpandedStream[] {
  const problems = new StreamProblems();
  const streams = expand(catalog, wanted, problems);
  problems.throwIfAny();
  return streams;
}

/**
 * Holds what a pipeline selects against what the source has. Where the source says little (a catalog without sync modes
 * or without columns), nothing is refused for it.
 *
 * A cursor or a key that the source itself defines goes before the pipeline's own: Airbyte refuses any other.
 *
 * @param current what the connection syncs already: a cursor or a key that the pipeline leaves open stays as it is there
 * @param leftOut the places of streams that are not held against the source
 * @throws DomainError of type `InvalidInput` that names each stream that does not fit, and what there is
 */
export function selectStreams(
  catalog: Catalog,
  wanted: readonly DesiredStream[],
  current: Catalog = { streams: [] },
  leftOut: { has(index: number): boolean } = new Set(),
): ConfiguredStream[] {
  const problems = new StreamProblems();
  const expanded = expand(catalog, wanted, problems);
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

/** The catalog of `connections/create` and `connections/update`. */
export function toSyncCatalog(streams: readonly ConfiguredStream[]) {
  return {
    streams: streams.map(({ stream, selected, current }) => ({
      stream,
      config: {
        // What a pipeline has no word for (fields left out, fields hashed) was set elsewhere, and stays.
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

/** What a connection syncs now: its selected streams. */
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

/** What is wrong with the streams of a document, all of it. */
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

function expand(catalog: Catalog, wanted: readonly DesiredStream[], problems: StreamProblems): ExpandedStream[] {
  const source = new StreamsByName(catalog);
  // A stream may really have a * in its name.
  const isPattern = (stream: DesiredStream) =>
    isStreamPattern(stream) && !(stream.name.includes('*') && source.named(stream.name).length > 0);
  const fitting = (stream: DesiredStream) =>
    (stream.name.includes('*') && isPattern(stream) ? catalog.streams : source.named(stream.name)).filter((found) =>
      matchesStream(stream, found.stream),
    );
  const taken = new Set(wanted.filter((stream) => !isPattern(stream)).flatMap(fitting));
  return wanted.flatMap((stream, index): ExpandedStream[] => {
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

/** What a connection syncs already, whose streams an Airbyte before 1.8 gives without their namespaces. */
class ConnectionStreams {
  readonly #current: StreamsByName;
  readonly #wantedOfName = new Map<string, number>();

  constructor(current: Catalog, wanted: readonly ExpandedStream[]) {
    this.#current = new StreamsByName(current);
    for (const { stream } of wanted) {
      this.#wantedOfName.set(stream.name, (this.#wantedOfName.get(stream.name) ?? 0) + 1);
    }
  }

  /**
   * How the connection syncs a stream of the source.
   *
   * @throws StreamProblem where fields are left out or changed of streams that cannot be told apart
   */
  configOf(stream: CatalogStream['stream']): CatalogStream['config'] {
    const exact = this.#current.findExact(stream);
    if (exact) return exact.config;
    const named = this.#current.named(stream.name);
    const sparse = named.filter((other) => other.stream.namespace == null || stream.namespace == null);
    const [only] = sparse;
    if (only === undefined) return undefined;
    if (named.length === 1 && this.#wantedOfName.get(stream.name) === 1) return only.config;
    if (!sparse.some(({ config }) => changesFields(config))) return undefined;
    throw new StreamProblem(
      `this Airbyte does not say the namespace of the connection's stream '${stream.name}', of which fields are left out, ` +
        'hashed or mapped: it is not known of which one. Change the streams in Airbyte, or through its Config API',
    );
  }
}

/** Whether fields of a stream are left out, hashed or mapped, for which a document has no word. */
function changesFields(config: CatalogStream['config']): boolean {
  const mappers = config?.['mappers'];
  return config?.['fieldSelectionEnabled'] === true || (Array.isArray(mappers) && mappers.length > 0);
}

function selectStream(
  catalog: Catalog,
  source: StreamsByName,
  wanted: DesiredStream,
  connection: ConnectionStreams,
): ConfiguredStream {
  const { stream, config } = findStream(catalog, source, wanted);
  const current = connection.configOf(stream);
  const columns = Object.keys(readProperties(stream.jsonSchema));
  const modes = stream.supportedSyncModes ?? [];
  if (modes.length > 0 && !modes.includes(wanted.syncMode)) {
    throw new StreamProblem(`'${wanted.name}' cannot be synced ${wanted.syncMode}; it supports: ${modes.join(', ')}`);
  }
  const chosenCursor = () =>
    firstNonEmpty(cursorPath(wanted), current?.cursorField, stream.defaultCursorField, config?.cursorField);
  const cursorField = wanted.syncMode === 'incremental' ? (cursorOfSource(stream) ?? chosenCursor()) : [];
  if (wanted.syncMode === 'incremental' && !stream.sourceDefinedCursor) {
    if (cursorField.length === 0) {
      throw new StreamProblem(`'${wanted.name}' is incremental and needs a cursorField; columns: ${shown(columns)}`);
    }
    requireColumn(wanted.name, 'cursorField', cursorField, columns);
  }
  const primaryKey = keyOfSource(stream) ?? firstNonEmpty(primaryKeyPaths(wanted), current?.primaryKey);
  for (const path of primaryKey) requireColumn(wanted.name, 'primaryKey', path, columns);
  if (wanted.destinationSyncMode.endsWith('_dedup') && primaryKey.length === 0) {
    throw new StreamProblem(
      `'${wanted.name}' is synced ${wanted.destinationSyncMode} and needs a primaryKey; columns: ${shown(columns)}`,
    );
  }
  // Some servers leave the namespace out of their catalog; then the pipeline's own goes with the stream.
  const namespace = stream.namespace ?? wanted.namespace;
  return {
    stream: namespace == null ? stream : { ...stream, namespace },
    current,
    selected: {
      name: stream.name,
      ...(namespace != null && { namespace }),
      syncMode: wanted.syncMode,
      destinationSyncMode: wanted.destinationSyncMode,
      cursorField,
      primaryKey,
    },
  };
}

function findStream(catalog: Catalog, source: StreamsByName, { name, namespace }: DesiredStream): CatalogStream {
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
