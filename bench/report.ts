import type { ContenderName } from './contenders/contender';
import type { FaultSoak } from './faults/fault-soak';
import { requestsOfLongJobs } from './long-jobs';
import type { Machine } from './machine';
import { type Column, markdownTable } from './markdown';
import type { Measurement } from './measure';
import {
  COMPARED_AT,
  type Comparison,
  compare,
  HOUR_MS,
  judge,
  mebibytes,
  POLL_INTERVAL_MS,
  type Requirement,
} from './requirements';
import type { JobDurations } from './sandbox-process';
import { type Actions, actionsOfLongJob, sumOf } from './temporal-actions';

/** What one run of the benchmark has found. */
export interface BenchmarkRun {
  machine: Machine;
  measurements: Measurement[];
  soak?: FaultSoak;
}

const NAMES: Record<ContenderName, string> = {
  ours: 'temporal-airbyte',
  telemetry: '… with metrics and traces',
  push: '… with webhooks',
  plain: 'plain workflow',
  loops: 'client loops',
};

const secondsOf = ({ from, to }: JobDurations) => `${from / 1_000}–${to / 1_000} s`;
const seconds = (milliseconds: number) => (milliseconds / 1_000).toFixed(2);
const count = (value: number) => value.toLocaleString('en-US');

const COLUMNS: readonly Column<Measurement>[] = [
  { header: 'contender', cell: ({ contender }) => NAMES[contender] },
  { header: 'syncs', cell: ({ syncs }) => count(syncs) },
  { header: 'jobs of', cell: ({ jobs }) => (jobs === 'held' ? 'until all wait' : secondsOf(jobs)) },
  { header: 'requests per sync', cell: ({ requestsPerSync }) => requestsPerSync.toFixed(2) },
  { header: 'delay p50 s', cell: ({ delayP50Ms }) => seconds(delayP50Ms) },
  { header: 'delay p99 s', cell: ({ delayP99Ms }) => seconds(delayP99Ms) },
  { header: 'CPU s', cell: ({ cpuSeconds }) => cpuSeconds.toFixed(1) },
  { header: 'RSS peak', cell: ({ peakRssBytes }) => mebibytes(peakRssBytes) },
  { header: 'history events', cell: ({ events }) => (events ? `${events.fewest}–${events.most}` : '–') },
  { header: 'actions', cell: ({ actions }) => (actions ? sumOf(actions).toFixed(2) : '–') },
  { header: 'scrape ms', cell: ({ scrapes }) => (scrapes ? scrapes.medianMs.toFixed(1) : '–') },
  { header: 'wall s', cell: ({ wallSeconds }) => wallSeconds.toFixed(0) },
  { header: 'waiting in parallel', cell: ({ waitingInParallel }) => count(waitingInParallel) },
  { header: 'succeeded', cell: ({ succeeded }) => count(succeeded) },
  { header: 'failed', cell: ({ failed }) => count(failed) },
  { header: 'lost', cell: ({ lost }) => count(lost) },
];

const COMPARISON_COLUMNS: readonly Column<Comparison>[] = [
  { header: 'syncs', cell: ({ syncs }) => count(syncs) },
  { header: 'requests per sync', cell: ({ requests }) => requests.toFixed(2) },
  { header: 'delay p99', cell: ({ delayP99 }) => delayP99.toFixed(2) },
  { header: 'worker CPU', cell: ({ cpu }) => cpu.toFixed(2) },
];

const REQUIREMENT_COLUMNS: readonly Column<Requirement>[] = [
  { header: 'must hold', cell: ({ promise }) => promise },
  { header: 'this run', cell: ({ measured }) => measured },
  { header: 'verdict', cell: ({ held }) => (held ? 'pass' : 'FAIL') },
];

/** One kind of actions. */
interface ActionKind {
  kind: string;
  perSync: number;
}

const ACTION_COLUMNS: readonly Column<ActionKind>[] = [
  { header: 'action', cell: ({ kind }) => kind },
  { header: 'per sync', cell: ({ perSync }) => perSync.toFixed(2) },
];

