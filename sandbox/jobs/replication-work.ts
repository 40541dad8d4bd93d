import type { ConfiguredCatalog, SourceConnector, StatePayload } from '../connectors/protocol';
import { replaceActor } from '../state/actor-changes';
import type { AirbyteBehaviour } from '../state/airbyte-versions';
import { withoutFullRefreshState, withoutState } from '../state/connection-state';
import type { Definitions } from '../state/definitions';
import { selectedFieldsOf } from '../state/field-selection';
import type { Job, JobFailure, JobLogLine } from '../state/job';
import type { Connection } from '../state/resources';
import type { Store } from '../state/store';
import { sameStream } from '../state/stream-name';
import type { AttemptOutcome, AttemptRun, JobWork } from './job-work';
import { type ReplicationOptions, type ReplicationResult, replicate } from './replication/replication';

/**
 * A job that moves rows: a sync continues from the last one, a refresh starts from the beginning, and a reset empties
 * the destination's streams. Airbyte retries a failed attempt a few times; here each job has one attempt.
 */
export function replicationWork(
  connection: Connection,
  store: Store,
  definitions: Definitions,
  behaviour: AirbyteBehaviour,
): JobWork {
  return {
    async attempt(run) {
      const source = store.actor('source', connection.sourceId);
      const destination = store.actor('destination', connection.destinationId);
      const connector = definitions.get('source', source.definitionId).connector;
      const { namespaceDefinition, namespaceFormat, prefix } = connection.settings;
      const isReset = run.job.configType === 'reset_connection';
      const dropsFullRefreshState = behaviour.has('dropsFullRefreshState') && !isReset;
      const afterTargets = withoutState(connection.state, run.job.targets);
      const initialState = dropsFullRefreshState
        ? withoutFullRefreshState(afterTargets, connection.catalog)
        : afterTargets;
      const result = await withProgress(run, {
        source: isReset ? withoutRows(connector) : connector,
        sourceConfig: source.configuration,
        destination: definitions.get('destination', destination.definitionId).connector,
        destinationConfig: destination.configuration,
        catalog: catalogOf(connection, run.job, store),
        selectedFields: (stream) => {
          const selected = connection.catalog.streams.find((each) => sameStream(each.stream, stream));
          return selected && selectedFieldsOf(selected.config);
        },
        state: initialState,
        namespaces: {
          ...(typeof namespaceDefinition === 'string' ? { namespaceDefinition } : {}),
          ...(typeof namespaceFormat === 'string' ? { namespaceFormat } : {}),
          ...(typeof prefix === 'string' ? { prefix } : {}),
        },
        signal: run.signal,
        // As in Airbyte, an attempt that does not end normally keeps what it has confirmed.
        onState: (state) => {
          if (!isReset) connection.state = state as StatePayload[];
        },
        onConfiguration: async (kind, configuration) => {
          const actor = kind === 'source' ? source : destination;
          await replaceActor(actor, { name: actor.name, configuration }, { definitions });
        },
      });
      if (!isReset) connection.state = result.state as StatePayload[];
      else if (result.status === 'succeeded') connection.state = initialState;
      return toOutcome(result);
    },
  };
}

async function withProgress(run: AttemptRun, options: ReplicationOptions): Promise<ReplicationResult> {
  const countsOf = ({ perStream, ...counts }: Parameters<NonNullable<ReplicationOptions['onProgress']>>[0]) => ({
    total: { ...totalsOf(counts), recordsRejected: 0 },
    streams: perStream.map((stream) => ({ ...stream, recordsRejected: 0 })),
  });
  const result = await replicate({
    ...options,
    onProgress: (progress) => {
      const counts = countsOf(progress);
      run.setCounts(() => counts);
    },
  });
  const counts = countsOf(result);
  run.setCounts(() => counts);
  return result;
}

function totalsOf({ recordsEmitted, recordsCommitted, bytesEmitted, bytesCommitted }: Totals): Totals {
  return { recordsEmitted, recordsCommitted, bytesEmitted, bytesCommitted };
}

