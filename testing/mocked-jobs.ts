import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Activities } from '../activities';
import type { JobSnapshot } from '../src/contract/connection-job';
import type { JobOutcome } from '../src/contract/job-outcome';
import type { StartableJobType } from '../src/contract/job-types';

/**
 * How a mocked job ends; what is left out is as in a job that succeeded with 1,000 records. A job whose status is `running`
 * goes on until the workflow cancels it.
 */
export type MockedJob = Partial<Omit<JobOutcome, 'jobId' | 'status'>> & {
  status?: 'succeeded' | 'failed' | 'cancelled' | 'running';
};

/** The job that an activity works on. */
export interface StartedJob {
  connectionId: string;
  jobType: StartableJobType;
  /** 1 for the first job of the connection. */
  number: number;
}

interface Job extends StartedJob {
  jobId: number;
  end: MockedJob;
  /** Resolves when the job is cancelled. */
  cancelled: Promise<void>;
  cancel(): void;
}

/** A cancellation reaches an activity with its next heartbeat. */
const HEARTBEAT_INTERVAL_MS = 100;
const FIRST_JOB_ID = 101;
const STARTED_AT = '2026-01-01T00:00:00.000Z';
const ENDED_AT = '2026-01-01T00:01:00.000Z';

type JobActivities = Pick<
  Activities,
  | 'findLastJob'
  | 'triggerSync'
  | 'findTriggeredJob'
  | 'findFormerJob'
  | 'waitForJob'
  | 'getJob'
  | 'cancelJob'
  | 'cancelWait'
>;

/** The jobs of a mocked Airbyte: they move nothing, and end as they are told to. */
export class MockedJobs {
  readonly #jobs: Job[] = [];

  constructor(private readonly endOf: (job: StartedJob) => MockedJob) {}

  get activities(): JobActivities {
    const notFound = async () => null;
    return {
      findLastJob: async ({ connectionId, jobType }) => {
        const last = this.#jobs.findLast((job) => job.connectionId === connectionId);
        return last ? toSnapshot(last, jobType) : null;
      },
      triggerSync: async ({ connectionId, jobType }) => ({
        started: true,
        job: toSnapshot(this.#start(connectionId, jobType), jobType),
      }),
      findTriggeredJob: notFound,
      findFormerJob: notFound,
      waitForJob: async ({ jobId }) => {
        const job = this.#find(jobId);
        if (job.end.status === 'running') await untilCancelled(job);
        return toOutcome(job);
      },
      getJob: async ({ jobId }) => toOutcome(this.#find(jobId)),
      cancelJob: async ({ jobId }) => {
        const job = this.#find(jobId);
        if (job.end.status === 'running')
          job.end = { recordsSynced: 0, bytesSynced: 0, ...job.end, status: 'cancelled' };
        job.cancel();
        return toOutcome(job);
      },
      cancelWait: async () => {},
    };
  }

  #start(connectionId: string, jobType: StartableJobType): Job {
    const number = this.#jobs.filter((job) => job.connectionId === connectionId).length + 1;
    const started = { connectionId, jobType, number };
    let cancel = () => {};
    const cancelled = new Promise<void>((resolve) => {
      cancel = resolve;
    });
    const job = { ...started, jobId: FIRST_JOB_ID + this.#jobs.length, end: this.endOf(started), cancelled, cancel };
    this.#jobs.push(job);
    return job;
  }

  #find(jobId: number): Job {
    const job = this.#jobs[jobId - FIRST_JOB_ID];
    if (job === undefined)
      throw ApplicationFailure.nonRetryable(`The mocked Airbyte has no job ${jobId}`, 'AirbyteNotFound');
    return job;
  }
}

async function untilCancelled({ cancelled }: Job): Promise<void> {
  const context = Context.current();
  const heartbeats = setInterval(() => context.heartbeat(), HEARTBEAT_INTERVAL_MS);
  try {
    await Promise.race([cancelled, context.cancelled]);
  } finally {
    clearInterval(heartbeats);
  }
}

function toSnapshot({ jobId, jobType, end: { status = 'succeeded' } }: Job, desired: StartableJobType): JobSnapshot {
  const sameKind = jobType === desired;
  return { jobId, status, running: status === 'running', sameKind, ...(!sameKind && { jobType }) };
}

function toOutcome({ jobId, end }: Job): JobOutcome {
  const isRunning = end.status === 'running';
  const defaults = { recordsSynced: 1_000, bytesSynced: 120_000, recordsRejected: 0, streams: [], jobAttempts: 1 };
  const times = { startedAt: STARTED_AT, endedAt: isRunning ? null : ENDED_AT };
  return { ...defaults, ...times, partialSuccess: false, ...end, jobId, status: end.status ?? 'succeeded' };
}
