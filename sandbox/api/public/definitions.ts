import { z } from 'zod';
import { airbyteConnectorName, type ConnectorDefinition } from '../../connectors/registry';
import { UncaughtError } from '../../state/errors';
import type { ActorKind } from '../../state/resources';
import { uuid } from '../call';
import { documentationUrl } from '../definitions';
import { definePublicCall, type PublicCall } from './call';

/** `workspaces/{workspaceId}/definitions/sources` or `destinations`. */
export function listDefinitions(kind: ActorKind): PublicCall {
  return definePublicCall({}, ({ id }, { store, definitions }) => {
    store.workspace(id('workspaceId'));
    return { data: definitions.list(kind).map(toRead) };
  });
}

export function getDefinition(kind: ActorKind): PublicCall {
  return definePublicCall({}, ({ id }, { store, definitions }) => {
    store.workspace(id('workspaceId'));
    return toRead(definitions.get(kind, id('definitionId')));
  });
}

export const listConnectorDefinitions: PublicCall = definePublicCall(
  { query: z.object({ type: z.enum(['source', 'destination']), workspaceId: uuid.optional() }) },
  ({ query: { type, workspaceId } }, { store, definitions }) => {
    if (workspaceId === undefined) {
      throw new UncaughtError('Workspace ID must be provided.', 'java.lang.IllegalArgumentException');
    }
    store.workspace(workspaceId);
    const data = definitions.list(type).map(({ definitionId, name, dockerImageTag }) => {
      return { id: definitionId, connectorDefinitionType: type, name, version: dockerImageTag };
    });
    return { data };
  },
);

function toRead(definition: ConnectorDefinition): object {
  const { definitionId: id, name, dockerRepository, dockerImageTag } = definition;
  return { id, name, dockerRepository, dockerImageTag, documentationUrl: documentationUrl(definition) };
}

/** The public API's name for a connector, such as `postgres`. Not every connector has one. */
export function typeName({ dockerRepository, publicName }: ConnectorDefinition): string {
  return publicName ?? airbyteConnectorName(dockerRepository) ?? '';
}
