import { cancellationSignal, log } from '@temporalio/activity';
import type { AirbyteClient } from '../src/airbyte/client';
import { AirbyteError } from '../src/airbyte/errors';
import type { Job } from '../src/airbyte/jobs';
import type { SeenJob } from '../src/contract/connection-job';
import type { SyncPlaces } from '../src/jobs/sync-places';
import type { ActivityDependencies } from './dependencies';
import { asSeen, foundWithin, jobSince, mayBeOursAlone, newestJob, type TriggerInput } from './job-search';
import type { PassingTrouble } from './passing-trouble';
import type { Patience } from './patience';
import { afterRunning } from './running-conflict';
import { shutdownSignal } from './shutdown-signal';
import {
  adopt,
  afterAcceptance,
  afterInactive,
  afterLostAnswer,
  given,
  isOlderThanRequest,
  type TriggeredSync,
  UNREPORTED_MS,
} from './start-outcomes';
import { aPlace, untilGivenUp } from './sync-limit';
import { TriggerAttempt } from './trigger-attempt';
import { Turns } from './turns';

/** A trigger to be made. */
export interface TriggerRequest extends TriggerInput {
  /**
   * Whether a job of the same kind will do that somebody else has started since the last one was recorded, also when it has
   * succeeded by the time that the request can be sent: it has read the source after the sync was asked for.
   *
   * @default false
   */
  joins?: boolean;
}

/** A trigger that was given up. */
export interface UnreportedTrigger extends TriggerInput {
  /** Whether its request may have been sent just then. @default false */
  underWay?: boolean;
}

/** @param places who starts a job takes one of them */
export function syncActivities(
  { airbyte, secrets }: Pick<ActivityDependencies, 'airbyte' | 'secrets'>,
  places: SyncPlaces,
  { patience, trouble }: { patience: Patience; trouble: Pick<PassingTrouble, 'judged'> },
) {
  const turns = new Turns();
  return {
    /**
     * The newest job of a connection, of whatever kind, or null. Recorded before a trigger: it tells afterwards whether a
     * trigger whose response was lost has started a job. Airbyte rejects a sync while another job runs, but lets a reset or
     * clear cancel that job: so what runs has to be known before.
     */
    async findLastJob({ connectionId, jobType }: Omit<TriggerInput, 'lastJobId'>): Promise<SeenJob | null> {
      const job = await newestJob(airbyte, connectionId, { signal: cancellationSignal() });
      return job ? asSeen(airbyte, job, jobType) : null;
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
        attempt.waitsFor = aPlace(places);
        const startInTurn = () =>
          turns.run(
            input.connectionId,
            () => start(airbyte, input, attempt, patience),
            () => attempt.mustPoll(),
            attempt.unsent,
          );
        return await places.whileStarting(startInTurn, untilGivenUp(places, attempt.unsent));
      } catch (error) {
        throw attempt.failure(trouble.judged(error), secrets);
      } finally {
        attempt.end();
      }
    },

    /**
     * The job that a trigger which was given up has started, or null when none shows. Waits a while for it: what was
     * under way when it was given up may take effect later. It is to be cancelled, so it is never a reset or refresh that
     * the sync has become: somebody else has asked for that.
     */
    async findTriggeredJob({ underWay = false, ...input }: UnreportedTrigger): Promise<SeenJob | null> {
      const look = () => jobSince(airbyte, input, mayBeOursAlone);
      const job = await foundWithin(underWay ? patience.startsWithinMs : UNREPORTED_MS, look);
      return job ? asSeen(airbyte, job, input.jobType) : null;
    },
  };
}

/** The job that an attempt before this one has started, as far as it may have. */
async function jobOfEarlierAttempt(
  airbyte: AirbyteClient,
  input: TriggerInput,
  attempt: TriggerAttempt,
  { startsWithinMs }: Patience,
): Promise<Job | undefined> {
  if (!attempt.mayHaveStarted) return undefined;
  const poll = () => jobSince(airbyte, input);
  if (!attempt.mayStillShow) return poll();
  attempt.waitsFor = 'a job that an attempt before may have started';
  const found = await attempt.waitingItOut(startsWithinMs, 0, (leftMs) => foundWithin(leftMs, poll, shutdownSignal()));
  attempt.hasPolled();
  return found;
}

/** A poll has shown what makes the request needless. */
class FoundInstead extends Error {
  constructor(readonly found: TriggeredSync) {
    super('a job was found instead');
  }
}

/** Asks Airbyte for the job, and judges the response. */
async function start(
  airbyte: AirbyteClient,
  input: TriggerRequest,
  attempt: TriggerAttempt,
  patience: Patience,
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
    if (error instanceof FoundInstead) return error.found;
    if (!(error instanceof AirbyteError) || attempt.wasHeldBackBy(error)) throw error;
    if (error.conflict === 'running') return await afterRunning(airbyte, input, error, attempt, patience);
    if (error.conflict === 'inactive') return await afterInactive(airbyte, input, error);
    if (error.effect === 'unknown') return await afterLostAnswer(airbyte, input, error, attempt, patience);
    throw error;
  }
  if (!job) return afterAcceptance(airbyte, input);
  // What a request before this one may have started is older than this one, and ours.
  return given(airbyte, job, input, { wasThereBefore: !mayHaveStarted && isOlderThanRequest(job, attempt.timing) });
}

/**
 * Looks for a job that is newer than the last known one, after a wait: what was right before it need not be so now.
 *
 * @throws FoundInstead when one runs, is ours, or will do
 */
async function pollBeforeRequest(
  airbyte: AirbyteClient,
  input: TriggerRequest,
  attempt: TriggerAttempt,
): Promise<void> {
  const { connectionId, jobType } = input;
  const newest = await newestJob(airbyte, connectionId, { signal: attempt.unsent, first: true });
  if (newest === undefined || newest.jobId <= (input.lastJobId ?? 0)) return;
  if (attempt.mayHaveStarted) {
    const ours = await jobSince(airbyte, input);
    if (ours) throw new FoundInstead(adopt(airbyte, ours, jobType));
  }
  const seen = asSeen(airbyte, newest, jobType);
  if (seen.running) throw new FoundInstead({ job: seen, started: false });
  if (attempt.mayHaveStarted) return;
  if (input.joins === true && seen.sameKind && newest.status === 'succeeded') {
    log.info(`Job ${newest.jobId} was started and has succeeded while the ${jobType} waited`, { connectionId });
    throw new FoundInstead({ job: seen, started: false });
  }
  // It has come and gone: only one that is newer can be ours.
  input.lastJobId = newest.jobId;
  attempt.isNotOurs(newest.jobId);
}
