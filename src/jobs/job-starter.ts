import type { AirbyteTimings } from '../airbyte/airbyte-timings';
import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import type { Job } from '../airbyte/jobs';
import type { TriggeredSync, TriggerRequest } from '../contract/trigger';
import { ConnectionMutex } from './connection-mutex';
import { findJobSince, newestJob, pollUntilFound, toJobSnapshot } from './job-search';
import { resolveRunningConflict } from './running-conflict';
import type { SyncSlots } from './sync-slots';
import { TriggerAttempt } from './trigger-attempt';
import type { TriggerContext } from './trigger-context';
import {
  adopt,
  isOlderThanRequest,
  resolveAcceptedRefresh,
  resolveInactiveConflict,
  resolveLostResponse,
  resolveReturnedJob,
} from './trigger-outcomes';
import type { TriggerPorts } from './trigger-ports';

/** Thrown by the poll before a request: it has found a job that makes the request unnecessary. */
class JobFoundInstead extends Error {
  constructor(readonly found: TriggeredSync) {
    super('a job was found instead');
  }
}

/**
 * Starts jobs on connections, exactly one for each trigger however often it is retried: before a request is sent, the trigger
 * waits for any job that an earlier attempt may have started.
 */
export class JobStarter {
  readonly #mutex = new ConnectionMutex();

  constructor(
    private readonly airbyte: AirbyteClient,
    private readonly slots: SyncSlots,
    private readonly timings: Pick<AirbyteTimings, 'jobStartTimeoutMs'>,
  ) {}

  /**
   * Starts a job once there is a slot for it and no other trigger of this process uses the connection.
   *
   * @throws ConnectionInactiveError, ConnectionDeletedError, RefreshUnsupportedError, TriggerUnresolvedError,
   *   TriggerSupersededError, TriggerTimedOutError, NoSlotError, AirbyteError, and CancelledFailure when it was cancelled
   *   before the request. If no attempt has started anything, the details say so ({@link NothingStarted}).
   */
  async start(request: TriggerRequest, ports: TriggerPorts): Promise<TriggeredSync> {
    const attempt = new TriggerAttempt(request, ports);
    const context = { ...ports, airbyte: this.airbyte, attempt, ...this.timings };
    const { abortBeforeSend } = attempt;
    const { isWaitedForElsewhere } = ports;
    try {
      const earlier = await findJobOfEarlierAttempt(context);
      if (earlier) return adopt(context, earlier);
      attempt.waitingFor = this.slots.limit;
      return await this.slots.whileStarting(
        () =>
          this.#mutex.run(
            request.connectionId,
            () => startJob(context),
            () => attempt.requirePoll(),
            abortBeforeSend,
          ),
        {
          signal: abortBeforeSend,
          onQueued: () => ports.logger.info(`Waits for ${this.slots.limit}`),
          ...(isWaitedForElsewhere && { isWaitedForElsewhere }),
        },
      );
    } catch (error) {
      throw attempt.toError(error);
    } finally {
      attempt.end();
    }
  }
}

/** The job that an earlier attempt has started, if one may have. */
async function findJobOfEarlierAttempt(context: TriggerContext): Promise<Job | undefined> {
  const { airbyte, attempt } = context;
  if (!attempt.mayHaveStarted) return undefined;
  const poll = () => findJobSince(airbyte, attempt.input);
  if (!attempt.mayStillAppear) return poll();
  attempt.waitingFor = 'a job that an earlier attempt may have started';
  const found = await attempt.waitForPossibleJob(context.jobStartTimeoutMs, 0, (leftMs) =>
    pollUntilFound(leftMs, poll, context.shutdown),
  );
  attempt.markPolled();
  return found;
}

/** Sends the request to Airbyte, and resolves its response. */
async function startJob(context: TriggerContext): Promise<TriggeredSync> {
  const { airbyte, attempt } = context;
  const { connectionId, jobType } = attempt.input;
  attempt.waitingFor =
    'the rate limit of its requests: Airbyte was overloaded, or this worker sends more requests than it may ' +
    '(AIRBYTE_MAX_REQUESTS_PER_SECOND)';
  const mayHaveStarted = attempt.mayHaveStarted;
  let job: Job | undefined;
  try {
    job = await attempt.send<Job | undefined>(
      (options) =>
        jobType === 'refresh'
          ? airbyte.connections.refresh(connectionId, undefined, options)
          : airbyte.connections[jobType](connectionId, options),
      () => pollBeforeRequest(context),
    );
  } catch (error) {
    if (error instanceof JobFoundInstead) return error.found;
    if (!(error instanceof AirbyteError) || attempt.wasNotSentBecauseOf(error)) throw error;
    if (error.conflict === 'running') return resolveRunningConflict(context, error);
    if (error.conflict === 'inactive') return resolveInactiveConflict(context, error);
    if (error.effect === 'unknown') return resolveLostResponse(context, error);
    throw error;
  }
  if (!job) return resolveAcceptedRefresh(context);
  // An earlier request of ours may have started a job that is older than this request.
  return resolveReturnedJob(context, job, {
    wasThereBefore: !mayHaveStarted && isOlderThanRequest(job, attempt.timing),
  });
}

/**
 * Searches for a job that is newer than the last known one, after a wait in which other callers may have started one.
 *
 * @throws JobFoundInstead when the job runs, is ours, or satisfies the request
 */
async function pollBeforeRequest(context: TriggerContext): Promise<void> {
  const { airbyte, attempt } = context;
  const { connectionId, jobType, lastJobId, joins } = attempt.input;
  const newest = await newestJob(airbyte, connectionId, { signal: attempt.abortBeforeSend, first: true });
  if (newest === undefined || newest.jobId <= (lastJobId ?? 0)) return;
  if (attempt.mayHaveStarted) {
    const ours = await findJobSince(airbyte, attempt.input);
    if (ours) throw new JobFoundInstead(adopt(context, ours));
  }
  const snapshot = toJobSnapshot(airbyte, newest, jobType);
  if (snapshot.running) throw new JobFoundInstead({ job: snapshot, started: false });
  if (attempt.mayHaveStarted) return;
  if (joins === true && snapshot.sameKind && newest.status === 'succeeded') {
    context.logger.info(`Job ${newest.jobId} was started and has succeeded while the ${jobType} waited`, {
      connectionId,
    });
    throw new JobFoundInstead({ job: snapshot, started: false });
  }
  // The job has ended and is not ours: only a newer one can be.
  attempt.ignoreJob(newest.jobId);
}
