import type { ContenderName } from './contenders/contender';
import type { FaultSoak } from './faults/fault-soak';
import { requestsOfLongJobs } from './long-jobs';
import type { Measurement } from './measure';
import { mean } from './statistics';
import { actionsOfLongJob } from './temporal-actions';

/** Something the project promises, and whether this run has kept it. */
export interface Requirement {
  promise: string;
  measured: string;
  held: boolean;
}

export const POLL_INTERVAL_MS = 2_000;
export const HOUR_MS = 3_600_000;
const MIB = 2 ** 20;

const MAXIMUM_REQUESTS = 2.1;
/** Of jobs of an hour, which take their share of the polls. */
const MAXIMUM_REQUESTS_OF_AN_HOUR = 2.2;

/** The number of syncs at which the ratios are compared. */
export const COMPARED_AT = 1_000;
/** How many syncs wait in one worker process, and the memory that it may take. */
export const WAITING: readonly { syncs: number; mebibytes: number }[] = [
  { syncs: 10_000, mebibytes: 600 },
  { syncs: 25_000, mebibytes: 900 },
];
/** The number of concurrent syncs with webhooks. */
export const PUSHED_AT = 200;
const MAXIMUM_PUSH_DELAY_MS = 500;
const MAXIMUM_PUSH_REQUESTS = 3;
const MAXIMUM_EVENTS = 20;
/** Of the plain workflow's. */
const MAXIMUM_CPU = 0.25;
/** With metrics and traces, of that without them. */
const MAXIMUM_TELEMETRY_CPU = 1.15;
const MAXIMUM_SCRAPE_MS = 20;
/** However many connections there are. */
const MAXIMUM_SERIES = 1_500;
/** The number of waiting syncs at which the metrics are read. */
export const SCRAPED_AT = 10_000;
/** The most actions of a sync, by the length of its job. */
const MAXIMUM_ACTIONS: readonly { job: string; ms: number; actions: number }[] = [
  { job: '70 s', ms: 70_000, actions: 7 },
  { job: '1 h', ms: HOUR_MS, actions: 10 },
  { job: '24 h', ms: 24 * HOUR_MS, actions: 25 },
];
/** Of the client loops' polls, which are late only by the response time. */
const KEEPS_INTERVAL = 0.75;

/** Ours against the plain workflow, at the same number of syncs: the means, where that was measured more than once. */
export interface Comparison {
  syncs: number;
  /** The part of the client loops' polls that the plain workflow made: what it misses, it did not work for. */
  plainPolls: number | undefined;
  requests: number;
  delayP99: number;
  cpu: number;
}

export function compare(measurements: readonly Measurement[]): Comparison[] {
  const numbers = measurements.filter(({ contender }) => contender === 'plain').map(({ syncs }) => syncs);
  return [...new Set(numbers)].flatMap((syncs) => {
    const rowsOf = (name: ContenderName) =>
      measurements.filter((row) => row.contender === name && row.syncs === syncs && row.jobs !== 'held');
    const [ours, plain, loops] = [rowsOf('ours'), rowsOf('plain'), rowsOf('loops')];
    if (ours.length === 0) return [];
    const ratio = (value: (row: Measurement) => number) => mean(ours.map(value)) / mean(plain.map(value));
    const requests = (row: Measurement) => row.requestsPerSync;
    return {
      syncs,
      plainPolls: loops.length === 0 ? undefined : mean(plain.map(requests)) / mean(loops.map(requests)),
      requests: ratio(requests),
      delayP99: ratio((row) => row.delayP99Ms),
      cpu: ratio((row) => row.cpuSeconds),
    };
  });
}

/** What must hold, judged by this run alone. What was not measured has no line. */
export function judge(measurements: readonly Measurement[], soak: FaultSoak | undefined): Requirement[] {
  const ours = measurements.filter(({ contender }) => contender === 'ours');
  const telemetry = measurements.filter(({ contender }) => contender === 'telemetry');
  return [
    ...judgeSyncs(ours.find(({ syncs }) => syncs === COMPARED_AT)),
    ...judgeDelay(compare(measurements).find(({ syncs }) => syncs === COMPARED_AT)),
    ...judgeCpu(compare(measurements)),
    ...judgeHistories(ours),
    ...judgeActions(ours.find(({ syncs }) => syncs === COMPARED_AT)),
    ...judgeEnds([...ours, ...telemetry]),
    ...judgePush(measurements.find(({ contender, syncs }) => contender === 'push' && syncs === PUSHED_AT)),
    ...judgeTelemetryCpu(ours, telemetry),
    ...judgeScrapes(telemetry.find(({ syncs, jobs }) => syncs === SCRAPED_AT && jobs === 'held')),
    ...WAITING.flatMap((limit) => judgeWaiting(ours, limit)),
    ...judgeSoak(soak),
  ];
}

