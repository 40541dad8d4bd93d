import type { SandboxJob } from '../sandbox-process';
import { percentile } from '../statistics';

/** A sync that was started, and how it stands in the end. */
export interface SyncEnd {
  workflowId: string;
  connectionId: string;
  /** Temporal's status: `COMPLETED`, `FAILED`, `CANCELLED`, … and `RUNNING` of one that has not ended. */
  status: string;
  /** Whether it was asked to cancel. */
  cancelled?: boolean;
  /** Why it failed. */
  reason?: string | undefined;
}

/** What came of a case. */
export interface Verdict {
  syncs: number;
  /** Jobs that Airbyte has started. */
  jobs: number;
  /** Jobs beyond the first of a connection. */
  doubled: number;
  /** Syncs that have not ended, or report another outcome than their job's. */
  lost: number;
  /** Jobs that go on although the syncs of their connection have ended. */
  leftRunning: number;
  /** Texts that contain a secret: histories and lines of logs. */
  leaked: number;
  /** Waits that a second worker had, because the first one died or shut down. */
  takenOver: number;
  /** How long after its job's end such a wait ended; NaN when there was none. */
  takeoverP99Ms: number;
  /** Whether {@link takeoverP99Ms} is longer than the case allows. */
  late: boolean;
  /** What is wrong, a sentence each. */
  findings: string[];
}

export interface CaseOutcome {
  ends: readonly SyncEnd[];
  /** All jobs at Airbyte once nothing more can start. */
  jobs: readonly SandboxJob[];
  /** Where secrets were found. */
  leaks: readonly string[];
  /** See `takeoverDelays`. */
  takeoverDelaysMs: readonly number[];
  /** Left out where late ends are no fault, because more went wrong than a worker's death. */
  maximumTakeoverMs?: number | undefined;
}

/** Each connection must get one job, however often callers request it; all jobs succeed unless cancelled. */
export function judge(outcome: CaseOutcome): Verdict {
  const { ends, jobs, leaks, takeoverDelaysMs, maximumTakeoverMs = Number.POSITIVE_INFINITY } = outcome;
  const jobsOf = new Map<string, SandboxJob[]>();
  for (const job of jobs) jobsOf.set(job.connectionId, [...(jobsOf.get(job.connectionId) ?? []), job]);
  const doubled = [...jobsOf].filter(([, of]) => of.length > 1);
  const lost = ends.filter((end) => !isTrue(end, jobsOf.get(end.connectionId) ?? []));
  const leftRunning = jobs.filter(({ endedAtMs }) => endedAtMs === undefined);
  const takeoverP99Ms = percentile(takeoverDelaysMs, 0.99);
  const late = takeoverP99Ms > maximumTakeoverMs;
  return {
    syncs: ends.length,
    jobs: jobs.length,
    doubled: doubled.reduce((sum, [, of]) => sum + of.length - 1, 0),
    lost: lost.length,
    leftRunning: leftRunning.length,
    leaked: leaks.length,
    takenOver: takeoverDelaysMs.length,
    takeoverP99Ms,
    late,
    findings: [
      ...doubled.map(([connectionId, of]) => `The connection ${connectionId} has had the jobs ${idsOf(of)}.`),
      ...lost.map(({ workflowId, status, reason }) => `${workflowId} is ${status}${reason ? `: ${reason}` : '.'}`),
      ...leftRunning.map(({ jobId, status }) => `Job ${jobId} is still ${status}.`),
      ...leaks.map((where) => `A secret stands in ${where}.`),
      ...(late ? [`The waits of dead workers ended ${takeoverP99Ms} ms after their jobs (p99).`] : []),
    ],
  };
}

/** Whether all of a case held. */
export function hasHeld({ doubled, lost, leftRunning, leaked, late }: Verdict): boolean {
  return doubled + lost + leftRunning + leaked === 0 && !late;
}

/** Whether a sync reports the outcome of its connection's jobs. */
function isTrue({ status, cancelled }: SyncEnd, jobs: readonly SandboxJob[]): boolean {
  if (status === 'COMPLETED') return jobs.some((job) => job.status === 'succeeded');
  return status === 'CANCELLED' && cancelled === true;
}

function idsOf(jobs: readonly SandboxJob[]): string {
  return jobs.map(({ jobId, status }) => `${jobId} (${status})`).join(', ');
}

/** The p99 of the waits that a second worker had, in seconds; a dash if there were none. */
export function takeoverSeconds({ takenOver, takeoverP99Ms }: Verdict): string {
  return takenOver === 0 ? '–' : (takeoverP99Ms / 1_000).toFixed(1);
}
