import { ApplicationFailure, activityInfo, log } from '@temporalio/activity';
import type { AirbyteClient } from '../src/airbyte/client';
import { AirbyteError } from '../src/airbyte/errors';
import { isTerminal, type Job } from '../src/airbyte/jobs';
import type { JobType } from '../src/pipeline/sync-options';
import type { ActivityDependencies } from './dependencies';
import { failure } from './failures';
import type { SeenJob } from './jobs';

export interface TriggerInput {
  connectionId: string;
  jobType: JobType;
  /** The connection's newest job before this trigger; null when there was none. Every newer one is taken as ours. */
  lastJobId: number | null;
}

export interface TriggeredSync {
  job: SeenJob;
  /** False when a job was running already that we did not start. */
  started: boolean;
}

/** The Config API's `configType` of the job that each kind of trigger starts. A clear is a reset by its newer name. */
const CONFIG_TYPES: Record<JobType, string> = {
  sync: 'sync',
  reset: 'reset_connection',
  refresh: 'refresh',
  clear: 'reset_connection',
};

/** A job that was running when Airbyte refused ours may end before we look: asking again then starts ours. */
const TRIES_AFTER_CONFLICT = 3;

export function syncActivities({ airbyte }: Pick<ActivityDependencies, 'airbyte'>) {
  return {
    /**
     * The newest job of a connection, or null. Recorded before a trigger: it tells afterwards whether a trigger whose
     * answer was lost has started a job.
     */
    async findLastJob({ connectionId, jobType }: Omit<TriggerInput, 'lastJobId'>): Promise<SeenJob | null> {
      // Airbyte refuses a sync while another job runs, but a reset or clear it lets cancel that job: look for it before.
      const running = jobType === 'sync' ? undefined : await runningJob(airbyte, connectionId, jobType);
      const job = running ?? (await newestJob(airbyte, connectionId, jobType));
      return job ? asSeen(job, jobType) : null;
    },

    /**
     * Starts a job on a connection, exactly one however often the call is retried: a retry first looks for a job newer
     * than `lastJobId`.
     *
     * @throws ApplicationFailure of type `AirbyteConflict` (the connection is not active, or Airbyte refuses without a
     *   job that runs), and the client's own types
     */
    async triggerSync(input: TriggerInput): Promise<TriggeredSync> {
      const isRetry = activityInfo().attempt > 1;
      const earlier = isRetry ? await newerJob(airbyte, input) : undefined;
      if (earlier) return adopt(earlier, input.jobType);
      try {
        // Not aborted by a cancellation: a job whose id we do not know could not be cancelled.
        return await trigger(airbyte, input, isRetry);
      } catch (error) {
        if (!(error instanceof AirbyteError) || error.effect === 'none') throw error;
        const job = await newerJob(airbyte, input);
        if (job) return adopt(job, input.jobType);
        await requireActive(airbyte, input.connectionId);
        throw error;
      }
    },
  };
}

/** @param isRetry whether a trigger before this one may have started a job that did not show until now */
async function trigger(airbyte: AirbyteClient, input: TriggerInput, isRetry: boolean): Promise<TriggeredSync> {
  const { connectionId, jobType } = input;
  for (let tries = 1; ; tries++) {
    let refusal: AirbyteError | undefined;
    try {
      const job = (await airbyte.connections[jobType](connectionId)) ?? (await newerJob(airbyte, input));
      if (job) {
        log.info(`Started job ${job.jobId}`, { connectionId, jobType });
        return { job: asSeen(job, jobType), started: true };
      }
    } catch (error) {
      if (!(error instanceof AirbyteError) || error.type !== 'AirbyteConflict') throw error;
      refusal = error;
    }
    // Neither a 409 nor an answer without a job says that one runs: look.
    const running = await runningJob(airbyte, connectionId, jobType);
    if (running && isRetry && isOurs(running, input)) return adopt(running, jobType);
    if (running) return { job: asSeen(running, jobType), started: false };
    await requireActive(airbyte, connectionId);
    if (!refusal) {
      throw ApplicationFailure.retryable('Airbyte accepted the job but does not show it yet.', 'AirbyteUnavailable');
    }
    if (tries === TRIES_AFTER_CONFLICT) {
      const message = `${refusal.message} No job of the connection runs, though.`;
      throw ApplicationFailure.retryable(message, 'AirbyteConflict');
    }
  }
}

/** Takes a job for the one that our trigger has started. */
function adopt(job: Job, jobType: JobType): TriggeredSync {
  log.info(`The trigger had started job ${job.jobId}`, { connectionId: job.connectionId });
  return { job: asSeen(job, jobType), started: true };
}

async function newerJob(airbyte: AirbyteClient, input: TriggerInput): Promise<Job | undefined> {
  const job = await newestJob(airbyte, input.connectionId, input.jobType);
  return job && isOurs(job, input) ? job : undefined;
}

function isOurs({ jobId, jobType: configType }: Job, { jobType, lastJobId }: TriggerInput): boolean {
  return configType === CONFIG_TYPES[jobType] && jobId > (lastJobId ?? 0);
}

async function newestJob(airbyte: AirbyteClient, connectionId: string, jobType: JobType): Promise<Job | undefined> {
  const jobs = await airbyte.jobs.list({ connectionId, jobTypes: [CONFIG_TYPES[jobType]], pageSize: 1 });
  return jobs.reduce<Job | undefined>((newest, job) => (newest && newest.jobId > job.jobId ? newest : job), undefined);
}

/** The job that runs on a connection, of whatever kind. */
async function runningJob(airbyte: AirbyteClient, connectionId: string, jobType: JobType): Promise<Job | undefined> {
  const others = (['sync', 'reset', 'refresh'] as const).filter(
    (other) => CONFIG_TYPES[other] !== CONFIG_TYPES[jobType],
  );
  for (const kind of [jobType, ...others]) {
    const job = await newestJob(airbyte, connectionId, kind).catch((error: unknown) => {
      // Servers refuse the kinds of job that they do not know.
      if (error instanceof AirbyteError && error.type === 'AirbyteInvalidRequest') return undefined;
      throw error;
    });
    if (job && !isTerminal(job.status)) return job;
  }
  return undefined;
}

/** Airbyte answers 500 or 409 when a connection is not active, which no retry mends. */
async function requireActive(airbyte: AirbyteClient, connectionId: string): Promise<void> {
  const { status, name } = await airbyte.connections.get(connectionId);
  if (status === undefined || status === 'active') return;
  throw failure(
    'AirbyteConflict',
    `The connection '${name}' (${connectionId}) is ${status}, so Airbyte starts nothing on it. Set its status to active.`,
  );
}

function asSeen({ jobId, status, updatedAt, jobType: configType }: Job, jobType: JobType): SeenJob {
  const sameKind = configType === CONFIG_TYPES[jobType];
  return { jobId, status, running: !isTerminal(status), sameKind, ...(updatedAt !== undefined && { updatedAt }) };
}