function judgeSyncs(ours: Measurement | undefined): Requirement[] {
  if (ours === undefined) return [];
  const { requestsPerSync, delayP99Ms, pollIntervalMs } = ours;
  return [
    {
      promise: `Requests per sync ≤ ${MAXIMUM_REQUESTS} at ${COMPARED_AT} syncs`,
      measured: requestsPerSync.toFixed(2),
      held: requestsPerSync <= MAXIMUM_REQUESTS,
    },
    judgeHour(),
    {
      promise: `Detection delay p99 ≤ 1 poll interval + 0.5 s at ${COMPARED_AT} syncs`,
      measured: `${(delayP99Ms / 1_000).toFixed(2)} s`,
      held: delayP99Ms <= pollIntervalMs + 500,
    },
  ];
}

function judgeHour(): Requirement {
  const { requestsPerSync } = requestsOfLongJobs(HOUR_MS, COMPARED_AT, POLL_INTERVAL_MS);
  return {
    promise: `Requests per sync ≤ ${MAXIMUM_REQUESTS_OF_AN_HOUR} with jobs of 1 h, by arithmetic (and by a test with a simulated clock)`,
    measured: requestsPerSync.toFixed(2),
    held: requestsPerSync <= MAXIMUM_REQUESTS_OF_AN_HOUR,
  };
}

function judgeDelay(comparison: Comparison | undefined): Requirement[] {
  if (comparison === undefined) return [];
  return [
    {
      promise: `Detection delay p99 ≤ 1/4 of the plain workflow's at ${COMPARED_AT} syncs`,
      measured: `${comparison.delayP99.toFixed(2)} of it`,
      held: comparison.delayP99 <= 0.25,
    },
  ];
}

/** At the same poll interval: where the plain workflow falls behind its own, it does less than it was asked to. */
function judgeCpu(comparisons: readonly Comparison[]): Requirement[] {
  const comparable = comparisons.filter(({ plainPolls = 0 }) => plainPolls >= KEEPS_INTERVAL);
  const most = comparable.reduce<Comparison | undefined>(
    (best, each) => (best !== undefined && best.syncs >= each.syncs ? best : each),
    undefined,
  );
  if (most === undefined) return [];
  return [
    {
      promise: `Worker CPU ≤ ${MAXIMUM_CPU} × the plain workflow's at ${most.syncs} syncs, the most at which that keeps its poll interval`,
      measured: `${most.cpu.toFixed(2)} ×`,
      held: most.cpu <= MAXIMUM_CPU,
    },
  ];
}

function judgeHistories(ours: readonly Measurement[]): Requirement[] {
  const histories = ours.flatMap(({ events }) => (events === undefined ? [] : [events]));
  if (histories.length === 0) return [];
  const fewest = Math.min(...histories.map((events) => events.fewest));
  const most = Math.max(...histories.map((events) => events.most));
  return [
    {
      // A workflow task that a busy server hands out twice is two events more: that is no growth.
      promise: `History ≤ ${MAXIMUM_EVENTS} events, however long the job takes`,
      measured: fewest === most ? `${most} for all` : `${fewest}–${most}`,
      held: most <= MAXIMUM_EVENTS,
    },
  ];
}

function judgeActions({ actions }: Partial<Measurement> = {}): Requirement[] {
  if (actions === undefined) return [];
  return MAXIMUM_ACTIONS.map(({ job, ms, actions: maximum }) => {
    const count = actionsOfLongJob(actions, ms);
    return {
      promise: `Actions in Temporal per sync ≤ ${maximum} with a job of ${job}, its reports by arithmetic`,
      measured: count.toFixed(2),
      held: count <= maximum,
    };
  });
}

function judgeEnds(ours: readonly Measurement[]): Requirement[] {
  if (ours.length === 0) return [];
  const total = ours.reduce((sum, { syncs }) => sum + syncs, 0);
  const succeeded = ours.reduce((sum, row) => sum + row.succeeded, 0);
  const jobs = ours.reduce((sum, { jobsStarted }) => sum + jobsStarted, 0);
  return [
    {
      promise: 'Every sync succeeds, and has started one job',
      measured: `${succeeded} of ${total} succeeded, ${jobs} jobs`,
      held: succeeded === total && jobs === total,
    },
  ];
}

