import { NotFoundError } from './api/errors';
import type { ConnectorDefinition } from './connectors/registry';
import type { ActorKind } from './store';

/** A connector that sources or destinations can be made of. */
export type Definition = ConnectorDefinition;

const AIRBYTE_IMAGE = /^airbyte\/(?:source|destination)-(.+)$/;

/** The name of a connector of Airbyte's own, by its image: `postgres` of `airbyte/source-postgres`. */
export function ofAirbyte(dockerRepository: string): string | undefined {
  return AIRBYTE_IMAGE.exec(dockerRepository)?.[1];
}

type OfKind<Kind extends ActorKind> = Extract<Definition, { kind: Kind }>;

/** The connectors that this sandbox has. */
export class Definitions {
  private readonly specifications = new Map<string, Promise<Record<string, unknown>>>();

  constructor(private readonly all: readonly Definition[]) {}

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
  specification({ definitionId, connector }: Definition): Promise<Record<string, unknown>> {
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
