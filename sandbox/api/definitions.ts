import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Definition, Definitions } from '../definitions';
import type { ActorKind } from '../store';
import { type ApiCalls, defineCall, uuid } from './call';
import { succeededJob } from './synchronous-jobs';

/** `source_definitions/…`, `destination_definitions/…` and the specifications of both. */
export const definitionCalls: ApiCalls = { ...callsOf('source'), ...callsOf('destination') };

function callsOf(kind: ActorKind): ApiCalls {
  const idField = `${kind}DefinitionId`;
  const byId = z.looseObject({ [idField]: uuid }).transform((body) => ({ definitionId: String(body[idField]) }));
  const toReads = (definitions: Definitions) => ({ [`${kind}Definitions`]: definitions.list(kind).map(toRead) });
  const get = defineCall(byId, ({ definitionId }, { definitions }) => toRead(definitions.get(kind, definitionId)));
  return {
    // It takes no body; whatever is sent is not looked at.
    [`${kind}_definitions/list`]: async (_, { definitions }) => toReads(definitions),
    [`${kind}_definitions/list_for_workspace`]: defineCall(
      z.looseObject({ workspaceId: uuid }),
      ({ workspaceId }, { store, definitions }) => {
        store.workspace(workspaceId);
        return toReads(definitions);
      },
    ),
    [`${kind}_definitions/get`]: get,
    [`${kind}_definitions/get_for_workspace`]: get,
    [`${kind}_definition_specifications/get`]: defineCall(byId, async ({ definitionId }, { definitions }) => {
      const definition = definitions.get(kind, definitionId);
      const startedAt = Date.now();
      return {
        [idField]: definitionId,
        documentationUrl: documentationUrl(definition),
        connectionSpecification: await definitions.specification(definition),
        jobInfo: succeededJob({ id: randomUUID(), configType: 'get_spec', configId: definitionId, startedAt }),
        ...(definition.kind === 'destination'
          ? { supportedDestinationSyncModes: definition.supportedDestinationSyncModes }
          : {}),
      };
    }),
  };
}

export function toRead(definition: Definition): object {
  const custom = !definition.dockerRepository.startsWith('airbyte/');
  return {
    [`${definition.kind}DefinitionId`]: definition.definitionId,
    name: definition.name,
    dockerRepository: definition.dockerRepository,
    dockerImageTag: definition.dockerImageTag,
    documentationUrl: documentationUrl(definition),
    protocolVersion: '0.2.0',
    custom,
    supportLevel: custom ? 'none' : 'certified',
    releaseStage: custom ? 'custom' : 'generally_available',
  };
}

function documentationUrl({ kind, dockerRepository }: Definition): string {
  const image = dockerRepository.slice(dockerRepository.lastIndexOf('/') + 1);
  return `https://docs.airbyte.com/integrations/${kind}s/${image.replace(/^(source|destination)-/, '')}`;
}