function judgePush(push: Measurement | undefined): Requirement[] {
  if (push === undefined) return [];
  const { requestsPerSync, delayP99Ms, succeeded, syncs } = push;
  return [
    {
      promise: `With webhooks: detection delay p99 ≤ ${MAXIMUM_PUSH_DELAY_MS / 1_000} s at ${syncs} concurrent syncs, all finished`,
      measured: `${(delayP99Ms / 1_000).toFixed(2)} s, ${succeeded} succeeded`,
      held: delayP99Ms <= MAXIMUM_PUSH_DELAY_MS && succeeded === syncs,
    },
    {
      promise: `With webhooks: requests per sync ≤ ${MAXIMUM_PUSH_REQUESTS}`,
      measured: requestsPerSync.toFixed(2),
      held: requestsPerSync <= MAXIMUM_PUSH_REQUESTS,
    },
  ];
}

/** At the most syncs that were run both with and without telemetry. */
function judgeTelemetryCpu(ours: readonly Measurement[], telemetry: readonly Measurement[]): Requirement[] {
  const timed = (rows: readonly Measurement[]) => rows.filter(({ jobs }) => jobs !== 'held');
  const numbers = timed(ours).flatMap(({ syncs }) =>
    timed(telemetry).some((row) => row.syncs === syncs) ? syncs : [],
  );
  if (numbers.length === 0) return [];
  const most = Math.max(...numbers);
  const cpuOf = (rows: readonly Measurement[]) =>
    mean(timed(rows).flatMap(({ syncs, cpuSeconds }) => (syncs === most ? cpuSeconds : [])));
  const ratio = cpuOf(telemetry) / cpuOf(ours);
  return [
    {
      promise: `Worker CPU with metrics and traces ≤ ${MAXIMUM_TELEMETRY_CPU} × that without, at ${most} syncs`,
      measured: `${ratio.toFixed(2)} × (${cpuOf(telemetry).toFixed(1)} s, ${cpuOf(ours).toFixed(1)} s)`,
      held: ratio <= MAXIMUM_TELEMETRY_CPU,
    },
  ];
}

function judgeScrapes({ scrapes }: Partial<Measurement> = {}): Requirement[] {
  if (scrapes === undefined) return [];
  const { count, medianMs, slowestMs, series } = scrapes;
  return [
    {
      promise: `With ${SCRAPED_AT} waiting syncs: a scrape takes < ${MAXIMUM_SCRAPE_MS} ms (the median)`,
      measured: `${medianMs.toFixed(1)} ms (of ${count}, the slowest ${slowestMs.toFixed(1)} ms)`,
      held: medianMs < MAXIMUM_SCRAPE_MS,
    },
    {
      promise: `With ${SCRAPED_AT} connections: ≤ ${MAXIMUM_SERIES} time series`,
      measured: String(series),
      held: series <= MAXIMUM_SERIES,
    },
  ];
}

function judgeWaiting(
  all: readonly Measurement[],
  { syncs: waiting, mebibytes: maximum }: (typeof WAITING)[number],
): Requirement[] {
  const ours = all.filter(({ syncs }) => syncs === waiting);
  const widest = ours.reduce<Measurement | undefined>(
    (most, row) => (most !== undefined && most.waitingInParallel >= row.waitingInParallel ? most : row),
    undefined,
  );
  if (widest === undefined) return [];
  const { waitingInParallel, peakRssBytes, succeeded, syncs } = widest;
  return [
    {
      promise: `${waiting} waiting syncs in one worker process, with its 200 activity slots, under ${maximum} MiB RSS, all finished`,
      measured: `${waitingInParallel} waiting in parallel, ${mebibytes(peakRssBytes)}, ${succeeded} succeeded`,
      held: waitingInParallel >= waiting && peakRssBytes < maximum * MIB && succeeded === syncs,
    },
  ];
}

function judgeSoak(soak: FaultSoak | undefined): Requirement[] {
  if (soak === undefined) return [];
  const { syncs, succeeded, jobs, failed, lost, connectionsWithOneJob } = soak;
  return [
    {
      promise: `With random faults and killed workers: ${syncs} syncs succeed, ${syncs} jobs are started, one on each connection, none fails`,
      measured: `${succeeded} succeeded, ${failed} failed, ${lost} lost; ${jobs} jobs, ${connectionsWithOneJob} connections with exactly one`,
      held: succeeded === syncs && jobs === syncs && connectionsWithOneJob === syncs,
    },
  ];
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
