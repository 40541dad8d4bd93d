import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { Source } from '../src/airbyte/schemas';
import type { ActorToPlan, AppliedActor, DesiredActor, PlannedActor, SourceSummary } from '../src/contract/actor';
import type { ListedStreams, SelectedStream } from '../src/contract/selected-stream';
import type { Discoveries } from '../src/jobs/schema-discovery';
import { updateActor } from '../src/reconcile/configuration-secrets';
import { listStreams } from '../src/reconcile/listed-streams';
import { type DesiredStream, selectStreams } from '../src/reconcile/stream-selection';
import { type Actor, type ActorCalls, applyActor, findOrCreateActor, planActor } from './actors';
import { type DocumentConfiguration, passCheck } from './connection-check';
import type { ActivityDependencies } from './dependencies';

export function sourceActivities(
  { airbyte, secrets }: Pick<ActivityDependencies, 'airbyte' | 'secrets'>,
  discoveries: Discoveries,
  patience: AirbyteTimings,
) {
  const { sources, sourceDefinitions } = airbyte;
  const calls: ActorCalls = {
    kind: 'source',
    list: async (workspaceId, options) => (await sources.list(workspaceId, options)).map(asActor),
    get: async (actorId) => asActor(await sources.get(actorId)),
    create: async ({ workspaceId, name, definitionId, configuration }) =>
      asActor(
        await sources.create({
          workspaceId,
          name,
          sourceDefinitionId: definitionId,
          connectionConfiguration: configuration,
        }),
      ),
    update: async ({ actorId, name, configuration, replaces }) =>
      asActor(
        await sources.update({
          sourceId: actorId,
          name,
          connectionConfiguration: configuration,
          ...(replaces && { replaces }),
        }),
      ),
    check: (actorId) => sources.checkConnection(actorId),
    specification: async (sourceDefinitionId, workspaceId) =>
      (await sourceDefinitions.specification({ sourceDefinitionId, workspaceId })).connectionSpecification,
    definitions: (workspaceId) => sourceDefinitions.list(workspaceId),
  };

  return {
    /** Finds the source by its name in the workspace, and creates it only where there is none. */
    async createSource(wanted: Omit<DesiredActor, 'update'>): Promise<SourceSummary & { created: boolean }> {
      const { actor, created } = await findOrCreateActor(calls, secrets, wanted);
      const { actorId: sourceId, name, definitionId: sourceDefinitionId } = actor;
      return { sourceId, name, sourceDefinitionId, workspaceId: wanted.workspaceId, created };
    },

    async listSources({ workspaceId }: { workspaceId: string }): Promise<SourceSummary[]> {
      return (await sources.list(workspaceId)).map(summarise);
    },

    async getSource({ sourceId }: { sourceId: string }): Promise<SourceSummary> {
      return summarise(await sources.get(sourceId));
    },

    async updateSource({
      configuration,
      ...source
    }: Pick<SourceSummary, 'sourceId' | 'name'> & Pick<DesiredActor, 'configuration'>): Promise<SourceSummary> {
      return updateActor(calls, secrets, configuration, {
        get: async () => toDefinitionAndWorkspace(await sources.get(source.sourceId)),
        update: async (connectionConfiguration) =>
          summarise(await sources.update({ ...source, connectionConfiguration })),
      });
    },

    /** Finds, creates or updates the source of a pipeline. */
    async applySource(wanted: DesiredActor): Promise<AppliedActor> {
      return applyActor(calls, secrets, wanted);
    },

    /** What `applySource` would do. It changes nothing. */
    async planSource(wanted: ActorToPlan): Promise<PlannedActor> {
      return planActor(calls, secrets, wanted);
    },

    /** Fails with `AirbyteCheckFailed` and the connector's own message when the source cannot be reached. */
    async checkSource({ sourceId }: { sourceId: string } & DocumentConfiguration): Promise<void> {
      const checkConnection = (signal: AbortSignal) => sources.checkConnection(sourceId, { signal });
      await passCheck('source', sourceId, { checkConnection }, patience);
    },

    /**
     * Asks the source for its streams and holds what a pipeline selects against them. The catalog itself stays here:
     * it can be larger than what Temporal takes. Where even the list of the selected streams is too long for a history, the
     * first of them come with how many there are beyond them.
     */
    async discoverSchema({
      sourceId,
      streams,
    }: {
      sourceId: string;
      streams: DesiredStream[];
    }): Promise<SelectedStream[] | ListedStreams> {
      const { catalog } = await discoveries.discover(sourceId, true);
      const found = listStreams(selectStreams(catalog, streams).map(({ selected }) => selected));
      return found.moreStreams === undefined ? found.streams : found;
    },
  };
}

function summarise({ sourceId, name, sourceDefinitionId, workspaceId }: Source): SourceSummary {
  return { sourceId, name, sourceDefinitionId, workspaceId };
}

function asActor({ sourceId, name, sourceDefinitionId, connectionConfiguration }: Source): Actor {
  return { actorId: sourceId, name, definitionId: sourceDefinitionId, configuration: connectionConfiguration };
}

function toDefinitionAndWorkspace({ sourceDefinitionId: definitionId, workspaceId }: Source) {
  return { ...(definitionId !== undefined && { definitionId }), ...(workspaceId !== undefined && { workspaceId }) };
}
