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

/** The run that the details describe. */
export interface Run {
  namespace: string;
  workflowId: string;
  runId: string;
  /** Since when a sync that has not ended has been in its phase. */
  phaseSince?: Date | undefined;
}

/**
 * The UI puts the details into the address of the page that shows them, and many proxies accept addresses of 8 kB at most.
 * The run's result has what these limits leave out.
 */
const STREAMS_SHOWN = 20;
const TEXT_SHOWN = 1_000;
const STEP_SHOWN = 200;

const PHASES: Record<SyncProgress['phase'], string> = {
  starting: 'Starting a job',
  queued: 'Already running: waiting for the other job to end',
  running: 'Waiting for the job to end',
  cancelling: 'Cancelling the job',
  retrying: 'Retrying: waiting before the next attempt',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

const MARKS: Record<PipelineStep['state'], string> = { done: '✓', running: '▶', 'to do': '·' };

/** Describes the progress of a sync in Markdown, which the UI shows as the current details. */
export function syncDetails(progress: SyncProgress, run: Run): string {
  const { connectionId, connectionUrl, jobId, attempt, maximumAttempts, lastFailure, failure } = progress;
  return paragraphs([
    failure ? headlineOf(failure) : describePhase(progress, run),
    list([
      `**Connection**: ${code(connectionId)}${airbyteLink(connectionUrl)}`,
      jobId === undefined ? undefined : describeJob(progress),
      `**Attempt**: ${attempt} of ${maximumAttempts}`,
      describeCounts(progress, run),
      progress.phase === 'starting' ? describeTrouble(run) : undefined,
      ...describeWarnings(progress.warnings),
    ]),
    ...reasonOf(failure),
    ...(lastFailure === undefined ? [] : ['The previous attempt failed:', codeBlock(shorten(lastFailure, TEXT_SHOWN))]),
    streamTable(progress),
  ]);
}

/** Describes the progress of a pipeline in Markdown. */
export function pipelineDetails(progress: PipelineProgress, run: Run): string {
  const { namespace } = run;
  const { name, connectionId, connectionUrl, syncWorkflowId, sync, failure, notes } = progress;
  const steps = pipelineSteps(progress);
  const current = steps.findIndex(({ state }) => state === 'running');
  const label = steps[current]?.label;
  return paragraphs([
    failure ? headlineOf(failure) : label ? `**Step ${current + 1} of ${steps.length}**: ${label}` : '**Done**',
    list([
      `**Pipeline**: ${plain(name)}`,
      connectionId && `**Connection**: ${code(connectionId)}${airbyteLink(connectionUrl)}`,
      syncWorkflowId && `**Sync**: ${link(syncWorkflowId, workflowPage(namespace, syncWorkflowId))}`,
      sync ? describeMoved(sync) : undefined,
      ...describeWarnings(sync?.warnings),
      ...notes.map(plain),
      label && !failure && !syncWorkflowId ? describeTrouble(run) : undefined,
    ]),
    ...reasonOf(failure),
    'Steps:',
    list(steps.map((step) => describeStep(step, failure))),
  ]);
}

export function paragraphs(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}

export function headlineOf({ type }: RunFailure): string {
  return type === 'Cancelled' ? '**Cancelled**' : `**Failed**: ${code(type)}`;
}

export function reasonOf(failure: RunFailure | undefined): string[] {
  return failure === undefined || failure.type === 'Cancelled' ? [] : [codeBlock(shorten(failure.message, TEXT_SHOWN))];
}

function airbyteLink(url: string | undefined): string {
  return url === undefined ? '' : `, ${link('open it in Airbyte', url)}`;
}

/** Leaves out the status of a running job: what the workflow knows of it is outdated. */
function describeJob({ jobId, status, attached, phase, recordsSynced }: SyncProgress): string {
  const end = recordsSynced !== undefined || phase === 'done' ? `, ${plain(status ?? '')}` : '';
  return `**Job**: ${jobId}${end}${attached ? ', not started by this sync' : ''}`;
}

/**
 * Describes what the job has moved. While the job runs, the workflow does not know the counts: the heartbeats of the waiting
 * activity carry them, because an event for each count would make the history of a long sync long.
 */
function describeCounts(progress: SyncProgress, { namespace, workflowId, runId }: Run): string | undefined {
  const { jobId, phase, recordsSynced, failure } = progress;
  if (recordsSynced !== undefined) return describeMoved(progress);
  if (failure || jobId === undefined || !['queued', 'running', 'cancelling'].includes(phase)) return undefined;
  const pending = pendingActivities({ namespace, workflowId, runId });
  return `**Status, records, rate and streams so far**: under ${pending}, the heartbeat of *Wait for job ${jobId}*`;
}

/**
 * Says where to read what fails while Airbyte is out of reach. The workflow does not hear of attempts that Temporal retries, because
 * each would add events to its history.
 */
function describeTrouble(run: Run): string {
  return `**If this takes long**: ${pendingActivities(run)} has the last failure, the attempt, and when the next one is`;
}

function pendingActivities({ namespace, workflowId, runId }: Run): string {
  return link('Pending Activities', `${workflowPage(namespace, workflowId)}/${runId}/pending-activities`);
}

type Counts = Pick<SyncProgress, 'recordsSynced' | 'bytesSynced' | 'recordsRejected' | 'startedAt' | 'endedAt'>;

/** `**Moved**: 520 records, 61.2 kB, in 12s, 43 records/s` */
function describeMoved(counts: Counts): string {
  const { recordsSynced = null, recordsRejected = 0, startedAt, endedAt } = counts;
  const tookMs = Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '');
  // Airbyte reports times in whole seconds.
  const rate = recordsSynced === null ? [] : [`${perSecond(recordsSynced, tookMs)} records/s`];
  const took = tookMs >= 1000 ? [`in ${formatDuration(tookMs)}`, ...rate] : [];
  const rejected = recordsRejected > 0 ? [`${formatNumber(recordsRejected)} rejected`] : [];
  return `**Moved**: ${[formatVolume(counts), ...rejected, ...took].join(', ')}`;
}

/** `**Starting a job** since 2026-01-31 12:00:00 UTC` */
function describePhase({ phase, status }: SyncProgress, { phaseSince }: Run): string {
  if (status === 'skipped') return '**Skipped**';
  const since = phaseSince
    ?.toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
  return `**${PHASES[phase]}**${since === undefined || phase === 'done' ? '' : ` since ${since}`}`;
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

/** The address of a workflow's page, relative to the page that shows the details. */
export function workflowPage(namespace: string, workflowId: string): string {
  return `namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
