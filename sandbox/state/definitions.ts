import type { ConnectorDefinition } from '../connectors/registry';
import { NotFoundError } from './errors';
import type { ActorKind } from './resources';

type OfKind<Kind extends ActorKind> = Extract<ConnectorDefinition, { kind: Kind }>;

/** The connectors of this sandbox. */
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

  /** The JSON schema of a definition's configuration. The connector is asked for it once. */
  specification({ definitionId, connector }: ConnectorDefinition): Promise<Record<string, unknown>> {
    let specification = this.specifications.get(definitionId);
    if (specification === undefined) {
      specification = connector.spec();
      this.specifications.set(definitionId, specification);
      // After a failure, the next caller asks the connector again.
      specification.catch(() => this.specifications.delete(definitionId));
    }
    return specification;
  }
}
