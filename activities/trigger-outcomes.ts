import { ApplicationFailure, log } from '@temporalio/activity';
import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { ResponseTiming } from '../src/airbyte/calls';
import type { AirbyteClient } from '../src/airbyte/client';
import { AirbyteError } from '../src/airbyte/errors';
import { isTerminal, type Job } from '../src/airbyte/jobs';
import type { Connection } from '../src/airbyte/schemas';
import type { StartableJobType } from '../src/contract/job-types';
import type { TriggeredSync, TriggerInput } from '../src/contract/trigger';
import { findJobSince, mayComeFromTrigger, pollUntilFound, runningJob, toJobSnapshot } from '../src/jobs/job-search';
import { failure } from './failures';
import { shutdownSignal } from './shutdown-signal';
import type { TriggerAttempt } from './trigger-attempt';

/*
 * What has become of a request to start a job that did not simply get its job for a response: whether there is a job, and
 * whether it is ours.
 */

/** How long a job may take to show after a trigger that has ended without it. */
export const LOST_RESPONSE_WAIT_MS = 15_000;

/**
 * A job that is so much older than our request was there before it. By a clock that is the server's own, the job of our
 * request is a second older at most, the times being whole seconds; the rest allows for clocks that differ within Airbyte.
 */
const EARLIER_JOB_MARGIN_MS = 5_000;
/** Airbyte cancels a job that has waited for its turn for 8 hours: an older one tells its time otherwise. */
const MAXIMUM_QUEUED_MS = 9 * 60 * 60_000;

/** How long a refresh that Airbyte has accepted may take to show its job. */
const REFRESH_JOB_TIMEOUT_MS = 120_000;

/** Takes a job for the one that our trigger has led to. */
export function adopt(airbyte: AirbyteClient, job: Job, jobType: StartableJobType): TriggeredSync {
  log.info(`The trigger had started job ${job.jobId}`, { connectionId: job.connectionId });
  return started(airbyte, job, jobType);
}

/** A job that is ours, of the kind that was asked for or of one that was pending. */
export function started(airbyte: AirbyteClient, job: Job, jobType: StartableJobType): TriggeredSync {
  const seen = toJobSnapshot(airbyte, job, jobType);
  if (!seen.sameKind) {
    const became = `The ${jobType} has become job ${job.jobId}, a ${job.jobType}: that was pending on the connection`;
    log.warn(became, { connectionId: job.connectionId });
  }
  return { job: seen, started: true };
}

/**
 * The job that Airbyte gives as the one that our request has started. It is somebody else's when it was queued before: Airbyte
 * gives that one then, which may run by the time of the response.
 *
 * @throws ApplicationFailure of type `AirbyteUnavailable`, to be retried, when it is one that had ended before
 */
export function given(
  airbyte: AirbyteClient,
  job: Job,
  input: TriggerInput,
  { wasThereBefore }: { wasThereBefore: boolean },
): TriggeredSync {
  const { connectionId, jobType } = input;
  // The newest job was recorded before the first of our requests: what they start is newer.
  const isKnown = job.jobId <= (input.lastJobId ?? 0);
  if (isKnown && isTerminal(job.status)) {
    const was = `Airbyte gave job ${job.jobId} as the ${jobType} that it had started on connection ${connectionId}, but that had ended before.`;
    throw ApplicationFailure.retryable(was, 'AirbyteUnavailable');
  }
  if (isKnown || wasThereBefore) {
    log.info(`Job ${job.jobId} was there already (${job.status})`, { connectionId, jobType });
    return { job: toJobSnapshot(airbyte, job, jobType), started: false };
  }
  log.info(`Started job ${job.jobId}`, { connectionId, jobType });
  return started(airbyte, job, jobType);
}

/** Whether a job is older than a request, by the server's clock: ours need not agree with it. */
export function isOlderThanRequest({ createdAt }: Job, timing: ResponseTiming | undefined): boolean {
  if (createdAt === undefined || timing?.serverTimeMs === undefined) return false;
  const ageMs = timing.serverTimeMs - timing.tookMs - createdAt * 1_000;
  return ageMs > EARLIER_JOB_MARGIN_MS && ageMs < MAXIMUM_QUEUED_MS;
}

/**
 * Airbyte may have started our job, or be about to: the job is waited for as long as a start may take, whatever was lost, before
 * another one is asked for.
 */
