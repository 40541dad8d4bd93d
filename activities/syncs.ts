import { cancellationSignal, log } from '@temporalio/activity';
import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { AirbyteClient } from '../src/airbyte/client';
import { AirbyteError } from '../src/airbyte/errors';
import type { Job } from '../src/airbyte/jobs';
import type { JobSnapshot } from '../src/contract/connection-job';
import type { AbandonedTrigger, TriggeredSync, TriggerInput, TriggerRequest } from '../src/contract/trigger';
import { ConnectionMutex } from '../src/jobs/connection-mutex';
import { findJobSince, mayBeStartedByTrigger, newestJob, pollUntilFound, toJobSnapshot } from '../src/jobs/job-search';
import type { SyncSlots } from '../src/jobs/sync-slots';
import type { ActivityDependencies } from './dependencies';
import { resolveRunningConflict } from './running-conflict';
import { shutdownSignal } from './shutdown-signal';
import { describeSlotLimit, untilGivenUp } from './slot-messages';
import type { TransientErrors } from './transient-errors';
import { TriggerAttempt } from './trigger-attempt';
import {
  adopt,
  given,
  isOlderThanRequest,
  LOST_RESPONSE_WAIT_MS,
  resolveAcceptedRefresh,
  resolveInactiveConflict,
  resolveLostResponse,
} from './trigger-outcomes';

/** @param places who starts a job takes one of them */
export function syncActivities(
  { airbyte, secrets }: Pick<ActivityDependencies, 'airbyte' | 'secrets'>,
  places: SyncSlots,
  { patience, transientErrors }: { patience: AirbyteTimings; transientErrors: Pick<TransientErrors, 'classify'> },
) {
  const turns = new ConnectionMutex();
  return {
    /**
     * The newest job of a connection, of whatever kind, or null. Recorded before a trigger: it tells afterwards whether a
     * trigger whose response was lost has started a job. Airbyte rejects a sync while another job runs, but lets a reset or
     * clear cancel that job: so what runs has to be known before.
     */
    async findLastJob({ connectionId, jobType }: Omit<TriggerInput, 'lastJobId'>): Promise<JobSnapshot | null> {
      const job = await newestJob(airbyte, connectionId, { signal: cancellationSignal() });
      return job ? toJobSnapshot(airbyte, job, jobType) : null;
    },

    /**
     * Starts a job on a connection, exactly one however often the call is retried: before a request goes out, any job that an
     * earlier one may have started is waited for. Waits for a slot first, and for those of this worker that start a job on
     * the same connection.
     *
     * @throws ApplicationFailure of type `AirbyteConflict` (the connection is not active; or, to be retried, Airbyte
     *   refuses without a job that runs), `AirbyteSyncTimedOut` (its time was over before the request was sent), and the
     *   client's own types; CancelledFailure when it was cancelled before. Where no attempt has started anything, the
     *   details say so ({@link NothingStarted}).
     */
    async triggerSync(recorded: TriggerRequest): Promise<TriggeredSync> {
      const attempt = new TriggerAttempt();
      const input = { ...recorded, lastJobId: attempt.lastJobId(recorded.lastJobId) };
      try {
        const earlier = await jobOfEarlierAttempt(airbyte, input, attempt, patience);
        if (earlier) return adopt(airbyte, earlier, input.jobType);
        attempt.waitsFor = describeSlotLimit(places);
        const startExclusively = () =>
          turns.run(
            input.connectionId,
            () => start(airbyte, input, attempt, patience),
            () => attempt.requirePoll(),
            attempt.abortBeforeSend,
          );
        return await places.whileStarting(startExclusively, untilGivenUp(places, attempt.abortBeforeSend));
      } catch (error) {
        throw attempt.failure(transientErrors.classify(error), secrets);
      } finally {
        attempt.end();
      }
    },

    /**
     * The job that a trigger which was given up has started, or null when none shows. Waits a while for it: what was
     * under way when it was given up may take effect later. It is to be cancelled, so it is never a reset or refresh that
     * the sync has become: somebody else has asked for that.
     */
    async findTriggeredJob({ underWay = false, ...input }: AbandonedTrigger): Promise<JobSnapshot | null> {
      const look = () => findJobSince(airbyte, input, mayBeStartedByTrigger);
      const job = await pollUntilFound(underWay ? patience.jobStartTimeoutMs : LOST_RESPONSE_WAIT_MS, look);
      return job ? toJobSnapshot(airbyte, job, input.jobType) : null;
    },
  };
}

