import { ApplicationFailure, cancellationSignal, log } from '@temporalio/activity';
import type { StartableJobType } from '../src/airbyte/capabilities';
import type { AirbyteClient } from '../src/airbyte/client';
import { AirbyteError } from '../src/airbyte/errors';
import type { CallOptions } from '../src/airbyte/http';
import { isTerminal, type Job } from '../src/airbyte/jobs';
import type { Connection } from '../src/airbyte/schemas';
import type { SyncPlaces } from '../src/jobs/sync-places';
import type { ActivityDependencies } from './dependencies';
import { failure } from './failures';
import type { SeenJob } from './jobs';
import { aPlace, untilGivenUp } from './sync-limit';
import { TriggerAttempt } from './trigger-attempt';

export interface TriggerInput {
  connectionId: string;
  jobType: StartableJobType;
  /** The connection's newest job before this trigger; null when there was none. Ours can only be a newer one. */
  lastJobId: number | null;
}

/** A trigger that was given up. */
export interface UnreportedTrigger extends TriggerInput {
  /** Whether its request may have been sent just then. @default false */
  underWay?: boolean;
}

export interface TriggeredSync {
  job: SeenJob;
  /** False when a job was running already that we did not start. */
  started: boolean;
}

/** The Config API's `configType` of the job that each kind of trigger starts. A clear is a reset by its newer name. */
const CONFIG_TYPES: Record<StartableJobType, string> = {
  sync: 'sync',
  reset: 'reset_connection',
  refresh: 'refresh',
  clear: 'reset_connection',
};

/** Jobs read in search of ours. More than that did not start on one connection while an answer was waited for. */
const JOBS_READ = 20;

/** What Airbyte takes to start a job at most. */
const STARTING_MS = 130_000;
/** Gateways lose their patience after 60 s: the rest of it. */
const BEHIND_GATEWAY_MS = STARTING_MS - 60_000;
/** How long a job may take to show after a trigger that has ended without it. */
const UNREPORTED_MS = 15_000;
const LOOK_EVERY_MS = 2_000;

/** @param places who starts a job takes one of them */
export function syncActivities(
  { airbyte, secrets }: Pick<ActivityDependencies, 'airbyte' | 'secrets'>,
  places: SyncPlaces,
) {
  return {
    /**
     * The newest job of a connection, or null. Recorded before a trigger: it tells afterwards whether a trigger whose
     * answer was lost has started a job.
     */
    async findLastJob({ connectionId, jobType }: Omit<TriggerInput, 'lastJobId'>): Promise<SeenJob | null> {
      // Airbyte refuses a sync while another job runs, but a reset or clear it lets cancel that job: look for it before.
      const options = { signal: cancellationSignal() };
      const running = jobType === 'sync' ? undefined : await runningJob(airbyte, connectionId, jobType, options);
      const job = running ?? (await jobsOf(airbyte, connectionId, jobType, 1, options))[0];
      return job ? asSeen(airbyte, job, jobType) : null;
    },

    /**
     * Starts a job on a connection, exactly one however often the call is retried: a retry first looks for a job newer
     * than `lastJobId`, unless no request before it can have started one. Waits for a place first.
     *
     * @throws ApplicationFailure of type `AirbyteConflict` (the connection is not active; or, to be retried, Airbyte
     *   refuses without a job that runs), `AirbyteSyncTimedOut` (its time was over before the request was sent), and the
     *   client's own types; CancelledFailure when it was cancelled before. Where no attempt has started anything, the
     *   details say so ({@link NothingStarted}).
     */
    async triggerSync(input: TriggerInput): Promise<TriggeredSync> {
      const attempt = new TriggerAttempt();
      try {
        const earlier = attempt.mayHaveStarted ? await jobSince(airbyte, input) : undefined;
        if (earlier) return adopt(airbyte, earlier, input.jobType);
        attempt.waitsFor = aPlace(places);
        return await places.whileStarting(() => start(airbyte, input, attempt), untilGivenUp(places, attempt.unsent));
      } catch (error) {
        throw attempt.failure(error, secrets);
      } finally {
        attempt.end();
      }
    },

    /**
     * The job that a trigger which was given up has started, or null when none shows. Waits a while for it: what was
     * under way when it was given up may take effect later.
     */
    async findTriggeredJob({ underWay = false, ...input }: UnreportedTrigger): Promise<SeenJob | null> {
      const job = await jobSinceWithin(airbyte, input, underWay ? STARTING_MS : UNREPORTED_MS);
      return job ? asSeen(airbyte, job, input.jobType) : null;
    },
  };
}

