import type { CallOptions } from '../airbyte/calls';
import type { AirbyteClient } from '../airbyte/client';
import type {
  Actors,
  ConnectionCheck,
  Connections,
  DefinitionIdField,
  Definitions,
  ListOptions,
} from '../airbyte/resources';
import type { Definition } from '../airbyte/schemas';

export type ActorKind = 'source' | 'destination';
export type ActorIdField = 'sourceId' | 'destinationId';

/** A source or a destination. Airbyte calls both actors; they differ in the names of their fields. */
export interface Actor {
  actorId: string;
  name: string;
  /** Left out where the server does not say. */
  definitionId?: string | undefined;
  workspaceId?: string | undefined;
  /** Left out where it is unknown. */
  configuration?: Record<string, unknown> | undefined;
}

/** Airbyte's calls for sources or destinations, in the same words for both. */
export interface ActorCalls {
  kind: ActorKind;
  list(workspaceId: string, options?: ListOptions): Promise<Actor[]>;
  get(actorId: string): Promise<Actor>;
  create(actor: NewActor): Promise<Actor>;
  update(actor: ChangedActor): Promise<Actor>;
  /** Fails with `AirbyteNotFound` when there is no such actor. */
  check(actorId: string, options?: CallOptions): Promise<ConnectionCheck>;
  /** Checks the configuration that an actor is to get, and saves nothing. */
  checkForUpdate(actor: Omit<ChangedActor, 'replaces'>, options?: CallOptions): Promise<ConnectionCheck>;
  /** Checks the configuration of an actor that is to be created, and creates nothing. */
  checkForCreate(actor: Omit<NewActor, 'name'>, options?: CallOptions): Promise<ConnectionCheck>;
  /** The connections that have the actor. */
  connectionIds(workspaceId: string, actorId: string): Promise<string[]>;
  /** The connector's specification, a JSON Schema. */
  specification(definitionId: string, workspaceId: string): Promise<unknown>;
  definitions(workspaceId: string): Promise<Definition[]>;
}

export interface NewActor {
  workspaceId: string;
  name: string;
  definitionId: string;
  configuration: Record<string, unknown>;
}

export interface ChangedActor {
  actorId: string;
  name: string;
  configuration: Record<string, unknown>;
  /** Whether the configuration replaces the present one, so that fields which it leaves out are removed. */
  replaces?: boolean;
}

export function sourceCalls({ sources, sourceDefinitions, connections }: AirbyteClient): ActorCalls {
  const fields = { id: 'sourceId', definitionId: 'sourceDefinitionId' } as const;
  return actorCalls('source', fields, { actors: sources, definitions: sourceDefinitions, connections });
}

export function destinationCalls({ destinations, destinationDefinitions, connections }: AirbyteClient): ActorCalls {
  const fields = { id: 'destinationId', definitionId: 'destinationDefinitionId' } as const;
  return actorCalls('destination', fields, { actors: destinations, definitions: destinationDefinitions, connections });
}

/** A source or a destination as Airbyte sends it. */
type AirbyteActor<IdField extends string, DefinitionField extends string> = Record<IdField, string> & {
  [Field in DefinitionField]?: string | undefined;
} & {
  name: string;
  workspaceId?: string | undefined;
  connectionConfiguration?: Record<string, unknown> | undefined;
};

function actorCalls<
  IdField extends ActorIdField,
  DefinitionField extends DefinitionIdField,
  Sent extends AirbyteActor<IdField, DefinitionField>,
>(
  kind: ActorKind,
  fields: { id: IdField; definitionId: DefinitionField },
  {
    actors,
    definitions,
    connections,
  }: {
    actors: Actors<IdField, DefinitionField, Sent>;
    definitions: Definitions<DefinitionField>;
    connections: Pick<Connections, 'list'>;
  },
): ActorCalls {
  const toActor = (sent: AirbyteActor<IdField, DefinitionField>): Actor => ({
    actorId: sent[fields.id],
    name: sent.name,
    definitionId: sent[fields.definitionId],
    workspaceId: sent.workspaceId,
    configuration: sent.connectionConfiguration,
  });
  return {
    kind,
    list: async (workspaceId, options) => (await actors.list(workspaceId, options)).map(toActor),
    get: async (actorId) => toActor(await actors.get(actorId)),
    create: async ({ workspaceId, name, definitionId, configuration: connectionConfiguration }) =>
      toActor(
        await actors.create({
          ...withField(fields.definitionId, definitionId),
          ...{ workspaceId, name, connectionConfiguration },
        }),
      ),
    update: async ({ actorId, configuration: connectionConfiguration, name, replaces }) =>
      toActor(
        await actors.update({
          ...withField(fields.id, actorId),
          ...{ name, connectionConfiguration, ...(replaces && { replaces }) },
        }),
      ),
    check: (actorId, options) => actors.checkConnection(actorId, options),
    checkForUpdate: ({ actorId, name, configuration: connectionConfiguration }, options) =>
      actors.checkConnectionForUpdate({ ...withField(fields.id, actorId), name, connectionConfiguration }, options),
    checkForCreate: ({ workspaceId, definitionId, configuration: connectionConfiguration }, options) =>
      actors.checkConnectionForCreate(
        { ...withField(fields.definitionId, definitionId), workspaceId, connectionConfiguration },
        options,
      ),
    connectionIds: async (workspaceId, actorId) =>
      (await connections.list(workspaceId))
        .filter((connection) => connection[fields.id] === actorId)
        .map(({ connectionId }) => connectionId),
    specification: async (definitionId, workspaceId) => {
      const request = { ...withField(fields.definitionId, definitionId), workspaceId };
      return (await definitions.specification(request)).connectionSpecification;
    },
    definitions: (workspaceId) => definitions.list(workspaceId),
  };
}

/** An object with one field, whose name keeps its type. */
export function withField<Field extends string, Value>(field: Field, value: Value): Record<Field, Value> {
  return { [field]: value } as Record<Field, Value>;
}
