import type { ContenderName, ContenderRun, EndedSync, SyncsToRun } from './contenders/contender';
import { runLoops } from './contenders/loops-contender';
import { runOurs, runPlain } from './contenders/temporal-contender';
import { type JobDurations, type SandboxJob, SandboxProcess } from './sandbox-process';
import { mostAtOnce, percentile } from './statistics';

const RUN: Record<ContenderName, (syncs: SyncsToRun) => Promise<ContenderRun>> = {
  ours: runOurs,
  plain: runPlain,
  loops: runLoops,
};

export interface MeasurementPlan {
  contender: ContenderName;
  /** How many connections are synced, each once. */
  syncs: number;
  durationsMs: JobDurations;
  pollIntervalMs: number;
}

/** One line of the table. */
export interface Measurement extends MeasurementPlan {
  succeeded: number;
  failed: number;
  /** Asked for, and never heard of again. */
  lost: number;
  /** Jobs that were started in Airbyte. */
  jobs: number;
  requestsPerSync: number;
  /** From the job's end to the end of whoever waited for it, in milliseconds. */
  delayP50Ms: number;
  delayP99Ms: number;
  cpuSeconds: number;
  peakRssBytes: number;
  /** Events of the shortest and of the longest history, where there are any. */
  events?: { fewest: number; most: number };
  /** From the first start to the last end. */
  wallSeconds: number;
  /** Syncs that waited for their jobs at the same time, at most. */
  waitingAtOnce: number;
}

/** Runs syncs against a sandbox of their own, and a Temporal server of their own where they need one. */
export async function measure(plan: MeasurementPlan, folder: string): Promise<Measurement> {
  const sandbox = await SandboxProcess.start(folder);
  try {
    const connectionIds = await sandbox.createConnections(plan.syncs, plan.durationsMs);
    await sandbox.forgetRequests();
    const { pollIntervalMs } = plan;
    const run = await RUN[plan.contender]({ airbyteUrl: sandbox.url, connectionIds, pollIntervalMs, folder });
    return evaluate(plan, run, await sandbox.jobs(), await sandbox.requestCount());
  } finally {
    await sandbox.stop();
  }
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
    jobs: jobs.length,
    requestsPerSync: requests / plan.syncs,
    delayP50Ms: percentile(delays, 0.5),
    delayP99Ms: percentile(delays, 0.99),
    cpuSeconds: run.usage.cpuSeconds,
    peakRssBytes: run.usage.peakRssBytes,
    ...eventsOf(run.ended),
    wallSeconds: (Math.max(...run.ended.map(({ endedAtMs }) => endedAtMs)) - run.startedAtMs) / 1_000,
    waitingAtOnce: mostAtOnce(waits),
  };
}

function eventsOf(ended: EndedSync[]): Pick<Measurement, 'events'> {
  const events = ended.map((sync) => sync.events ?? 0).filter((count) => count > 0);
  return events.length === 0 ? {} : { events: { fewest: Math.min(...events), most: Math.max(...events) } };
}