/** Asks Airbyte for the job, and judges the answer. */
async function start(airbyte: AirbyteClient, input: TriggerInput, attempt: TriggerAttempt): Promise<TriggeredSync> {
  const { connectionId, jobType } = input;
  const { connections } = airbyte;
  attempt.waitsFor =
    'the turn of its request: Airbyte was overloaded, or this worker has more to ask than it may ' +
    '(AIRBYTE_MAX_REQUESTS_PER_SECOND)';
  let job: Job | undefined;
  try {
    job = await attempt.send<Job | undefined>((options) =>
      jobType === 'refresh'
        ? connections.refresh(connectionId, undefined, options)
        : connections[jobType](connectionId, options),
    );
  } catch (error) {
    if (!(error instanceof AirbyteError)) throw error;
    if (error.effect === 'unknown') return await afterLostAnswer(airbyte, input, error);
    if (error.type === 'AirbyteConflict') return await afterConflict(airbyte, input, error, attempt);
    throw error;
  }
  if (!job) return afterAcceptance(airbyte, input);
  log.info(`Started job ${job.jobId}`, { connectionId, jobType });
  return { job: asSeen(airbyte, job, jobType), started: true };
}

/** Airbyte may have started our job, or be about to. */
async function afterLostAnswer(airbyte: AirbyteClient, input: TriggerInput, error: AirbyteError) {
  // Behind a gateway that has lost its patience, the request is still under way.
  const job = await jobSinceWithin(airbyte, input, error.status === 504 ? BEHIND_GATEWAY_MS : 0);
  if (job) return adopt(airbyte, job, input.jobType);
  await requireActive(airbyte, input.connectionId);
  throw error;
}

/** A 409 alone does not say that a job runs. */
async function afterConflict(
  airbyte: AirbyteClient,
  input: TriggerInput,
  refusal: AirbyteError,
  { mayHaveStarted }: TriggerAttempt,
): Promise<TriggeredSync> {
  const { connectionId, jobType } = input;
  const running = await runningJob(airbyte, connectionId, jobType);
  // What a trigger before this one has started may show only now.
  if (running && mayHaveStarted && isOurs(running, input)) return adopt(airbyte, running, jobType);
  if (running) return { job: asSeen(airbyte, running, jobType), started: false };
  await requireActive(airbyte, connectionId);
  // What was running has just ended, or does not show yet.
  throw ApplicationFailure.retryable(`${refusal.message} No job of the connection runs, though.`, 'AirbyteConflict');
}

/** Airbyte has taken a refresh on, and did not say as which job. While another job runs, it waits behind that one. */
async function afterAcceptance(airbyte: AirbyteClient, input: TriggerInput): Promise<TriggeredSync> {
  const { connectionId, jobType } = input;
  const job = await jobSince(airbyte, input);
  if (job) return adopt(airbyte, job, jobType);
  const running = await runningJob(airbyte, connectionId, jobType);
  if (running) return { job: asSeen(airbyte, running, jobType), started: false };
  throw ApplicationFailure.retryable(
    `Airbyte accepted the ${jobType} of connection ${connectionId} but does not show its job yet.`,
    'AirbyteUnavailable',
  );
}

/** Takes a job for the one that our trigger has started. */
function adopt(airbyte: AirbyteClient, job: Job, jobType: StartableJobType): TriggeredSync {
  log.info(`The trigger had started job ${job.jobId}`, { connectionId: job.connectionId });
  return { job: asSeen(airbyte, job, jobType), started: true };
}

