import type { DefinitionQuery, DefinitionSummary } from '../src/contract/definition';
import { DomainError } from '../src/contract/domain-error';
import type { ActivityDependencies } from './dependencies';

export function definitionActivities({ airbyte }: Pick<ActivityDependencies, 'airbyte'>) {
  return {
    async listSourceDefinitions({ workspaceId }: { workspaceId: string }): Promise<DefinitionSummary[]> {
      return (await airbyte.sourceDefinitions.list(workspaceId)).map(summarise);
    },

    async getSourceDefinition(input: { sourceDefinitionId: string; workspaceId?: string }): Promise<DefinitionSummary> {
      return summarise(await airbyte.sourceDefinitions.get(input));
    },

    async findSourceDefinition({ workspaceId, definition }: DefinitionQuery): Promise<DefinitionSummary> {
      return pickDefinition('source', definition, (await airbyte.sourceDefinitions.list(workspaceId)).map(summarise));
    },

    async listDestinationDefinitions({ workspaceId }: { workspaceId: string }): Promise<DefinitionSummary[]> {
      return (await airbyte.destinationDefinitions.list(workspaceId)).map(summarise);
    },

    async getDestinationDefinition(input: {
      destinationDefinitionId: string;
      workspaceId?: string;
    }): Promise<DefinitionSummary> {
      return summarise(await airbyte.destinationDefinitions.get(input));
    },

    async findDestinationDefinition({ workspaceId, definition }: DefinitionQuery): Promise<DefinitionSummary> {
      const definitions = (await airbyte.destinationDefinitions.list(workspaceId)).map(summarise);
      return pickDefinition('destination', definition, definitions);
    },
  };
}

/**
 * Picks a definition by id, by exact name, by name without regard to case, else by a part of the name: `postgres` is
 * `Postgres` and not `AlloyDB for PostgreSQL`, `S3` is not `S3 Data Lake`.
 *
 * @throws DomainError of type `AirbyteNotFound` (none matches) or `AirbyteConflict` (several do; it lists them)
 */
function pickDefinition(
  kind: 'source' | 'destination',
  wanted: string,
  definitions: DefinitionSummary[],
): DefinitionSummary {
  const folded = wanted.toLowerCase();
  const rules: ((definition: DefinitionSummary) => boolean)[] = [
    ({ definitionId }) => definitionId === wanted,
    ({ name }) => name === wanted,
    ({ name }) => name.toLowerCase() === folded,
    ({ name }) => name.toLowerCase().includes(folded),
  ];
  for (const rule of rules) {
    const [match, ...others] = definitions.filter(rule);
    if (match && others.length === 0) return match;
    if (match) {
      const matches = [match, ...others].map(({ name, definitionId }) => `${name} (${definitionId})`).join(', ');
      throw new DomainError(
        'AirbyteConflict',
        `Several ${kind} definitions match '${wanted}': ${matches}. Give one's id.`,
      );
    }
  }
  throw new DomainError(
    'AirbyteNotFound',
    `No ${kind} definition matches '${wanted}' among the ${definitions.length} of this workspace; ` +
      `list them with: temporal-airbyte list ${kind}-definitions`,
  );
}

function summarise({ definitionId, name, dockerRepository, dockerImageTag }: DefinitionSummary): DefinitionSummary {
  return { definitionId, name, dockerRepository, dockerImageTag };
}
