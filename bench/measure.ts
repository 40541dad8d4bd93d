import { setTimeout as delay } from 'node:timers/promises';
import type { ContenderName, ContenderRun, EndedSync, SyncsToRun } from './contenders/contender';
import { runLoops } from './contenders/loops-contender';
import { runOurs, runPlain, runPush, runTelemetry } from './contenders/temporal-contender';
import { inParallel } from './in-parallel';
import { type JobDurations, type SandboxJob, SandboxProcess } from './sandbox-process';
import { maximumConcurrent, percentile } from './statistics';
import type { Scrape } from './telemetry';
import type { Actions } from './temporal-actions';

const RUN: Record<ContenderName, (syncs: SyncsToRun) => Promise<ContenderRun>> = {
  ours: runOurs,
  telemetry: runTelemetry,
  push: runPush,
  plain: runPlain,
  loops: runLoops,
};

/** How many of the held jobs end in a second: fewer than two cores handle, so that the delays are not those of a backlog. */
const RELEASED_PER_SECOND = 40;
/** A trigger's response is on its way to the worker, and the waiting is scheduled, for so long at most. */
const SETTLED_AFTER_MS = 30_000;
const POLL_INTERVAL_MS = 1_000;
const ENDS_AT_ONCE = 32;

export interface MeasurementPlan {
  contender: ContenderName;
  /** How many connections are synced, each once. */
  syncs: number;
  /** How long the jobs take; or they are held until all syncs wait, and then {@link RELEASED_PER_SECOND} end. */
  jobs: JobDurations | 'held';
  pollIntervalMs: number;
}

/** One line of the table. */
export interface Measurement extends MeasurementPlan {
  succeeded: number;
  failed: number;
  /** Requested, and without a result. */
  lost: number;
  jobsStarted: number;
  requestsPerSync: number;
  /** From the job's end to the end of the workflow or process that waited for it, in milliseconds. */
  delayP50Ms: number;
  delayP99Ms: number;
  cpuSeconds: number;
  peakRssBytes: number;
  /** Events of the shortest and of the longest history, where there are any. */
  events?: { fewest: number; most: number };
  /** Per sync and kind, where Temporal runs them. */
  actions?: Actions;
  /** Reads of the worker's metrics, where they are on; where jobs are held, those while all syncs waited. */
  scrapes?: ScrapeSummary;
  /** From the first start to the last end. */
  wallSeconds: number;
  /** Syncs that waited for their jobs at the same time, at most. */
  waitingInParallel: number;
}

export interface ScrapeSummary {
  count: number;
  medianMs: number;
  slowestMs: number;
  /** The most time series in one. */
  series: number;
}

/** Runs syncs against a sandbox of their own, and a Temporal server of their own where they need one. */
export async function measure(plan: MeasurementPlan, folder: string): Promise<Measurement> {
  const sandbox = await SandboxProcess.start(folder);
  try {
    const connectionIds = await sandbox.createConnections(plan.syncs, plan.jobs);
    await sandbox.forgetRequests();
    const { pollIntervalMs } = plan;
    const running = RUN[plan.contender]({ airbyteUrl: sandbox.url, connectionIds, pollIntervalMs, folder });
    const ended = new AbortController();
    const releasing = plan.jobs === 'held' ? releaseJobs(sandbox, plan.syncs, ended.signal) : undefined;
    const run = await Promise.race([running, Promise.all([running, releasing]).then(([result]) => result)]);
    ended.abort();
    await releasing;
    return evaluate(plan, run, await sandbox.jobs(), await sandbox.requestCount());
  } finally {
    await sandbox.stop();
  }
}

/** Once all jobs have been started, and their callers wait for them, ends them one after the other. */
async function releaseJobs(sandbox: SandboxProcess, count: number, signal: AbortSignal): Promise<void> {
  while ((await sandbox.requestCount('connections/sync')) < count) {
    await delay(POLL_INTERVAL_MS);
    if (signal.aborted) return;
  }
  await delay(SETTLED_AFTER_MS);
  const beganAt = performance.now();
  const jobs = await sandbox.jobs();
  await inParallel([...jobs.entries()], ENDS_AT_ONCE, async ([index, job]) => {
    await delay(Math.max(0, beganAt + (1_000 * index) / RELEASED_PER_SECOND - performance.now()));
    await sandbox.finish(job);
  });
}

function evaluate(plan: MeasurementPlan, run: ContenderRun, jobs: SandboxJob[], requests: number): Measurement {
  const endOf = new Map(run.ended.map((sync) => [sync.connectionId, sync]));
  const followed = jobs.flatMap((job) => {
    const sync = endOf.get(job.connectionId);
    return sync === undefined || job.endedAtMs === undefined ? [] : [{ job, sync, endedAtMs: job.endedAtMs }];
  });
  const delays = followed.map(({ sync, endedAtMs }) => sync.endedAtMs - endedAtMs);
  const waits = followed.map(({ job, sync }) => ({ from: job.createdAtMs, to: sync.endedAtMs }));
  const succeeded = run.ended.filter((sync) => sync.succeeded).length;
  return {
    ...plan,
    succeeded,
    failed: run.ended.length - succeeded,
    lost: plan.syncs - run.ended.length,
    jobsStarted: jobs.length,
    requestsPerSync: requests / plan.syncs,
    delayP50Ms: percentile(delays, 0.5),
    delayP99Ms: percentile(delays, 0.99),
    cpuSeconds: run.usage.cpuSeconds,
    peakRssBytes: run.usage.peakRssBytes,
    ...eventsOf(run.ended),
    ...(run.actions && { actions: perSync(run.actions, plan.syncs) }),
    ...(run.scrapes && { scrapes: summarize(run.scrapes, plan) }),
    wallSeconds: (Math.max(...run.ended.map(({ endedAtMs }) => endedAtMs)) - run.startedAtMs) / 1_000,
    waitingInParallel: maximumConcurrent(waits),
  };
}

function summarize(all: readonly Scrape[], { jobs, syncs }: MeasurementPlan): ScrapeSummary {
  const scrapes = jobs === 'held' ? all.filter(({ waitingSyncs }) => waitingSyncs === syncs) : all;
  const durationsMs = scrapes.map(({ durationMs }) => durationMs);
  return {
    count: scrapes.length,
    medianMs: percentile(durationsMs, 0.5),
    slowestMs: Math.max(...durationsMs),
    series: Math.max(...scrapes.map(({ series }) => series)),
  };
}

function perSync(actions: Actions, syncs: number): Actions {
  return Object.fromEntries(Object.entries(actions).map(([kind, count]) => [kind, count / syncs]));
}

function eventsOf(ended: EndedSync[]): Pick<Measurement, 'events'> {
  const events = ended.map((sync) => sync.events ?? 0).filter((count) => count > 0);
  return events.length === 0 ? {} : { events: { fewest: Math.min(...events), most: Math.max(...events) } };
}
