/** One sync: what Airbyte's platform does between a source and a destination. */
import { reasonOf } from './connectors/error-reason';
import {
  type AirbyteMessage,
  type ConfiguredCatalog,
  type ConnectorConfiguration,
  ConnectorError,
  type ConnectorFailureType,
  type DestinationConnector,
  knownFailureType,
  type ProtocolStream,
  type SourceConnector,
  type StateMessage,
  type StreamDescriptor,
} from './connectors/protocol';
import { secretValues, withoutSecrets } from './connectors/secret-values';
import { mergeState, namespaceOf, streamKey } from './connectors/stream-state';
import { type CountsSnapshot, ReplicationCounts, type ReplicationProgress } from './replication-counts';
import { createNaming, type NamespaceOptions } from './stream-naming';

/** Progress is told so often at most. */
const PROGRESS_INTERVAL_MS = 250;
const KEPT_LOG_LINES = 500;

export interface ReplicationOptions {
  source: SourceConnector;
  sourceConfig: ConnectorConfiguration;
  destination: DestinationConnector;
  destinationConfig: ConnectorConfiguration;
  /** Streams as the connection configures them. Where one has no schema or no namespace, discovery fills it in. */
  catalog: ConfiguredCatalog;
  /** The STATE payloads that earlier syncs committed. */
  state: unknown[];
  /** How streams are called at the destination. Default: as at the source. */
  namespaces?: NamespaceOptions;
  signal: AbortSignal;
  onProgress?: (progress: ReplicationProgress) => void;
}

/** Why a sync failed, in the terms of Airbyte's failure reasons. */
export interface ReplicationFailure {
  origin: 'source' | 'destination' | 'replication';
  type: ConnectorFailureType;
  message: string;
}

export interface ReplicationResult extends ReplicationProgress {
  status: 'succeeded' | 'failed' | 'cancelled';
  /** What the connection has to remember: the state it began with, and what was committed since. */
  state: unknown[];
  failure?: ReplicationFailure;
  /** The last lines of both connectors and of the sync itself, without secrets. */
  logLines: string[];
}

export type { ReplicationProgress, StreamProgress } from './replication-counts';

/** Moves the rows of one sync. A failure or an abort is its result and not an error. */
export async function replicate(options: ReplicationOptions): Promise<ReplicationResult> {
  return new Replication(options).run();
}

type Origin = ReplicationFailure['origin'];

class OriginatedError extends Error {
  constructor(
    readonly origin: Origin,
    override readonly cause: unknown,
  ) {
    super(`the ${origin} failed`);
  }
}

/** Runs work in the name of one side, so that a failure is known for that side's. */
async function inTheNameOf<Result>(origin: Origin, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof OriginatedError ? error : new OriginatedError(origin, error);
  }
}

/** What stood behind a STATE when the source sent it. */
interface Promised {
  original: StateMessage;
  counts: CountsSnapshot;
}

class Replication {
  readonly #options: ReplicationOptions;
  readonly #counts = new ReplicationCounts();
  readonly #unasked = new Set<string>();
  readonly #promised = new Map<StateMessage, Promised>();
  readonly #logLines: string[] = [];
  #secrets: string[] = [];
  #state: unknown[];
  #lastProgress = 0;

  constructor(options: ReplicationOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  async run(): Promise<ReplicationResult> {
    const { signal } = this.#options;
    try {
      await this.#move();
      return this.#result('succeeded');
    } catch (error) {
      if (signal.aborted) {
        this.#log('INFO', 'the sync was cancelled');
        return this.#result('cancelled');
      }
      const failure = this.#failureOf(error);
      this.#log('ERROR', `${failure.origin}: ${failure.message}`);
      return { ...this.#result('failed'), failure };
    } finally {
      this.#tellProgress(true);
    }
  }

  async #move(): Promise<void> {
    const { source, sourceConfig, destination, destinationConfig, namespaces, signal } = this.#options;
    signal.throwIfAborted();
    const specifications = [
      [await inTheNameOf('source', () => source.spec()), sourceConfig],
      [await inTheNameOf('destination', () => destination.spec()), destinationConfig],
    ] as const;
    this.#secrets = specifications.flatMap(([specification, config]) => secretValues(specification, config));

    const catalog = await this.#completeCatalog();
    this.#counts.start(catalog);
    const rename = createNaming(namespaces);
    const written = { streams: catalog.streams.map((each) => ({ ...each, stream: renamed(each.stream, rename) })) };

    this.#log('INFO', `reading ${catalog.streams.map(({ stream }) => stream.name).join(', ')}`);
    const messages = this.#read(catalog, rename);
    await inTheNameOf('destination', async () => {
      for await (const message of destination.write(destinationConfig, written, messages, signal)) {
        if (message.type === 'STATE') this.#commit(message);
        else this.#passOn('destination', message);
      }
    });
    signal.throwIfAborted();
    // The destination has ended without an error: everything it was given is there.
    this.#counts.allCommitted();
    this.#log('INFO', `done: ${this.#counts.progress().recordsCommitted} records`);
  }

  /**
   * A connection that was made without a discovery has streams that are names only. Without the types of its fields no
   * table could be made of one, so they are asked for now.
   */
  async #completeCatalog(): Promise<ConfiguredCatalog> {
    const { catalog, source, sourceConfig, signal } = this.#options;
    if (catalog.streams.every(({ stream }) => hasFields(stream))) return catalog;
    const discovered = await inTheNameOf('source', () => source.discover(sourceConfig, signal));
    return {
      streams: catalog.streams.map((configured) => {
        const { stream } = configured;
        if (hasFields(stream)) return configured;
        const found = discovered.filter(
          (each) => each.name === stream.name && (stream.namespace ?? each.namespace) === each.namespace,
        );
        const [match] = found;
        if (!match || found.length > 1) {
          const title = stream.namespace === undefined ? stream.name : `${stream.namespace}.${stream.name}`;
          const reason = match ? `exists in more than one namespace; say which` : `does not exist at the source`;
          throw new OriginatedError('source', new ConnectorError(`the stream ${title} ${reason}`, 'config_error'));
        }
        return { ...configured, stream: match };
      }),
    };
  }

