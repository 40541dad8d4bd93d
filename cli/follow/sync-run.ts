import { workerSettings } from '../../src/configuration/worker-settings';
import { connectionSearchAttributes } from '../../src/contract/search-attribute-keys';
import { isSameJobType, type SyncConnectionOptions } from '../../src/contract/sync-options';
import type { SyncConnectionResult } from '../../src/contract/sync-result';
import { currentAndLegacyIds, syncWorkflowId } from '../../src/contract/workflow-ids';
import { type KnownConnection, syncStaticDetails } from '../../src/details/static-details';
import type { TemporalClient } from '../../src/temporal/connection';
import { formatDuration, formatVolume } from '../../src/text/formatting';
import { CliError } from '../cli-error';
import { EXIT } from '../exit-codes';
import { describeConnection } from '../lookup/connection-lookup';
import type { Output } from '../render/output';
import { followWorkflow } from './follow-workflow';
import type { InterruptChoice } from './interruption';
import { noteMissingSearchAttributes } from './search-attributes';
import { describeOtherTaskQueue, noteIfNoWorker } from './task-queue-messages';
import { type StartedWorkflow, startOrAttach } from './workflow-start';

export interface SyncRequest {
  output: Output;
  input: SyncConnectionOptions;
  /** Data of the connection, for search attributes and Temporal's UI. */
  connection: Omit<KnownConnection, 'connectionId'>;
}

export interface RunSyncOptions extends SyncRequest {
  onInterrupt?: InterruptChoice | undefined;
}

/** The result of `onRunning: skip` when a workflow is already syncing the connection. */
export interface SkippedSync {
  connectionId: string;
  status: 'skipped';
}

/** A sync that the command has started, or attached to, without waiting for its end. */
export interface DetachedSync {
  connectionId: string;
  workflowId: string;
  runId: string;
  /** Whether it was running already. */
  attached: boolean;
}

/**
 * Runs a sync until it has ended. If a workflow is already syncing the connection, `onRunning` decides, as it does about a
 * running job.
 */
export async function runSync(
  temporal: TemporalClient,
  { onInterrupt, ...request }: RunSyncOptions,
): Promise<SyncConnectionResult | SkippedSync> {
  const { output } = request;
  return unlessSkipped(request, async () => {
    const { attached, ...started } = await startSync(temporal, request, 'wait');
    if (attached) output.note('Already running: a sync of the connection. Following that run.');
    const connection = { connectionId: request.input.connectionId, name: request.connection.name };
    return followWorkflow<SyncConnectionResult>({
      output,
      temporal,
      ...started,
      kind: 'sync',
      connection,
      onInterrupt,
    });
  });
}

/**
 * Starts a sync without waiting for its end. If another workflow is syncing the connection and cannot be shared, this sync
 * starts under a separate id, and the worker applies `onRunning`.
 */
export async function startDetachedSync(
  temporal: TemporalClient,
  request: SyncRequest,
): Promise<DetachedSync | SkippedSync> {
  const { output } = request;
  return unlessSkipped(request, async () => {
    const { handle, runId, attached } = await startSync(temporal, request, 'separate');
    const { taskQueue } = workerSettings(output.terminal.env);
    await noteIfNoWorker({ output, temporal, taskQueue });
    return { connectionId: request.input.connectionId, workflowId: handle.workflowId, runId, attached };
  });
}

/** @param otherwise what to do if another workflow runs that cannot be shared */
async function startSync(
  temporal: TemporalClient,
  { output, input, connection }: SyncRequest,
  otherwise: 'wait' | 'separate',
): Promise<StartedWorkflow> {
  const { connectionId } = input;
  const { taskQueue } = workerSettings(output.terminal.env);
  const hasAttributes = await noteMissingSearchAttributes(output, temporal);
  return startOrAttach(temporal, {
    workflowType: 'syncConnection',
    workflowIds: currentAndLegacyIds(syncWorkflowId, connectionId, taskQueue),
    taskQueue,
    input,
    // Temporal rejects a start with search attributes that it does not know; the workflow sets the connection's itself.
    ...(hasAttributes && { typedSearchAttributes: connectionSearchAttributes({ ...connection, connectionId }) }),
    ...syncStaticDetails({ ...connection, connectionId }, input),
    onRunning: (running) => (canAttach(input, connection, running) ? 'attach' : otherwise),
    onOtherTaskQueue: (running) => {
      output.note(`${describeOtherTaskQueue(running)} This sync starts separately, on the task queue '${taskQueue}'.`);
      return 'separate';
    },
    waiting: 'Another sync of the connection is running; this one starts when it has ended.',
    note: (message) => output.note(message),
  });
}

async function unlessSkipped<T>({ input }: SyncRequest, run: () => Promise<T>): Promise<T | SkippedSync> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof SkipSync) return { connectionId: input.connectionId, status: 'skipped' };
    throw error;
  }
}

class SkipSync extends Error {}

/** Whether the command can share a workflow that is already running. */
function canAttach(
  input: SyncConnectionOptions,
  { name }: SyncRequest['connection'],
  running: { input: unknown; workflowId: string },
): boolean {
  const { connectionId } = input;
  switch (input.onRunning) {
    case 'queue':
      return false;
    case 'skip':
      throw new SkipSync();
    case 'fail':
      throw new CliError(
        EXIT.failed,
        'AirbyteConflict',
        `A sync of ${describeConnection({ connectionId, name })} is already running (workflow ${running.workflowId}).`,
      );
    default:
      return isSameJobType(running.input, input);
  }
}

/** `started airbyte-sync:…` */
export function describeDetachedSync(start: DetachedSync | SkippedSync): string {
  if (!('workflowId' in start)) return describeSync(start);
  return start.attached ? `already running: ${start.workflowId}` : `started ${start.workflowId}`;
}

/** `job 12 succeeded: 520 records, 61.2 kB in 3s`. */
export function describeSync(result: SyncConnectionResult | SkippedSync): string {
  if (!('jobId' in result)) return 'skipped: the connection is already being synced';
  const { jobId, status, attempts, attached } = result;
  if (status === 'skipped') return `skipped: job ${jobId} is already running on the connection`;
  const tookMs = Date.parse(result.endedAt ?? '') - Date.parse(result.startedAt ?? '');
  return [
    `job ${jobId} ${status}: ${formatVolume(result)}`,
    tookText(tookMs),
    attempts > 1 ? `(attempt ${attempts})` : '',
    attached ? '(it was already running)' : '',
    result.recordsRejected > 0 ? `(${result.recordsRejected} records rejected)` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** The warnings of a sync that has succeeded, one line each. */
export function describeWarnings(result: SyncConnectionResult | SkippedSync): string[] {
  return ('warnings' in result ? (result.warnings ?? []) : []).map((warning) => `warning: ${warning}`);
}

/** Airbyte reports times in whole seconds. */
function tookText(tookMs: number): string {
  if (!Number.isFinite(tookMs)) return '';
  return tookMs < 1000 ? 'in less than a second' : `in ${formatDuration(tookMs)}`;
}
