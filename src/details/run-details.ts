import type { PipelineProgress } from '../contract/pipeline-progress';
import type { RunFailure } from '../contract/run-failure';
import { fullNameOf } from '../contract/stream-name';
import type { SyncProgress } from '../contract/sync-progress';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMeasured,
  formatNumber,
  formatVolume,
} from '../text/formatting';
import { shorten } from '../text/shorten';
import { code, codeBlock, link, list, plain, table } from './markdown';
import { type PipelineStep, pipelineSteps } from './pipeline-steps';

/** The run that the details are of. */
export interface Run {
  namespace: string;
  workflowId: string;
  runId: string;
}

/**
 * The UI asks for the page that it shows details on with the details in its address, for which many a proxy takes 8 kB and
 * no more. What is left out is in the run's result.
 */
const STREAMS_SHOWN = 20;
const TEXT_SHOWN = 1_000;
const STEP_SHOWN = 200;

const PHASES: Record<SyncProgress['phase'], string> = {
  starting: 'Starts a job',
  queued: 'Waits for the job that runs already',
  running: 'Waits for the job to end',
  cancelling: 'Cancels the job',
  retrying: 'Waits before the next attempt',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

const MARKS: Record<PipelineStep['state'], string> = { done: '✓', running: '▶', 'to do': '·' };

/** How a sync stands, in Markdown: what the UI calls the current details. */
export function syncDetails(progress: SyncProgress, run: Run): string {
  const { connectionId, connectionUrl, jobId, attempt, maximumAttempts, lastFailure, failure } = progress;
  return paragraphs([
    failure ? headlineOf(failure) : `**${progress.status === 'skipped' ? 'Skipped' : PHASES[progress.phase]}**`,
    list([
      `**Connection**: ${code(connectionId)}${inAirbyte(connectionUrl)}`,
      jobId === undefined ? undefined : describeJob(progress),
      `**Attempt**: ${attempt} of ${maximumAttempts}`,
      describeCounts(progress, run),
      ...describeWarnings(progress.warnings),
    ]),
    ...reasonOf(failure),
    ...(lastFailure === undefined
      ? []
      : ['The attempt before this one failed:', codeBlock(shorten(lastFailure, TEXT_SHOWN))]),
    streamTable(progress),
  ]);
}

/** How a pipeline stands, in Markdown. */
export function pipelineDetails(progress: PipelineProgress, { namespace }: Pick<Run, 'namespace'>): string {
  const { name, connectionId, connectionUrl, syncWorkflowId, sync, failure, notes } = progress;
  const steps = pipelineSteps(progress);
  const current = steps.findIndex(({ state }) => state === 'running');
  const label = steps[current]?.label;
  return paragraphs([
    failure ? headlineOf(failure) : label ? `**Step ${current + 1} of ${steps.length}**: ${label}` : '**Done**',
    list([
      `**Pipeline**: ${plain(name)}`,
      connectionId && `**Connection**: ${code(connectionId)}${inAirbyte(connectionUrl)}`,
      syncWorkflowId && `**Sync**: ${link(syncWorkflowId, workflowPage(namespace, syncWorkflowId))}`,
      sync ? describeMoved(sync) : undefined,
      ...describeWarnings(sync?.warnings),
      ...notes.map(plain),
    ]),
    ...reasonOf(failure),
    'Steps:',
    list(steps.map((step) => describeStep(step, failure))),
  ]);
}

function paragraphs(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}

function headlineOf({ type }: RunFailure): string {
  return type === 'Cancelled' ? '**Cancelled**' : `**Failed**: ${code(type)}`;
}

function reasonOf(failure: RunFailure | undefined): string[] {
  return failure === undefined || failure.type === 'Cancelled' ? [] : [codeBlock(shorten(failure.message, TEXT_SHOWN))];
}

function inAirbyte(url: string | undefined): string {
  return url === undefined ? '' : `, ${link('open it in Airbyte', url)}`;
}

/** Without its status while it runs: what the workflow has seen of that is old by then. */
function describeJob({ jobId, status, attached, phase, recordsSynced }: SyncProgress): string {
  const end = recordsSynced !== undefined || phase === 'done' ? `, ${plain(status ?? '')}` : '';
  return `**Job**: ${jobId}${end}${attached ? ', started by somebody else' : ''}`;
}

/**
 * What the job has moved. While it runs its workflow does not know: what Airbyte counts meanwhile comes with the heartbeat
 * of the activity that waits, because an event for each count would make a long sync's history a long one.
 */
function describeCounts(progress: SyncProgress, { namespace, workflowId, runId }: Run): string | undefined {
  const { jobId, phase, recordsSynced, failure } = progress;
  if (recordsSynced !== undefined) return describeMoved(progress);
  if (failure || jobId === undefined || !['queued', 'running', 'cancelling'].includes(phase)) return undefined;
  const pending = link('Pending Activities', `${workflowPage(namespace, workflowId)}/${runId}/pending-activities`);
  return `**Status, records, rate and streams so far**: under ${pending}, the heartbeat of *Wait for job ${jobId}*`;
}

type Counts = Pick<SyncProgress, 'recordsSynced' | 'bytesSynced' | 'recordsRejected' | 'startedAt' | 'endedAt'>;

/** `**Moved**: 520 records, 61.2 kB, in 12s, 43 records/s` */
function describeMoved(counts: Counts): string {
  const { recordsSynced = null, recordsRejected = 0, startedAt, endedAt } = counts;
  const tookMs = Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '');
  // Airbyte tells times in whole seconds.
  const rate = recordsSynced === null ? [] : [`${perSecond(recordsSynced, tookMs)} records/s`];
  const took = tookMs >= 1000 ? [`in ${formatDuration(tookMs)}`, ...rate] : [];
  const rejected = recordsRejected > 0 ? [`${formatNumber(recordsRejected)} rejected`] : [];
  return `**Moved**: ${[formatVolume(counts), ...rejected, ...took].join(', ')}`;
}

function describeWarnings(warnings: readonly string[] = []): string[] {
  return warnings.map((warning) => `**Warning**: ${plain(shorten(warning, TEXT_SHOWN))}`);
}

function perSecond(amount: number, tookMs: number): string {
  return formatNumber(amount / (tookMs / 1000));
}

function streamTable({ streams = [], moreStreams = 0 }: SyncProgress): string {
  if (streams.length === 0) return '';
  const shown = streams.slice(0, STREAMS_SHOWN);
  const more = streams.length - shown.length + moreStreams;
  const rows = shown.map(({ recordsSynced, bytesSynced, recordsRejected, ...stream }) => [
    plain(fullNameOf(stream)),
    formatMeasured(recordsSynced, formatNumber),
    formatMeasured(bytesSynced, formatBytes),
    formatNumber(recordsRejected),
  ]);
  const rest = more > 0 ? `\n\nand ${formatCount(more, 'more stream')}` : '';
  return `${table(['Stream', 'Records', 'Bytes', 'Rejected'], rows)}${rest}`;
}

function describeStep({ label, state, detail }: PipelineStep, failure: RunFailure | undefined): string {
  const mark = failure && state === 'running' ? '✗' : MARKS[state];
  return `${mark} ${label}${detail ? `: ${plain(shorten(detail, STEP_SHOWN))}` : ''}`;
}

/** From the page that shows the details, wherever the UI is served. */
function workflowPage(namespace: string, workflowId: string): string {
  return `namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
