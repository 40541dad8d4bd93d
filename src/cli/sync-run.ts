import type { SyncConnectionResult } from '../../workflows/sync-connection';
import { isSameKindOfSync, type SyncConnectionOptions } from '../pipeline/sync-options';
import type { TemporalClient } from '../temporal/connection';
import { searchAttributeKeys as keys } from '../temporal/search-attribute-keys';
import { registerSearchAttributes } from '../temporal/search-attributes';
import { type KnownConnection, syncStaticDetails } from '../temporal/static-details';
import { syncWorkflowId } from '../temporal/workflow-ids';
import { workerSettings } from '../worker/worker-settings';
import { CliError } from './cli-error';
import { EXIT } from './exit-codes';
import { followWorkflow } from './followed-workflow';
import { formatDuration, formatMoved } from './formatting';
import type { InterruptChoice } from './interruption';
import type { Output } from './output';
import { startOrAttach } from './workflow-start';

export interface RunSyncOptions {
  output: Output;
  input: SyncConnectionOptions;
  /** What is known of the connection, for search attributes and the UI. */
  connection: Omit<KnownConnection, 'connectionId'>;
  onInterrupt?: InterruptChoice | undefined;
}

/** What `onRunning: skip` comes to when a workflow is already syncing the connection. */
export interface SkippedSync {
  connectionId: string;
  status: 'skipped';
}

/**
 * Runs a sync to its end. A workflow that already syncs the connection is treated as `onRunning` says, as a job of
 * Airbyte's would be.
 */
export async function runSync(
  temporal: TemporalClient,
  options: RunSyncOptions,
): Promise<SyncConnectionResult | SkippedSync> {
  const { output, input, connection, onInterrupt } = options;
  const { connectionId } = input;
  const { taskQueue } = workerSettings(output.terminal.env);
  await registerSearchAttributes(temporal.connection, temporal.namespace);
  try {
    const { attached, ...started } = await startOrAttach(temporal, {
      workflowType: 'syncConnection',
      workflowId: syncWorkflowId(connectionId),
      taskQueue,
      input,
      typedSearchAttributes: [
        { key: keys.connectionId, value: connectionId },
        ...(connection.name === undefined ? [] : [{ key: keys.connectionName, value: connection.name }]),
        ...(connection.workspaceId === undefined ? [] : [{ key: keys.workspaceId, value: connection.workspaceId }]),
      ],
      ...syncStaticDetails({ ...connection, connectionId }, input),
      onRunning: (running) => decide(input, running),
      onWaiting: () => output.note('Another sync of the connection is under way; this one starts when it has ended.'),
    });
    if (attached) output.note('The connection is already being synced: following that run.');
    return await followWorkflow<SyncConnectionResult>({ output, temporal, ...started, kind: 'sync', onInterrupt });
  } catch (error) {
    if (error instanceof SkipSync) return { connectionId, status: 'skipped' };
    throw error;
  }
}

class SkipSync extends Error {}

function decide(input: SyncConnectionOptions, running: { input: unknown; workflowId: string }): 'attach' | 'wait' {
  switch (input.onRunning) {
    case 'queue':
      return 'wait';
    case 'skip':
      throw new SkipSync();
    case 'fail':
      throw new CliError(
        EXIT.failed,
        'AirbyteConflict',
        `The connection ${input.connectionId} is already being synced (workflow ${running.workflowId}).`,
      );
    default:
      return isSameKindOfSync(running.input, input) ? 'attach' : 'wait';
  }
}

/** `job 12 succeeded: 520 records, 61.2 kB in 3s`. */
export function describeSync(result: SyncConnectionResult | SkippedSync): string {
  if (!('jobId' in result)) return 'skipped: the connection is already being synced';
  const { jobId, status, attempts, attached } = result;
  if (status === 'skipped') return `skipped: job ${jobId} is already running on the connection`;
  const tookMs = Date.parse(result.endedAt ?? '') - Date.parse(result.startedAt ?? '');
  return [
    `job ${jobId} ${status}: ${formatMoved(result)}`,
    tookText(tookMs),
    attempts > 1 ? `(attempt ${attempts})` : '',
    attached ? '(it was running already)' : '',
    result.recordsRejected > 0 ? `(${result.recordsRejected} records rejected)` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Airbyte tells times in whole seconds. */
function tookText(tookMs: number): string {
  if (!Number.isFinite(tookMs)) return '';
  return tookMs < 1000 ? 'in less than a second' : `in ${formatDuration(tookMs)}`;
}