/**
 * The first job after `lastJobId`: the one that a trigger has started whose answer is lost. A later one started after
 * ours had ended, and is somebody else's.
 */
async function jobSince(airbyte: AirbyteClient, input: TriggerInput): Promise<Job | undefined> {
  const jobs = await jobsOf(airbyte, input.connectionId, input.jobType, JOBS_READ);
  return jobs.findLast((job) => isOurs(job, input));
}

/** The same, looked for until it shows or the time is over. */
async function jobSinceWithin(airbyte: AirbyteClient, input: TriggerInput, withinMs: number): Promise<Job | undefined> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const lastLook = performance.now() >= giveUpAt;
    const job = await jobSince(airbyte, input).catch((error: unknown) => {
      if (lastLook || !(error instanceof AirbyteError && error.retryable)) throw error;
      return undefined;
    });
    if (job || lastLook) return job;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function isOurs({ jobId, jobType: configType }: Job, { jobType, lastJobId }: TriggerInput): boolean {
  return configType === CONFIG_TYPES[jobType] && jobId > (lastJobId ?? 0);
}

/** The jobs of one kind on a connection, the newest first, however the server sorts them. */
async function jobsOf(
  airbyte: AirbyteClient,
  connectionId: string,
  jobType: StartableJobType,
  pageSize: number,
  options?: CallOptions,
): Promise<Job[]> {
  try {
    const jobs = await airbyte.jobs.list({ connectionId, jobTypes: [CONFIG_TYPES[jobType]], pageSize }, options);
    return jobs.sort((one, other) => other.jobId - one.jobId);
  } catch (error) {
    // Servers refuse the kinds of job that they do not know: there are none of those.
    if (jobType !== 'sync' && error instanceof AirbyteError && error.type === 'AirbyteInvalidRequest') return [];
    throw error;
  }
}

/** The job that runs on a connection, of whatever kind. */
export async function runningJob(
  airbyte: AirbyteClient,
  connectionId: string,
  jobType: StartableJobType = 'sync',
  options?: CallOptions,
): Promise<Job | undefined> {
  const others = (['sync', 'reset', 'refresh'] as const).filter(
    (other) => CONFIG_TYPES[other] !== CONFIG_TYPES[jobType],
  );
  for (const kind of [jobType, ...others]) {
    const [newest] = await jobsOf(airbyte, connectionId, kind, 1, options);
    if (newest && !isTerminal(newest.status)) return newest;
  }
  return undefined;
}

/** What Airbyte makes of a connection that is deleted: it can still be read by its id. */
const DELETED = 'deprecated';

/** Airbyte answers 500 or 409 when a connection is not active, which no retry mends. */
async function requireActive(airbyte: AirbyteClient, connectionId: string): Promise<void> {
  const { status, name } = await airbyte.connections.get(connectionId).catch((error: unknown) => {
    // A server that does not show its connections leaves the first error as what is wrong.
    if (error instanceof AirbyteError && error.type === 'AirbyteUnsupported') return {} as Partial<Connection>;
    throw error;
  });
  if (status === undefined || status === 'active') return;
  if (status === DELETED) {
    throw failure(
      'AirbyteNotFound',
      `The connection '${name}' (${connectionId}) was deleted in Airbyte. Delete the schedule, or whatever else starts its syncs.`,
    );
  }
  throw failure(
    'AirbyteConflict',
    `The connection '${name}' (${connectionId}) is ${status}, so Airbyte starts nothing on it. Set its status to active.`,
  );
}

function asSeen({ webappUrl }: AirbyteClient, job: Job, jobType: StartableJobType): SeenJob {
  const { jobId, status, updatedAt } = job;
  const sameKind = job.jobType === CONFIG_TYPES[jobType];
  const running = !isTerminal(status);
  return { jobId, status, running, sameKind, ...(updatedAt !== undefined && { updatedAt }), webappUrl };
}
