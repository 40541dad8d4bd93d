import type { DefinitionQuery, DefinitionSummary } from '../src/contract/definition';
import { findDefinition } from '../src/reconcile/lookup/definitions';
import type { ActivityDependencies } from './dependencies';

export function definitionActivities({ airbyte }: Pick<ActivityDependencies, 'airbyte'>) {
  const { sourceDefinitions, destinationDefinitions } = airbyte;
  return {
    async listSourceDefinitions({ workspaceId }: { workspaceId: string }): Promise<DefinitionSummary[]> {
      return (await sourceDefinitions.list(workspaceId)).map(summarise);
    },

    async getSourceDefinition(input: { sourceDefinitionId: string; workspaceId?: string }): Promise<DefinitionSummary> {
      return summarise(await sourceDefinitions.get(input));
    },

    async findSourceDefinition({ workspaceId, definition }: DefinitionQuery): Promise<DefinitionSummary> {
      return summarise(findDefinition('source', definition, await sourceDefinitions.list(workspaceId)));
    },

    async listDestinationDefinitions({ workspaceId }: { workspaceId: string }): Promise<DefinitionSummary[]> {
      return (await destinationDefinitions.list(workspaceId)).map(summarise);
    },

    async getDestinationDefinition(input: {
      destinationDefinitionId: string;
      workspaceId?: string;
    }): Promise<DefinitionSummary> {
      return summarise(await destinationDefinitions.get(input));
    },

    async findDestinationDefinition({ workspaceId, definition }: DefinitionQuery): Promise<DefinitionSummary> {
      return summarise(findDefinition('destination', definition, await destinationDefinitions.list(workspaceId)));
    },
  };
}

function summarise({ definitionId, name, dockerRepository, dockerImageTag }: DefinitionSummary): DefinitionSummary {
  return { definitionId, name, dockerRepository, dockerImageTag };
}
