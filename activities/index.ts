import { DEFAULT_TIMINGS } from '../src/airbyte/airbyte-timings';
import { SyncSlots } from '../src/jobs/sync-slots';
import { onBehalfOf } from '../src/text/masking/caller-texts';
import type { Mask } from '../src/text/masking/secret-mask';
import { assertResultSize, assertWithinLimits } from './bounds';
import { connectionSelectionActivities } from './connection-selection';
import { connectionActivities } from './connections';
import { definitionActivities } from './definitions';
import type { ActivityDependencies } from './dependencies';
import { destinationActivities } from './destinations';
import { toFailure } from './failures';
import { whileHeartbeating } from './heartbeat';
import { jobActivities } from './jobs';
import { maskResult, withClientSecrets } from './masked-secrets';
import { resetSyncActivities } from './reset-syncs';
import { scheduleActivities } from './schedules';
import { Discoveries } from './schema-discovery';
import { sourceActivities } from './sources';
import { syncActivities } from './syncs';
import { TransientErrors } from './transient-errors';
import { pruningActivities } from './unnamed-connections';
import { workspaceActivities } from './workspaces';

export type { ActivityDependencies } from './dependencies';

/**
 * The activities of a worker: one for each call of the Airbyte API, and the few that pipelines and syncs are made of.
 * What Airbyte refuses or cannot do, they throw as ApplicationFailures with a type of `FAILURE_TYPES`; anything unforeseen
 * passes as it is, and Temporal tries again.
 *
 * @example
 * const worker = await Worker.create({ taskQueue, activities: createActivities({ airbyte, jobs, secrets }), … });
 */
export function createActivities(given: ActivityDependencies) {
  const { airbyte, maxConcurrentSyncs = Number.POSITIVE_INFINITY, patience = DEFAULT_TIMINGS } = given;
  const secrets = withClientSecrets(given.secrets, airbyte.masking);
  const dependencies: ActivityDependencies = { ...given, secrets };
  const places = new SyncSlots(maxConcurrentSyncs);
  const discoveries = new Discoveries(airbyte.sources, patience);
  const trouble = new TransientErrors(patience);
  const activities = {
    async checkHealth(): Promise<{ available: boolean }> {
      return { available: (await airbyte.health()).available };
    },
    ...workspaceActivities(dependencies),
    ...definitionActivities(dependencies),
    ...sourceActivities(dependencies, discoveries, patience),
    ...destinationActivities(dependencies, patience),
    ...connectionActivities(dependencies, discoveries),
    ...scheduleActivities(),
    ...pruningActivities(dependencies),
    ...connectionSelectionActivities(dependencies),
    ...resetSyncActivities(dependencies, patience),
    ...syncActivities(dependencies, places, { patience, trouble }),
    ...jobActivities(dependencies, places),
  };
  return wrapEach(
    activities,
    secrets.mask,
    (error, name) => toFailure(PATIENT.includes(name) ? error : trouble.judged(error), secrets),
    () => trouble.isOver(),
  );
}

type Activity = (...args: never[]) => Promise<unknown>;

/** Activities that wait by themselves until trouble has passed. */
const PATIENT: readonly string[] = ['waitForJob'];

/**
 * What every activity does besides its call: bounds, heartbeats, failures with a type of ours, and no secret in any of
 * them.
 */
function wrapEach<T extends Record<string, Activity>>(
  activities: T,
  mask: Mask,
  failureOf: (error: unknown, name: string) => unknown,
  onSuccess: () => void,
): T {
  const wrap = (name: string, activity: Activity): Activity => {
    const bounded = async (...args: never[]) => {
      assertWithinLimits(args);
      return assertResultSize(name, maskResult(await activity(...args), mask));
    };
    const told = async (...args: never[]) => {
      try {
        const result = await whileHeartbeating(() => bounded(...args));
        onSuccess();
        return result;
      } catch (error) {
        throw failureOf(error, name);
      }
    };
    return (...args) => onBehalfOf(args, () => told(...args));
  };
  return Object.fromEntries(Object.entries(activities).map(([name, activity]) => [name, wrap(name, activity)])) as T;
}

export type Activities = ReturnType<typeof createActivities>;
