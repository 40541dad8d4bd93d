/** Runs one sync, which is what Airbyte's platform does between a source and a destination. */
import { reasonOf } from '../../connectors/error-reason';
import {
  type AirbyteMessage,
  type ConfiguredCatalog,
  type ConfiguredStream,
  type ConnectorConfiguration,
  ConnectorError,
  configurationToSave,
  type DestinationConnector,
  knownFailureType,
  type SourceConnector,
  type StateMessage,
  type StreamDescriptor,
} from '../../connectors/protocol';
import { secretValues, withoutSecrets } from '../../connectors/secret-values';
import { mergeState, namespaceOf, streamKey, streamTitle } from '../../connectors/stream-state';
import {
  completeCatalog,
  createNaming,
  type NamespaceOptions,
  pickFields,
  renamedCatalog,
  withFields,
} from './replication-catalog';
import { type CountsSnapshot, ReplicationCounts, type ReplicationProgress } from './replication-counts';
import { type Origin, OriginatedError, type ReplicationFailure, withOrigin } from './replication-failure';

/** The shortest time between two progress reports, in milliseconds. */
const PROGRESS_INTERVAL_MS = 250;
const MAXIMUM_LOG_LINES = 500;

export interface ReplicationOptions {
  source: SourceConnector;
  sourceConfig: ConnectorConfiguration;
  destination: DestinationConnector;
  destinationConfig: ConnectorConfiguration;
  /** The streams as the connection configures them. Discovery supplies a missing schema or namespace. */
  catalog: ConfiguredCatalog;
  /** The names of the fields to move of a stream. Absent, or undefined for a stream: all fields. */
  selectedFields?: (stream: StreamDescriptor) => readonly string[] | undefined;
  /** The STATE payloads that earlier syncs committed. */
  state: unknown[];
  /** How streams are named at the destination. Default: as at the source. */
  namespaces?: NamespaceOptions;
  signal: AbortSignal;
  onProgress?: (progress: ReplicationProgress) => void;
  /** Called with the connection's whole new state whenever the destination has confirmed one. */
  onState?: (state: unknown[]) => void;
  /** Saves a configuration that a connector sent, including its secrets. Rejects if it cannot be saved. */
  onConfiguration?: (kind: 'source' | 'destination', configuration: ConnectorConfiguration) => Promise<void>;
}

export interface ReplicationResult extends ReplicationProgress {
  status: 'succeeded' | 'failed' | 'cancelled';
  /** The connection's new state: the state at the start, merged with what was committed since. */
  state: unknown[];
  failure?: ReplicationFailure;
  /** The last log lines of both connectors and of the sync itself, without secrets. */
  logLines: string[];
}

export type { ReplicationProgress, StreamProgress } from './replication-counts';
export type { ReplicationFailure } from './replication-failure';

/** Moves the rows of one sync. A failure or an abort is reported in the result and not thrown. */
export async function replicate(options: ReplicationOptions): Promise<ReplicationResult> {
  return new Replication(options).run();
}

/** What the source had sent before a STATE. */
interface PendingState {
  original: StateMessage;
  counts: CountsSnapshot;
}