/** The job that an attempt before this one has started, as far as it may have. */
async function jobOfEarlierAttempt(
  airbyte: AirbyteClient,
  input: TriggerInput,
  attempt: TriggerAttempt,
  { jobStartTimeoutMs }: AirbyteTimings,
): Promise<Job | undefined> {
  if (!attempt.mayHaveStarted) return undefined;
  const poll = () => findJobSince(airbyte, input);
  if (!attempt.mayStillAppear) return poll();
  attempt.waitsFor = 'a job that an attempt before may have started';
  const found = await attempt.waitForPossibleJob(jobStartTimeoutMs, 0, (leftMs) =>
    pollUntilFound(leftMs, poll, shutdownSignal()),
  );
  attempt.markPolled();
  return found;
}

/** A poll has shown what makes the request needless. */
class JobFoundInstead extends Error {
  constructor(readonly found: TriggeredSync) {
    super('a job was found instead');
  }
}

/** Asks Airbyte for the job, and judges the response. */
async function start(
  airbyte: AirbyteClient,
  input: TriggerRequest,
  attempt: TriggerAttempt,
  patience: AirbyteTimings,
): Promise<TriggeredSync> {
  const { connectionId, jobType } = input;
  const { connections } = airbyte;
  attempt.waitsFor =
    'the rate limit of its requests: Airbyte was overloaded, or this worker has more to ask than it may ' +
    '(AIRBYTE_MAX_REQUESTS_PER_SECOND)';
  const mayHaveStarted = attempt.mayHaveStarted;
  let job: Job | undefined;
  try {
    job = await attempt.send<Job | undefined>(
      (options) =>
        jobType === 'refresh'
          ? connections.refresh(connectionId, undefined, options)
          : connections[jobType](connectionId, options),
      () => pollBeforeRequest(airbyte, input, attempt),
    );
  } catch (error) {
    if (error instanceof JobFoundInstead) return error.found;
    if (!(error instanceof AirbyteError) || attempt.wasNotSentBecauseOf(error)) throw error;
    if (error.conflict === 'running') return await resolveRunningConflict(airbyte, input, error, attempt, patience);
    if (error.conflict === 'inactive') return await resolveInactiveConflict(airbyte, input, error);
    if (error.effect === 'unknown') return await resolveLostResponse(airbyte, input, error, attempt, patience);
    throw error;
  }
  if (!job) return resolveAcceptedRefresh(airbyte, input);
  // What a request before this one may have started is older than this one, and ours.
  return given(airbyte, job, input, { wasThereBefore: !mayHaveStarted && isOlderThanRequest(job, attempt.timing) });
}

/**
 * Looks for a job that is newer than the last known one, after a wait: what was right before it need not be so now.
 *
 * @throws JobFoundInstead when one runs, is ours, or will do
 */
async function pollBeforeRequest(
  airbyte: AirbyteClient,
  input: TriggerRequest,
  attempt: TriggerAttempt,
): Promise<void> {
  const { connectionId, jobType } = input;
  const newest = await newestJob(airbyte, connectionId, { signal: attempt.abortBeforeSend, first: true });
  if (newest === undefined || newest.jobId <= (input.lastJobId ?? 0)) return;
  if (attempt.mayHaveStarted) {
    const ours = await findJobSince(airbyte, input);
    if (ours) throw new JobFoundInstead(adopt(airbyte, ours, jobType));
  }
  const seen = toJobSnapshot(airbyte, newest, jobType);
  if (seen.running) throw new JobFoundInstead({ job: seen, started: false });
  if (attempt.mayHaveStarted) return;
  if (input.joins === true && seen.sameKind && newest.status === 'succeeded') {
    log.info(`Job ${newest.jobId} was started and has succeeded while the ${jobType} waited`, { connectionId });
    throw new JobFoundInstead({ job: seen, started: false });
  }
  // It has come and gone: only one that is newer can be ours.
  input.lastJobId = newest.jobId;
  attempt.ignoreJob(newest.jobId);
}
