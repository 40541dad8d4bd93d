import { type Job, mayRunOn } from '../airbyte/jobs';
import type { WatchEntry } from './watched-job';

/** Airbyte sends notifications about this kind of job only, and only with these outcomes. */
const REPORTED_JOB_TYPE = 'sync';
const REPORTED_STATUSES: readonly string[] = ['succeeded', 'failed'];

/** How many reports, and how many ends without a report, are remembered. */
const MAXIMUM_REMEMBERED = 10_000;

/**
 * Knows of which connections Airbyte's notifications have reported the last end of a sync, so that polls for their syncs can
 * be rare. A notification may come before a poll finds the end of the job, or after it; it may be missing, or false.
 */
export class ReportedEnds {
  /** The jobs that notifications have named, and their connections. Any of them may be false. */
  readonly #reports = new Map<number, string | undefined>();
  /** The jobs that have ended without a report so far, and their connections. */
  readonly #unreported = new Map<number, string>();
  readonly #connections = new Set<string>();

  /** Notes that a notification says that a job has ended. */
  report(jobId: number, connectionId?: string): void {
    const endedOn = this.#unreported.get(jobId);
    if (endedOn !== undefined && mayRunOn({ connectionId }, endedOn)) {
      this.#unreported.delete(jobId);
      this.#connections.add(endedOn);
      return;
    }
    remember(this.#reports, jobId, connectionId);
  }

  /** Whether a notification has named a job that is not known to have ended. */
  hasReport(jobId: number): boolean {
    return this.#reports.has(jobId);
  }

  /** Notes that a job has ended, as Airbyte shows it. */
  end({ jobId, jobType, status }: Job, connectionId: string | undefined): void {
    if (connectionId === undefined || jobType !== REPORTED_JOB_TYPE || !REPORTED_STATUSES.includes(status)) return;
    if (this.#reports.has(jobId) && mayRunOn({ connectionId: this.#reports.get(jobId) }, connectionId)) {
      this.#reports.delete(jobId);
      this.#connections.add(connectionId);
      return;
    }
    this.#connections.delete(connectionId);
    remember(this.#unreported, jobId, connectionId);
  }

  /**
   * Whether notifications will probably report the ends of all these jobs: they did for the last syncs of their connections.
   * What a job has moved while it runs is not reported.
   */
  expectsAll(jobs: Iterable<Pick<WatchEntry, 'last' | 'connectionId' | 'readEveryMs'>>): boolean {
    for (const { last, connectionId, readEveryMs } of jobs) {
      if (last?.jobType !== REPORTED_JOB_TYPE || connectionId === undefined || readEveryMs !== undefined) return false;
      if (!this.#connections.has(connectionId)) return false;
    }
    return true;
  }
}

/** Adds an entry, and removes the oldest one if there are too many. */
function remember<Value>(map: Map<number, Value>, jobId: number, value: Value): void {
  map.delete(jobId);
  map.set(jobId, value);
  const [oldest] = map.keys();
  if (map.size > MAXIMUM_REMEMBERED && oldest !== undefined) map.delete(oldest);
}
