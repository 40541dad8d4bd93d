import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import { destinationCalls } from '../src/reconcile/actor-calls';
import { actorActivities } from './actors';
import type { ActivityDependencies } from './dependencies';

export function destinationActivities(
  { airbyte, secrets }: Pick<ActivityDependencies, 'airbyte' | 'secrets'>,
  timings: AirbyteTimings,
) {
  const fields = { id: 'destinationId', definitionId: 'destinationDefinitionId' } as const;
  const actors = actorActivities(destinationCalls(airbyte), fields, { secrets, timings });
  return {
    createDestination: actors.create,
    listDestinations: actors.list,
    getDestination: actors.get,
    updateDestination: actors.update,
    applyDestination: actors.apply,
    planDestination: actors.plan,
    checkDestination: actors.check,
    checkDestinationConfiguration: actors.checkConfiguration,
  };
}
