import { cancellationSignal } from '@temporalio/activity';
import type { AirbyteClient } from '../src/airbyte/client';
import { AirbyteError } from '../src/airbyte/errors';
import type { Job } from '../src/airbyte/jobs';
import type { SyncPlaces } from '../src/jobs/sync-places';
import type { ActivityDependencies } from './dependencies';
import { asSeen, foundWithin, jobSince, mayBeOursAlone, newestJob, type TriggerInput } from './job-search';
import type { SeenJob } from './jobs';
import {
  adopt,
  afterAcceptance,
  afterInactive,
  afterLostAnswer,
  afterRunning,
  given,
  isOlderThanRequest,
  STARTING_MS,
  type TriggeredSync,
  UNREPORTED_MS,
} from './start-outcomes';
import { aPlace, untilGivenUp } from './sync-limit';
import { TriggerAttempt } from './trigger-attempt';

/** A trigger that was given up. */
export interface UnreportedTrigger extends TriggerInput {
  /** Whether its request may have been sent just then. @default false */
  underWay?: boolean;
}

/** @param places who starts a job takes one of them */
export function syncActivities(
  { airbyte, secrets }: Pick<ActivityDependencies, 'airbyte' | 'secrets'>,
  places: SyncPlaces,
) {
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
     * Starts a job on a connection, exactly one however often the call is retried: a retry first looks for a job newer
     * than `lastJobId`, unless no request before it can have started one. Waits for a slot first.
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
     * under way when it was given up may take effect later. It is to be cancelled, so it is never a reset or refresh that
     * the sync has become: somebody else has asked for that.
     */
    async findTriggeredJob({ underWay = false, ...input }: UnreportedTrigger): Promise<SeenJob | null> {
      const look = () => jobSince(airbyte, input, mayBeOursAlone);
      const job = await foundWithin(underWay ? STARTING_MS : UNREPORTED_MS, look);
      return job ? asSeen(airbyte, job, input.jobType) : null;
    },
  };
}

/** Asks Airbyte for the job, and judges the answer. */
async function start(airbyte: AirbyteClient, input: TriggerInput, attempt: TriggerAttempt): Promise<TriggeredSync> {
  const { connectionId, jobType } = input;
  const { connections } = airbyte;
  attempt.waitsFor =
    'the rate limit of its requests: Airbyte was overloaded, or this worker has more to ask than it may ' +
    '(AIRBYTE_MAX_REQUESTS_PER_SECOND)';
  const mayHaveStarted = attempt.mayHaveStarted;
  let job: Job | undefined;
  try {
    job = await attempt.send<Job | undefined>((options) =>
      jobType === 'refresh'
        ? connections.refresh(connectionId, undefined, options)
        : connections[jobType](connectionId, options),
    );
  } catch (error) {
    if (!(error instanceof AirbyteError)) throw error;
    if (error.conflict === 'running') return await afterRunning(airbyte, input, error, attempt);
    if (error.conflict === 'inactive') return await afterInactive(airbyte, input, error);
    if (error.effect === 'unknown') return await afterLostAnswer(airbyte, input, error, attempt);
    throw error;
  }
  if (!job) return afterAcceptance(airbyte, input);
  // What a request before this one may have started is older than this one, and ours.
  return given(airbyte, job, input, { wasThereBefore: !mayHaveStarted && isOlderThanRequest(job, attempt.timing) });
}
