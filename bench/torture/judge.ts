import type { SandboxJob } from '../sandbox-process';

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
  /** What is wrong, a sentence each. */
  findings: string[];
}

export interface CaseOutcome {
  ends: readonly SyncEnd[];
  /** All jobs at Airbyte once nothing more can start. */
  jobs: readonly SandboxJob[];
  /** Where secrets were found. */
  leaks: readonly string[];
}

/** Each connection must get one job, however often callers request it; all jobs succeed unless cancelled. */
export function judge({ ends, jobs, leaks }: CaseOutcome): Verdict {
  const jobsOf = new Map<string, SandboxJob[]>();
  for (const job of jobs) jobsOf.set(job.connectionId, [...(jobsOf.get(job.connectionId) ?? []), job]);
  const doubled = [...jobsOf].filter(([, of]) => of.length > 1);
  const lost = ends.filter((end) => !isTrue(end, jobsOf.get(end.connectionId) ?? []));
  const leftRunning = jobs.filter(({ endedAtMs }) => endedAtMs === undefined);
  return {
    syncs: ends.length,
    jobs: jobs.length,
    doubled: doubled.reduce((sum, [, of]) => sum + of.length - 1, 0),
    lost: lost.length,
    leftRunning: leftRunning.length,
    leaked: leaks.length,
    findings: [
      ...doubled.map(([connectionId, of]) => `The connection ${connectionId} has had the jobs ${idsOf(of)}.`),
      ...lost.map(({ workflowId, status, reason }) => `${workflowId} is ${status}${reason ? `: ${reason}` : '.'}`),
      ...leftRunning.map(({ jobId, status }) => `Job ${jobId} is still ${status}.`),
      ...leaks.map((where) => `A secret stands in ${where}.`),
    ],
  };
}

/** Whether all of a case held. */
export function hasHeld({ doubled, lost, leftRunning, leaked }: Verdict): boolean {
  return doubled + lost + leftRunning + leaked === 0;
}

/** Whether a sync reports the outcome of its connection's jobs. */
function isTrue({ status, cancelled }: SyncEnd, jobs: readonly SandboxJob[]): boolean {
  if (status === 'COMPLETED') return jobs.some((job) => job.status === 'succeeded');
  return status === 'CANCELLED' && cancelled === true;
}

function idsOf(jobs: readonly SandboxJob[]): string {
  return jobs.map(({ jobId, status }) => `${jobId} (${status})`).join(', ');
}
