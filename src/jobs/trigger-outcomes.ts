import type { ResponseTiming } from '../airbyte/calls';
import { AirbyteError } from '../airbyte/errors';
import { isTerminal, type Job } from '../airbyte/jobs';
import type { Connection } from '../airbyte/schemas';
import type { TriggeredSync } from '../contract/trigger';
import {
  ConnectionDeletedError,
  ConnectionInactiveError,
  RefreshUnsupportedError,
  TriggerUnresolvedError,
} from './errors';
import { findJobSince, mayComeFromTrigger, pollUntilFound, runningJob, toJobSnapshot } from './job-search';
import type { TriggerContext } from './trigger-context';

/*
 * These functions find out which job a trigger has led to, and whether it is ours, when the response does not simply name
 * the started job.
 */

/** How long a job may take to appear after a trigger that has ended without one. */
export const LOST_RESPONSE_WAIT_MS = 15_000;

/**
 * A job that is older than our request by more than this was there before it. By the server's clock, which counts whole
 * seconds, our job is older by a second at most. The rest allows for clocks that differ within Airbyte.
 */
const EARLIER_JOB_MARGIN_MS = 5_000;
/** Airbyte cancels a job that was queued for 8 hours. So a job that seems older has a creation time that is wrong. */
const MAXIMUM_QUEUED_MS = 9 * 60 * 60_000;

/** How long the job of an accepted refresh may take to appear. */
const REFRESH_JOB_TIMEOUT_MS = 120_000;

/** Adopts a job that was found after the request as the one that the request has started. */
export function adopt(context: TriggerContext, job: Job): TriggeredSync {
  context.logger.info(`The trigger had started job ${job.jobId}`, { connectionId: job.connectionId });
  context.onAdopted?.();
  return startedByUs(context, job);
}

/** A job that is ours. It may be of another kind: a request becomes the job that was pending on the connection. */
function startedByUs({ airbyte, attempt, logger }: TriggerContext, job: Job): TriggeredSync {
  const { jobType } = attempt.input;
  const snapshot = toJobSnapshot(airbyte, job, jobType);
  if (!snapshot.sameKind) {
    const became = `The ${jobType} has become job ${job.jobId}, a ${job.jobType}: that was pending on the connection`;
    logger.warn(became, { connectionId: job.connectionId });
  }
  return { job: snapshot, started: true };
}

/** A job that another caller has started. */
export function startedByOther({ airbyte, attempt }: TriggerContext, job: Job): TriggeredSync {
  return { job: toJobSnapshot(airbyte, job, attempt.input.jobType), started: false };
}

/**
 * Judges the job that Airbyte returns as the one that our request has started. If a job was queued before, Airbyte returns
 * that one, which another caller has started and which may run by the time of the response.
 *
 * @throws TriggerUnresolvedError when the job had ended before
 */
export function resolveReturnedJob(
  context: TriggerContext,
  job: Job,
  { wasThereBefore }: { wasThereBefore: boolean },
): TriggeredSync {
  const { connectionId, jobType, lastJobId } = context.attempt.input;
  // The newest job was recorded before our first request: the jobs of our requests are newer.
  const isKnown = job.jobId <= (lastJobId ?? 0);
  if (isKnown && isTerminal(job.status)) {
    throw new TriggerUnresolvedError(
      'AirbyteUnavailable',
      `Airbyte returned job ${job.jobId} as the ${jobType} that it had started on connection ${connectionId}, but that job had ended before.`,
    );
  }
  if (isKnown || wasThereBefore) {
    context.logger.info(`Job ${job.jobId} was there already (${job.status})`, { connectionId, jobType });
    return startedByOther(context, job);
  }
  context.logger.info(`Started job ${job.jobId}`, { connectionId, jobType });
  return startedByUs(context, job);
}

/** Whether a job is older than a request, by the server's clock: ours may differ from it. */
export function isOlderThanRequest({ createdAt }: Job, timing: ResponseTiming | undefined): boolean {
  if (createdAt === undefined || timing?.serverTimeMs === undefined) return false;
  const ageMs = timing.serverTimeMs - timing.tookMs - createdAt * 1_000;
  return ageMs > EARLIER_JOB_MARGIN_MS && ageMs < MAXIMUM_QUEUED_MS;
}

/**
 * Waits for the job of a request without a response. Airbyte may have started it, or be about to: no other request is sent
 * before the time is over that a start may take.
 */
