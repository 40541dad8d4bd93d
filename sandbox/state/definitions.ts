import type { ConnectorDefinition } from '../connectors/registry';
import { NotFoundError } from './errors';
import type { ActorKind } from './resources';

type OfKind<Kind extends ActorKind> = Extract<ConnectorDefinition, { kind: Kind }>;

/** The connectors that this sandbox has. */
export class Definitions {
  private readonly specifications = new Map<string, Promise<Record<string, unknown>>>();

  constructor(private readonly all: readonly ConnectorDefinition[]) {}

  list<Kind extends ActorKind>(kind: Kind): OfKind<Kind>[] {
    return this.all.filter((definition): definition is OfKind<Kind> => definition.kind === kind);
  }

  /** @throws NotFoundError */
  get<Kind extends ActorKind>(kind: Kind, definitionId: string): OfKind<Kind> {
    const found = this.list(kind).find((definition) => definition.definitionId === definitionId);
    if (found !== undefined) return found;
    throw new NotFoundError(
      kind === 'source' ? 'STANDARD_SOURCE_DEFINITION' : 'STANDARD_DESTINATION_DEFINITION',
      definitionId,
    );
  }

  /** The JSON schema of a definition's configuration; asked of the connector once. */
  specification({ definitionId, connector }: ConnectorDefinition): Promise<Record<string, unknown>> {
    let specification = this.specifications.get(definitionId);
    if (specification === undefined) {
      specification = connector.spec();
      this.specifications.set(definitionId, specification);
      // The next one asks again.
      specification.catch(() => this.specifications.delete(definitionId));
    }
    return specification;
  }
}
