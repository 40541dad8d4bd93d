import { cancellationSignal, log } from '@temporalio/activity';
import { DEFAULT_TIMINGS } from '../src/airbyte/airbyte-timings';
import { TransientErrors } from '../src/airbyte/transient-errors';
import { Discoveries } from '../src/jobs/schema-discovery';
import { SyncSlots } from '../src/jobs/sync-slots';
import type { SecretResolver } from '../src/secrets/secret-resolver';
import type { SecretMask } from '../src/text/masking/secret-mask';
import { ActivityInterceptor } from './activity-interceptor';
import { connectionSelectionActivities } from './connection-selection';
import { connectionActivities } from './connections';
import { definitionActivities } from './definitions';
import type { ActivityDependencies } from './dependencies';
import { destinationActivities } from './destinations';
import { heartbeatAndYield } from './heartbeat';
import { jobActivities } from './jobs';
import { scheduleActivities } from './schedules';
import { sourceActivities } from './sources';
import { syncActivities } from './syncs';
import { timeLeftMs } from './time-left';
import { pruningActivities } from './unnamed-connections';
import { workspaceActivities } from './workspaces';

export { SyncSlots } from '../src/jobs/sync-slots';
export type { ActivityDependencies } from './dependencies';

/**
 * The activities of a worker: one for each call of the Airbyte API, and the steps of pipelines and syncs. They fail with
 * ApplicationFailures of a type in `FAILURE_TYPES`; unforeseen errors pass as they are, and Temporal retries them.
 *
 * @example
 * const worker = await Worker.create({ taskQueue, activities: createActivities({ airbyte, jobs, secrets }), … });
 */
export function createActivities(given: ActivityDependencies) {
  const { airbyte, slots = new SyncSlots(Number.POSITIVE_INFINITY), timings = DEFAULT_TIMINGS } = given;
  const secrets = withClientSecrets(given.secrets, airbyte.masking);
  const dependencies: ActivityDependencies = { ...given, secrets };
  const discoveries = new Discoveries(airbyte.sources, timings, {
    ...{ cancellationSignal, timeLeftMs, yieldThread: heartbeatAndYield, logger: log },
  });
  const interceptor = new ActivityInterceptor(secrets, new TransientErrors(timings));
  const activities = {
    async checkHealth(): Promise<{ available: boolean }> {
      return { available: (await airbyte.health()).available };
    },
    ...workspaceActivities(dependencies),
    ...definitionActivities(dependencies),
    ...sourceActivities(dependencies, discoveries, timings),
    ...destinationActivities(dependencies, timings),
    ...connectionActivities(dependencies, discoveries),
    ...scheduleActivities(),
    ...pruningActivities(dependencies),
    ...connectionSelectionActivities(dependencies),
    ...syncActivities(dependencies, slots, timings),
    ...jobActivities(dependencies, slots, interceptor),
  };
  return interceptor.interceptAll(activities);
}

/**
 * The worker's secrets, masked together with the credentials of its Airbyte client, which masks both in every response.
 * Logs each secret that cannot be masked completely when it is resolved.
 */
function withClientSecrets(secrets: SecretResolver, masking: SecretMask): SecretResolver {
  masking.add(secrets.known);
  return {
    ...secrets,
    mask: masking.mask,
    resolve(configuration, path, recipient) {
      const resolved = secrets.resolve(configuration, path, recipient);
      for (const { name, problem } of masking.newWeakSecrets()) log.warn(`The secret ${name} ${problem}.`);
      return resolved;
    },
  };
}

export type Activities = ReturnType<typeof createActivities>;