  /** What the destination hears: the source's records and states, under the destination's names. */
  async *#read(
    catalog: ConfiguredCatalog,
    rename: (stream: StreamDescriptor) => StreamDescriptor,
  ): AsyncGenerator<AirbyteMessage> {
    const { source, sourceConfig, signal } = this.#options;
    let reported: ConnectorError | undefined;
    const messages = await inTheNameOf('source', async () =>
      source.read(sourceConfig, catalog, this.#options.state, signal)[Symbol.asyncIterator](),
    );
    try {
      for (;;) {
        const { done, value: message } = await inTheNameOf('source', () => messages.next());
        signal.throwIfAborted();
        if (done) break;
        if (message.type === 'RECORD') {
          const { data, emitted_at } = message.record;
          const descriptor = { name: message.record.stream, ...namespaceOf(message.record) };
          if (!this.#count(descriptor, data)) continue;
          const { name: stream, namespace } = rename(descriptor);
          yield { type: 'RECORD', record: { stream, ...namespaceOf({ namespace }), data, emitted_at } };
        } else if (message.type === 'STATE') {
          yield this.#promise(message, rename);
        } else {
          this.#passOn('source', message);
          if (message.type === 'TRACE' && message.trace.type === 'ERROR') {
            const { message: text = 'the connector gave no reason', failure_type: type } = message.trace.error ?? {};
            reported ??= new ConnectorError(text, knownFailureType(type));
          }
        }
      }
      // A source that ends well after it has reported an error has not sent everything.
      if (reported) throw new OriginatedError('source', reported);
    } finally {
      await messages.return?.();
    }
  }

  #count(stream: StreamDescriptor, data: Record<string, unknown>): boolean {
    if (this.#counts.emitted(stream, data)) {
      this.#tellProgress();
      return true;
    }
    const key = streamKey(stream);
    if (!this.#unasked.has(key))
      this.#log('WARN', `records came for the stream ${stream.name}, which was not asked for`);
    this.#unasked.add(key);
    return false;
  }

  /** Notes what a STATE stands for, and makes the destination's copy of it. */
  #promise(original: StateMessage, rename: (stream: StreamDescriptor) => StreamDescriptor): StateMessage {
    const { state } = original;
    const copy: StateMessage =
      state.type === 'STREAM'
        ? {
            ...original,
            state: { ...state, stream: { ...state.stream, stream_descriptor: rename(state.stream.stream_descriptor) } },
          }
        : { ...original };
    this.#promised.set(copy, { original, counts: this.#counts.snapshot() });
    return copy;
  }

  /** The destination has every row before this STATE. */
  #commit(message: StateMessage): void {
    const promised = this.#promised.get(message);
    if (!promised) throw new ConnectorError('the destination confirmed a state that it was not given');
    this.#promised.delete(message);
    const { state } = promised.original;
    this.#state = mergeState(this.#state, state);
    this.#counts.committed(state, promised.counts);
    this.#tellProgress();
  }

  #passOn(origin: Origin, message: AirbyteMessage): void {
    if (message.type === 'LOG') this.#log(message.log.level, `${origin}: ${message.log.message}`);
    else if (message.type === 'TRACE' && message.trace.type === 'ERROR') {
      this.#log('ERROR', `${origin}: ${message.trace.error?.internal_message ?? message.trace.error?.message ?? ''}`);
    }
  }

  #log(level: string, message: string): void {
    this.#logLines.push(`${new Date().toISOString()} ${level} ${withoutSecrets(message, this.#secrets)}`);
    if (this.#logLines.length > KEPT_LOG_LINES) this.#logLines.shift();
  }

  #failureOf(error: unknown): ReplicationFailure {
    const origin = error instanceof OriginatedError ? error.origin : 'replication';
    const cause = error instanceof OriginatedError ? error.cause : error;
    return {
      origin,
      type: cause instanceof ConnectorError ? cause.failureType : 'system_error',
      message: withoutSecrets(reasonOf(cause), this.#secrets),
    };
  }

  #tellProgress(now = false): void {
    if (!now && Date.now() - this.#lastProgress < PROGRESS_INTERVAL_MS) return;
    this.#lastProgress = Date.now();
    this.#options.onProgress?.(this.#counts.progress());
  }

  #result(status: ReplicationResult['status']): ReplicationResult {
    return { status, ...this.#counts.progress(), state: this.#state, logLines: this.#logLines };
  }
}

function hasFields(stream: ProtocolStream): boolean {
  return Object.keys((stream.json_schema?.['properties'] as object | undefined) ?? {}).length > 0;
}

function renamed(stream: ProtocolStream, rename: (stream: StreamDescriptor) => StreamDescriptor): ProtocolStream {
  const { name: _name, namespace: _namespace, ...rest } = stream;
  return { ...rest, ...rename(stream) };
}
