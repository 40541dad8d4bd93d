import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { Destination } from '../src/airbyte/schemas';
import type { ActorToPlan, AppliedActor, DesiredActor, DestinationSummary, PlannedActor } from '../src/contract/actor';
import { updateActor } from '../src/reconcile/configuration-secrets';
import { type Actor, type ActorCalls, applyActor, findOrCreateActor, planActor } from './actors';
import { type DocumentConfiguration, passCheck } from './connection-check';
import type { ActivityDependencies } from './dependencies';

export function destinationActivities(
  { airbyte, secrets }: Pick<ActivityDependencies, 'airbyte' | 'secrets'>,
  patience: AirbyteTimings,
) {
  const { destinations, destinationDefinitions } = airbyte;
  const calls: ActorCalls = {
    kind: 'destination',
    list: async (workspaceId, options) => (await destinations.list(workspaceId, options)).map(asActor),
    get: async (actorId) => asActor(await destinations.get(actorId)),
    create: async ({ workspaceId, name, definitionId, configuration }) =>
      asActor(
        await destinations.create({
          workspaceId,
          name,
          destinationDefinitionId: definitionId,
          connectionConfiguration: configuration,
        }),
      ),
    update: async ({ actorId, name, configuration, replaces }) =>
      asActor(
        await destinations.update({
          destinationId: actorId,
          name,
          connectionConfiguration: configuration,
          ...(replaces && { replaces }),
        }),
      ),
    check: (actorId) => destinations.checkConnection(actorId),
    specification: async (destinationDefinitionId, workspaceId) =>
      (await destinationDefinitions.specification({ destinationDefinitionId, workspaceId })).connectionSpecification,
    definitions: (workspaceId) => destinationDefinitions.list(workspaceId),
  };

  return {
    /** Finds the destination by its name in the workspace, and creates it only where there is none. */
    async createDestination(wanted: Omit<DesiredActor, 'update'>): Promise<DestinationSummary & { created: boolean }> {
      const { actor, created } = await findOrCreateActor(calls, secrets, wanted);
      const { actorId: destinationId, name, definitionId: destinationDefinitionId } = actor;
      return { destinationId, name, destinationDefinitionId, workspaceId: wanted.workspaceId, created };
    },

    async listDestinations({ workspaceId }: { workspaceId: string }): Promise<DestinationSummary[]> {
      return (await destinations.list(workspaceId)).map(summarise);
    },

    async getDestination({ destinationId }: { destinationId: string }): Promise<DestinationSummary> {
      return summarise(await destinations.get(destinationId));
    },

    async updateDestination({
      configuration,
      ...destination
    }: Pick<DestinationSummary, 'destinationId' | 'name'> &
      Pick<DesiredActor, 'configuration'>): Promise<DestinationSummary> {
      return updateActor(calls, secrets, configuration, {
        get: async () => toDefinitionAndWorkspace(await destinations.get(destination.destinationId)),
        update: async (connectionConfiguration) =>
          summarise(await destinations.update({ ...destination, connectionConfiguration })),
      });
    },

    /** Finds, creates or updates the destination of a pipeline. */
    async applyDestination(wanted: DesiredActor): Promise<AppliedActor> {
      return applyActor(calls, secrets, wanted);
    },

    /** What `applyDestination` would do. It changes nothing. */
    async planDestination(wanted: ActorToPlan): Promise<PlannedActor> {
      return planActor(calls, secrets, wanted);
    },

    /** Fails with `AirbyteCheckFailed` and the connector's own message when the destination cannot be reached. */
    async checkDestination({ destinationId }: { destinationId: string } & DocumentConfiguration): Promise<void> {
      const checkConnection = (signal: AbortSignal) => destinations.checkConnection(destinationId, { signal });
      await passCheck('destination', destinationId, { checkConnection }, patience);
    },
  };
}

function summarise({ destinationId, name, destinationDefinitionId, workspaceId }: Destination): DestinationSummary {
  return { destinationId, name, destinationDefinitionId, workspaceId };
}

function asActor({ destinationId, name, destinationDefinitionId, connectionConfiguration }: Destination): Actor {
  return {
    actorId: destinationId,
    name,
    definitionId: destinationDefinitionId,
    configuration: connectionConfiguration,
  };
}

function toDefinitionAndWorkspace({ destinationDefinitionId: definitionId, workspaceId }: Destination) {
  return { ...(definitionId !== undefined && { definitionId }), ...(workspaceId !== undefined && { workspaceId }) };
}