export async function resolveLostResponse(context: TriggerContext, error: AirbyteError): Promise<TriggeredSync> {
  const { airbyte, attempt, logger } = context;
  const { connectionId } = attempt.input;
  const poll = () => findJobSince(airbyte, attempt.input);
  const shown = await poll().catch(ignoreRetryable);
  if (shown) return adopt(context, shown);
  // An inactive connection is a final error, which needs no wait.
  await requireActive(context).catch(ignoreRetryable);
  const late = await attempt.waitForPossibleJob(context.jobStartTimeoutMs, LOST_RESPONSE_WAIT_MS, (leftMs) => {
    logger.warn(`Waits up to ${Math.round(leftMs / 1_000)} s for a job that the trigger may have started`, {
      ...{ connectionId, reason: error.message },
    });
    return pollUntilFound(leftMs, poll, context.shutdown);
  });
  if (late) return adopt(context, late);
  if (error.type !== 'AirbyteConflict') throw error;
  return resolveOtherJob(context, error, await runningJob(airbyte, connectionId));
}

/** Leaves a retryable error to the polls that follow. */
function ignoreRetryable(error: unknown): undefined {
  if (error instanceof AirbyteError && error.retryable) return undefined;
  throw error;
}

/**
 * Resolves a rejected request whose connection has no job of ours: another caller's job runs, or nothing can be started.
 *
 * @throws TriggerUnresolvedError when no job runs any more, or none is visible yet
 */
export async function resolveOtherJob(
  context: TriggerContext,
  error: AirbyteError,
  running: Job | undefined,
): Promise<TriggeredSync> {
  if (running) return startedByOther(context, running);
  await requireActive(context);
  throw new TriggerUnresolvedError('AirbyteConflict', `${error.message} No job of the connection runs, though.`);
}

/** Airbyte rejects a start on a connection that is not active, and does not always say so. */
export async function resolveInactiveConflict(context: TriggerContext, error: AirbyteError): Promise<never> {
  await requireActive(context);
  throw new TriggerUnresolvedError('AirbyteConflict', `${error.message} The connection is active by now.`);
}

/**
 * Finds the job of a refresh that Airbyte has accepted without naming one. While another job runs, the refresh waits behind
 * it. Airbyte gives the same response for a destination that does not support refreshes, and then starts nothing.
 */
export async function resolveAcceptedRefresh(context: TriggerContext): Promise<TriggeredSync> {
  const { airbyte, attempt } = context;
  const { connectionId, jobType } = attempt.input;
  const findOurs = async () => {
    const job = await findJobSince(airbyte, attempt.input);
    return job && adopt(context, job);
  };
  const shown = await findOurs();
  if (shown) return shown;
  const supported = await airbyte.connections.supportsRefreshes(connectionId);
  if (supported === false) {
    throw new RefreshUnsupportedError(
      `The destination of connection ${connectionId} does not support refreshes: Airbyte starts none.`,
    );
  }
  const found = await pollUntilFound(REFRESH_JOB_TIMEOUT_MS, async () => {
    const job = await runningJob(airbyte, connectionId);
    return job && !mayComeFromTrigger(job, attempt.input) ? startedByOther(context, job) : findOurs();
  });
  if (found) return found;
  const waited = `Airbyte accepted the ${jobType} of connection ${connectionId}, but has shown no job for it for ${REFRESH_JOB_TIMEOUT_MS / 60_000} minutes.`;
  if (supported) throw new TriggerUnresolvedError('AirbyteUnavailable', waited);
  throw new RefreshUnsupportedError(`${waited} Its destination seems not to support refreshes.`);
}

/** The status of a deleted connection, which Airbyte still returns by its id. */
const DELETED = 'deprecated';

/** @throws ConnectionInactiveError, ConnectionDeletedError */
export async function requireActive({ airbyte, attempt }: TriggerContext): Promise<void> {
  const { connectionId } = attempt.input;
  const { status, name } = await airbyte.connections.get(connectionId).catch((error: unknown) => {
    // On a server that does not show its connections, the error of the trigger is all that is known.
    if (error instanceof AirbyteError && error.type === 'AirbyteUnsupported') return {} as Partial<Connection>;
    throw error;
  });
  if (status === undefined || status === 'active') return;
  const connection = `'${name}' (${connectionId})`;
  throw status === DELETED ? new ConnectionDeletedError(connection) : new ConnectionInactiveError(connection, status);
}
