import type { DefinitionSummary } from '../../contract/definition';
import { DomainError } from '../../contract/domain-error';
import type { ActorKind } from '../actor-calls';
import { Lookup } from './id-or-name';

/**
 * Finds a definition by id, by exact name, by name regardless of case, or by a part of the name, in this order: `postgres`
 * means `Postgres` and not `AlloyDB for PostgreSQL`, and `S3` does not mean `S3 Data Lake`.
 *
 * @throws DomainError `AirbyteNotFound` when none matches; `AirbyteConflict` that lists them when several do
 */
export function findDefinition<T extends DefinitionSummary>(
  kind: ActorKind,
  desired: string,
  definitions: readonly T[],
): T {
  const folded = desired.toLowerCase();
  const lookup = new Lookup(definitions, ({ definitionId, name }) => ({ id: definitionId, name }));
  const searches = [
    () => lookup.byIdOrName(desired),
    () => definitions.filter(({ name }) => name.toLowerCase() === folded),
    () => definitions.filter(({ name }) => name.toLowerCase().includes(folded)),
  ];
  for (const search of searches) {
    const matches = search();
    const [match] = matches;
    if (match && matches.length === 1) return match;
    if (match) {
      const titles = matches.map(({ name, definitionId }) => `${name} (${definitionId})`).join(', ');
      throw new DomainError(
        'AirbyteConflict',
        `Several ${kind} definitions match '${desired}': ${titles}. Give one's id.`,
      );
    }
  }
  throw new DomainError(
    'AirbyteNotFound',
    `No ${kind} definition matches '${desired}' among the ${definitions.length} of this workspace; ` +
      `list them with: temporal-airbyte list ${kind}-definitions`,
  );
}