export async function resolveLostResponse(
  airbyte: AirbyteClient,
  input: TriggerInput,
  error: AirbyteError,
  attempt: TriggerAttempt,
  { jobStartTimeoutMs }: AirbyteTimings,
): Promise<TriggeredSync> {
  const { connectionId, jobType } = input;
  const poll = () => findJobSince(airbyte, input);
  const shown = await poll().catch(ignoreRetryable);
  if (shown) return adopt(airbyte, shown, jobType);
  // What is wrong for good is said at once.
  await requireActive(airbyte, connectionId).catch(ignoreRetryable);
  const late = await attempt.waitForPossibleJob(jobStartTimeoutMs, LOST_RESPONSE_WAIT_MS, (leftMs) => {
    log.warn(`Waits up to ${Math.round(leftMs / 1_000)} s for a job that the trigger may have started`, {
      ...{ connectionId, reason: error.message },
    });
    return pollUntilFound(leftMs, poll, shutdownSignal());
  });
  if (late) return adopt(airbyte, late, jobType);
  if (error.type !== 'AirbyteConflict') throw error;
  return otherRunningJob(airbyte, input, error, await runningJob(airbyte, connectionId));
}

/** A failure that passes is left to the polls that follow. */
function ignoreRetryable(error: unknown): undefined {
  if (error instanceof AirbyteError && error.retryable) return undefined;
  throw error;
}

/** Airbyte has rejected our request, and no job is ours: another one runs, or nothing can be started. */
export async function otherRunningJob(
  airbyte: AirbyteClient,
  { connectionId, jobType }: TriggerInput,
  error: AirbyteError,
  running: Job | undefined,
): Promise<TriggeredSync> {
  if (running) return { job: toJobSnapshot(airbyte, running, jobType), started: false };
  await requireActive(airbyte, connectionId);
  // What was running has just ended, or does not show yet.
  throw ApplicationFailure.retryable(`${error.message} No job of the connection runs, though.`, 'AirbyteConflict');
}

/** Airbyte rejects a start on a connection that is not active, in ways that do not always say so: no retry mends that. */
export async function resolveInactiveConflict(
  airbyte: AirbyteClient,
  { connectionId }: TriggerInput,
  error: AirbyteError,
): Promise<never> {
  await requireActive(airbyte, connectionId);
  throw ApplicationFailure.retryable(`${error.message} The connection is active by now.`, 'AirbyteConflict');
}

/**
 * Airbyte has accepted a refresh, and did not say as which job: while another job runs, the refresh waits behind that one.
 * It says the same where the destination has no refreshes, and starts nothing then.
 */
export async function resolveAcceptedRefresh(airbyte: AirbyteClient, input: TriggerInput): Promise<TriggeredSync> {
  const { connectionId, jobType } = input;
  const ours = async () => {
    const job = await findJobSince(airbyte, input);
    return job && adopt(airbyte, job, jobType);
  };
  const shown = await ours();
  if (shown) return shown;
  const supported = await airbyte.connections.supportsRefreshes(connectionId);
  if (supported === false) throw noRefreshes(connectionId, 'does not support refreshes: Airbyte starts none');
  const found = await pollUntilFound(REFRESH_JOB_TIMEOUT_MS, async () => {
    const job = await runningJob(airbyte, connectionId);
    return job && !mayComeFromTrigger(job, input)
      ? { job: toJobSnapshot(airbyte, job, jobType), started: false }
      : ours();
  });
  if (found) return found;
  const waited = `Airbyte accepted the ${jobType} of connection ${connectionId}, but has shown no job for it for ${REFRESH_JOB_TIMEOUT_MS / 60_000} minutes.`;
  if (supported) throw ApplicationFailure.retryable(waited, 'AirbyteUnavailable');
  throw failure(
    'AirbyteUnsupported',
    `${waited} Its destination seems not to support refreshes. ${INSTEAD_OF_REFRESH}`,
  );
}

const INSTEAD_OF_REFRESH = 'Use clear, then sync.';

function noRefreshes(connectionId: string, what: string): ApplicationFailure {
  return failure('AirbyteUnsupported', `The destination of connection ${connectionId} ${what}. ${INSTEAD_OF_REFRESH}`);
}

/** What Airbyte makes of a connection that is deleted: it can still be read by its id. */
const DELETED = 'deprecated';

/** @throws ApplicationFailure, non-retryable, when the connection is inactive or deleted */
export async function requireActive(airbyte: AirbyteClient, connectionId: string): Promise<void> {
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