type Totals = Pick<ReplicationResult, 'recordsEmitted' | 'recordsCommitted' | 'bytesEmitted' | 'bytesCommitted'>;

/** A source with the same streams but no rows, which gives the destination the content that it has after a reset. */
function withoutRows(connector: SourceConnector): SourceConnector {
  return { ...connector, read: async function* () {} };
}

function catalogOf({ catalog, sourceId }: Connection, job: Job, store: Store): ConfiguredCatalog {
  const isTarget = (stream: { name: string; namespace?: string }) =>
    job.targets.some((target) => sameStream(target, stream));
  const streams = catalog.streams.filter(({ stream }) => job.configType !== 'reset_connection' || isTarget(stream));
  return {
    streams: streams.map(({ stream, config }) => {
      // The caller may have configured a stream by its name alone.
      const known = { ...store.discoveredStream(sourceId, stream), ...stream };
      const replaces = job.configType === 'reset_connection' || (job.refreshMode === 'Truncate' && isTarget(stream));
      return {
        stream: {
          name: known.name,
          ...(known.namespace === undefined ? {} : { namespace: known.namespace }),
          json_schema: known.jsonSchema ?? {},
          supported_sync_modes: known.supportedSyncModes ?? ['full_refresh'],
          ...(known.sourceDefinedCursor === undefined ? {} : { source_defined_cursor: known.sourceDefinedCursor }),
          ...(known.defaultCursorField === undefined ? {} : { default_cursor_field: known.defaultCursorField }),
          ...(known.sourceDefinedPrimaryKey === undefined
            ? {}
            : { source_defined_primary_key: known.sourceDefinedPrimaryKey }),
        },
        sync_mode: replaces && job.configType === 'reset_connection' ? 'full_refresh' : config.syncMode,
        destination_sync_mode: replaces ? replacing(config.destinationSyncMode) : config.destinationSyncMode,
        cursor_field: configuredOr(config.cursorField, known.defaultCursorField),
        primary_key: configuredOr(config.primaryKey, known.sourceDefinedPrimaryKey),
      };
    }),
  };
}

/** The mode that replaces a stream's rows; it deduplicates if the configured mode does. */
function replacing(destinationSyncMode: string): string {
  return destinationSyncMode.endsWith('_dedup') ? 'overwrite_dedup' : 'overwrite';
}

/** As in Airbyte, the stream's own value applies if the connection configures none. */
function configuredOr<Item>(configured: Item[] | undefined, ofStream: Item[] | undefined): Item[] {
  return configured === undefined || configured.length === 0 ? (ofStream ?? []) : configured;
}

function toOutcome({ status, failure, logLines }: ReplicationResult): AttemptOutcome {
  const failures: JobFailure[] =
    failure === undefined
      ? []
      : [
          {
            failureOrigin: failure.origin,
            failureType: failure.type,
            externalMessage: failure.message,
            internalMessage: failure.message,
            timestamp: Date.now(),
          },
        ];
  return { status, failures, log: logLines.map(toLogLine) };
}

/** Parses a line such as `2026-01-01T00:00:00.000Z INFO source: read customers`. */
function toLogLine(line: string): JobLogLine {
  const [time = '', level = 'INFO'] = line.split(' ', 2);
  const text = line.slice(time.length + level.length + 2);
  const origin = /^(source|destination): /.exec(text)?.[1];
  const timestamp = Date.parse(time);
  return {
    timestamp: Number.isNaN(timestamp) ? Date.now() : timestamp,
    level: LEVELS[level.toLowerCase()] ?? 'info',
    source: origin ?? 'replication-orchestrator',
    message: origin === undefined ? text : text.slice(origin.length + 2),
  };
}

/** The API's level for each level of the protocol. */
const LEVELS: Record<string, string> = {
  fatal: 'error',
  error: 'error',
  warn: 'warn',
  info: 'info',
  debug: 'debug',
  trace: 'trace',
};