/** The table of measurements alone. */
export function measurementTable(measurements: readonly Measurement[]): string {
  return markdownTable(COLUMNS, measurements);
}

/** All that a run has found, as Markdown. */
export function describeRun({ machine, measurements, soak }: BenchmarkRun): string {
  const sections = [describeMachine(machine, measurements[0])];
  if (measurements.length > 0) sections.push(measurementTable(measurements));
  const comparisons = compare(measurements);
  if (comparisons.length > 0) {
    sections.push(
      'Ours as a share of the plain workflow (of the means, where there are several):',
      markdownTable(COMPARISON_COLUMNS, comparisons),
    );
  }
  if (measurements.length > 0) sections.push(describeHour());
  const { actions } = measurements.find(({ contender, syncs }) => contender === 'ours' && syncs === COMPARED_AT) ?? {};
  if (actions !== undefined) sections.push(describeActions(actions));
  if (soak !== undefined) sections.push(describeSoak(soak));
  const requirements = judge(measurements, soak);
  if (requirements.length > 0) sections.push('## What must hold', markdownTable(REQUIREMENT_COLUMNS, requirements));
  return sections.join('\n\n');
}

function describeMachine({ cores, memoryBytes, node, sdk, temporal, date }: Machine, first?: Measurement): string {
  const poll = first === undefined ? '' : ` The poll interval is ${first.pollIntervalMs / 1_000} s everywhere.`;
  return (
    `Run on ${date}: ${cores} cores, ${mebibytes(memoryBytes)} of memory, Node ${node}, Temporal SDK ${sdk}, ` +
    `Temporal ${temporal}.${poll} The worker, the Temporal server, the sandbox and the program that starts the syncs are ` +
    `processes of their own and share the ${cores} cores: where together they want more, syncs wait for the processor, ` +
    'and the delays say so.'
  );
}

function describeHour(): string {
  const { polls, rechecks, pages, requestsPerSync } = requestsOfLongJobs(HOUR_MS, COMPARED_AT, POLL_INTERVAL_MS);
  const share = (requests: number) => (requests / COMPARED_AT).toFixed(2);
  return (
    `By arithmetic, a job of 1 h among ${count(COMPARED_AT)} that are started together: 2 requests to start it, ${share(polls)} for its ` +
    `share of ${polls} polls, ${share(rechecks * pages)} for its share of ${rechecks} lists of ${pages} pages that read them all again, ` +
    `${requestsPerSync.toFixed(2)} in all; for the plain workflow and the loops ${count(1 + HOUR_MS / POLL_INTERVAL_MS)}.`
  );
}

function describeActions(actions: Actions): string {
  const kinds = Object.entries(actions).map(([kind, perSync]) => ({ kind, perSync }));
  return [
    `The actions of a sync by kind, by the counter of Temporal's server, at ${count(COMPARED_AT)} syncs. By arithmetic, with a job of 1 h ` +
      `they are ${actionsOfLongJob(actions, HOUR_MS).toFixed(2)}, with one of 24 h ${actionsOfLongJob(actions, 24 * HOUR_MS).toFixed(2)}.`,
    markdownTable(ACTION_COLUMNS, kinds),
  ].join('\n\n');
}

function describeSoak(soak: FaultSoak): string {
  const { syncs, workers, killEveryMs, seed, workersKilled, wallSeconds, durationsMs } = soak;
  const faults = Object.entries(soak.faults).map(([kind, times]) => ({ kind, times }));
  return [
    '## Faults',
    `${syncs} syncs of jobs of ${secondsOf(durationsMs)}, ${workers} workers of which one is killed ` +
      `(SIGKILL) every ${killEveryMs / 1_000} s: ${workersKilled} kills in ${wallSeconds.toFixed(0)} s. Requests that went wrong ` +
      `(seed ${seed}):`,
    markdownTable(
      [
        { header: 'fault', cell: ({ kind }) => kind },
        { header: 'requests', cell: ({ times }) => String(times) },
      ],
      faults,
    ),
  ].join('\n\n');
}