class Replication {
  readonly #options: ReplicationOptions;
  readonly #counts = new ReplicationCounts();
  readonly #unexpected = new Set<string>();
  readonly #pendingStates = new Map<StateMessage, PendingState>();
  readonly #logLines: string[] = [];
  readonly #specifications: Partial<Record<Origin, Record<string, unknown>>> = {};
  /** The streams whose last reported status is INCOMPLETE. */
  readonly #incomplete = new Map<string, StreamDescriptor>();
  /** Picks the selected fields of a record, for streams with a field selection. */
  readonly #selection = new Map<string, (data: Record<string, unknown>) => Record<string, unknown>>();
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
      this.#reportProgress(true);
    }
  }

  async #move(): Promise<void> {
    const { source, sourceConfig, destination, destinationConfig, namespaces, signal } = this.#options;
    signal.throwIfAborted();
    this.#specifications.source = await withOrigin('source', () => source.spec());
    this.#specifications.destination = await withOrigin('destination', () => destination.spec());
    this.#addSecrets('source', sourceConfig);
    this.#addSecrets('destination', destinationConfig);

    const complete = await completeCatalog(this.#options.catalog, source, sourceConfig, signal);
    const catalog = { streams: complete.streams.map((each) => this.#select(each)) };
    this.#counts.start(catalog);
    const rename = createNaming(namespaces);

    this.#log('INFO', `reading ${catalog.streams.map(({ stream }) => stream.name).join(', ')}`);
    const messages = this.#read(catalog, rename);
    await withOrigin('destination', async () => {
      for await (const message of destination.write(
        destinationConfig,
        renamedCatalog(catalog, rename),
        messages,
        signal,
      )) {
        if (message.type === 'STATE') this.#commit(message);
        else await this.#passOn('destination', message);
      }
    });
    signal.throwIfAborted();
    // The destination ended without an error, so it has stored everything that it received.
    this.#counts.allCommitted();
    this.#log('INFO', `done: ${this.#counts.progress().recordsCommitted} records`);
  }

  /** Asks the source for the selected fields only, and drops other fields that it sends nevertheless. */
  #select(configured: ConfiguredStream): ConfiguredStream {
    const fields = this.#options.selectedFields?.(configured.stream);
    if (!fields) return configured;
    this.#selection.set(streamKey(configured.stream), (data) => pickFields(fields, data));
    return { ...configured, stream: withFields(configured.stream, fields) };
  }

  /** What the destination receives: the source's records and states, under the destination's names. */
  async *#read(
    catalog: ConfiguredCatalog,
    rename: (stream: StreamDescriptor) => StreamDescriptor,
  ): AsyncGenerator<AirbyteMessage> {
    const { source, sourceConfig, signal } = this.#options;
    let reported: ConnectorError | undefined;
    const messages = await withOrigin('source', async () =>
      source.read(sourceConfig, catalog, this.#options.state, signal)[Symbol.asyncIterator](),
    );
    try {
      for (;;) {
        const { done, value: message } = await withOrigin('source', () => messages.next());
        signal.throwIfAborted();
        if (done) break;
        if (message.type === 'RECORD') {
          const { emitted_at, meta } = message.record;
          const descriptor = { name: message.record.stream, ...namespaceOf(message.record) };
          const data = this.#selection.get(streamKey(descriptor))?.(message.record.data) ?? message.record.data;
          if (!this.#count(descriptor, data)) continue;
          const { name: stream, namespace } = rename(descriptor);
          yield {
            type: 'RECORD',
            record: { stream, ...namespaceOf({ namespace }), data, emitted_at, ...(meta && { meta }) },
          };
        } else if (message.type === 'STATE') {
          yield this.#track(message, rename);
        } else {
          await this.#passOn('source', message);
          if (message.type === 'TRACE' && message.trace.type === 'ERROR') {
            const { message: text = 'the connector reported no reason', failure_type: type } =
              message.trace.error ?? {};
            reported ??= new ConnectorError(text, knownFailureType(type));
          } else if (message.type === 'TRACE' && message.trace.stream_status) {
            const { stream_descriptor: stream, status } = message.trace.stream_status;
            if (status === 'INCOMPLETE') this.#incomplete.set(streamKey(stream), stream);
            else if (status === 'COMPLETE') this.#incomplete.delete(streamKey(stream));
          }
        }
      }
      // A source that exits normally after it reported an error has not sent everything.
      if (reported) throw new OriginatedError('source', reported);
      this.#failIfIncomplete();
    } finally {
      await messages.return?.();
    }
  }

  /** An exit code of 0 does not make a stream complete: as in Airbyte, the attempt fails and can be retried. */
  #failIfIncomplete(): void {
    if (this.#incomplete.size === 0) return;
    const titles = [...this.#incomplete.values()].map(streamTitle).join(', ');
    const reason = `the source did not send all of ${titles}: it ended without an error but with the status INCOMPLETE`;
    throw new OriginatedError('source', new ConnectorError(reason, 'transient_error'));
  }

  #count(stream: StreamDescriptor, data: Record<string, unknown>): boolean {
    if (this.#counts.emitted(stream, data)) {
      this.#reportProgress();
      return true;
    }
    const key = streamKey(stream);
    if (!this.#unexpected.has(key))
      this.#log('WARN', `the source sent records of the stream ${stream.name}, which is not part of the sync`);
    this.#unexpected.add(key);
    return false;
  }

  /** Records what a STATE stands for, and returns the destination's copy of it. */
  #track(original: StateMessage, rename: (stream: StreamDescriptor) => StreamDescriptor): StateMessage {
    const { state } = original;
    const copy: StateMessage =
      state.type === 'STREAM'
        ? {
            ...original,
            state: { ...state, stream: { ...state.stream, stream_descriptor: rename(state.stream.stream_descriptor) } },
          }
        : { ...original };
    this.#pendingStates.set(copy, { original, counts: this.#counts.snapshot() });
    return copy;
  }

  /** The destination has stored every row before this STATE. */
  #commit(message: StateMessage): void {
    const pending = this.#pendingStates.get(message);
    if (!pending) throw new ConnectorError('the destination confirmed a state that it did not receive');
    this.#pendingStates.delete(message);
    const { state } = pending.original;
    this.#state = mergeState(this.#state, state);
    this.#counts.committed(state, pending.counts);
    this.#options.onState?.(this.#state);
    this.#reportProgress();
  }

  async #passOn(origin: 'source' | 'destination', message: AirbyteMessage): Promise<void> {
    const configuration = configurationToSave(message);
    if (configuration) await this.#save(origin, configuration);
    else if (message.type === 'LOG') this.#log(message.log.level, `${origin}: ${message.log.message}`);
    else if (message.type === 'TRACE' && message.trace.type === 'ERROR') {
      this.#log('ERROR', `${origin}: ${message.trace.error?.internal_message ?? message.trace.error?.message ?? ''}`);
    }
  }

  /**
   * As in Airbyte, a configuration that cannot be saved does not end the sync, although the next sync may fail without
   * it.
   */
  async #save(origin: 'source' | 'destination', configuration: ConnectorConfiguration): Promise<void> {
    this.#addSecrets(origin, configuration);
    try {
      await this.#options.onConfiguration?.(origin, configuration);
      this.#log('INFO', `the configuration that the ${origin} sent was saved for the next sync`);
    } catch (error) {
      this.#log('ERROR', `the configuration that the ${origin} sent could not be saved: ${reasonOf(error)}`);
    }
  }

  /** Removes the secrets of a configuration from all further logs and failures. */
  #addSecrets(origin: 'source' | 'destination', configuration: ConnectorConfiguration): void {
    const secrets = secretValues(this.#specifications[origin] ?? {}, configuration);
    this.#secrets = [...new Set([...this.#secrets, ...secrets])].sort((a, b) => b.length - a.length);
  }

  #log(level: string, message: string): void {
    this.#logLines.push(`${new Date().toISOString()} ${level} ${withoutSecrets(message, this.#secrets)}`);
    if (this.#logLines.length > MAXIMUM_LOG_LINES) this.#logLines.shift();
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

  #reportProgress(now = false): void {
    if (!now && Date.now() - this.#lastProgress < PROGRESS_INTERVAL_MS) return;
    this.#lastProgress = Date.now();
    this.#options.onProgress?.(this.#counts.progress());
  }

  #result(status: ReplicationResult['status']): ReplicationResult {
    return { status, ...this.#counts.progress(), state: this.#state, logLines: this.#logLines };
  }
}
