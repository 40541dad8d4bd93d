import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ConnectorDefinition, DestinationDefinition } from '../connectors/registry';
import type { AirbyteBehaviour } from '../state/airbyte-versions';
import type { ActorKind } from '../state/resources';
import { type ApiCalls, type ApiContext, defineCall, uuid } from './call';
import { succeededJob } from './synchronous-jobs';

/** `source_definitions/…`, `destination_definitions/…` and the specifications of both. */
export const definitionCalls: ApiCalls = { ...callsOf('source'), ...callsOf('destination') };

function callsOf(kind: ActorKind): ApiCalls {
  const idField = `${kind}DefinitionId`;
  const byId = z.looseObject({ [idField]: uuid }).transform((body) => ({ definitionId: String(body[idField]) }));
  const toReads = ({ definitions, behaviour }: ApiContext) => ({
    [`${kind}Definitions`]: definitions.list(kind).map((definition) => toRead(definition, behaviour)),
  });
  const get = defineCall(byId, ({ definitionId }, { definitions, behaviour }) =>
    toRead(definitions.get(kind, definitionId), behaviour),
  );
  return {
    // This call has no body and ignores one that is sent.
    [`${kind}_definitions/list`]: async (_, context) => toReads(context),
    [`${kind}_definitions/list_for_workspace`]: defineCall(
      z.looseObject({ workspaceId: uuid }),
      ({ workspaceId }, context) => {
        context.store.workspace(workspaceId);
        return toReads(context);
      },
    ),
    [`${kind}_definitions/get`]: get,
    [`${kind}_definitions/get_for_workspace`]: get,
    [`${kind}_definition_specifications/get`]: defineCall(byId, async ({ definitionId }, context) => {
      const { definitions, behaviour } = context;
      const definition = definitions.get(kind, definitionId);
      const startedAt = Date.now();
      return {
        [idField]: definitionId,
        documentationUrl: documentationUrl(definition),
        connectionSpecification: await definitions.specification(definition),
        jobInfo: succeededJob({ id: randomUUID(), configType: 'get_spec', configId: definitionId, startedAt }, context),
        ...(definition.kind === 'destination'
          ? { supportedDestinationSyncModes: supportedSyncModes(definition, behaviour) }
          : {}),
      };
    }),
  };
}

/** The destination sync modes that both a destination and this version of Airbyte support. */
export function supportedSyncModes(
  { supportedDestinationSyncModes }: DestinationDefinition,
  behaviour: AirbyteBehaviour,
): string[] {
  return supportedDestinationSyncModes.filter((mode) => behaviour.hasDestinationSyncMode(mode));
}

export function toRead(definition: ConnectorDefinition, behaviour: AirbyteBehaviour): object {
  const custom = !definition.dockerRepository.startsWith('airbyte/');
  const read = {
    [`${definition.kind}DefinitionId`]: definition.definitionId,
    name: definition.name,
    dockerRepository: definition.dockerRepository,
    dockerImageTag: definition.dockerImageTag,
    documentationUrl: documentationUrl(definition),
    protocolVersion: '0.2.0',
    custom,
    supportLevel: custom ? 'none' : 'certified',
    releaseStage: custom ? 'custom' : 'generally_available',
    ...(definition.kind === 'destination' ? { supportsDbt: false, normalizationConfig: { supported: false } } : {}),
  };
  return behaviour.fieldsOf(read, {
    custom: { since: '0.63.0' },
    supportLevel: { since: '0.63.0' },
    supportsDbt: { until: '1.0.0' },
    normalizationConfig: { until: '1.0.0' },
  });
}

export function documentationUrl({ kind, dockerRepository }: ConnectorDefinition): string {
  const image = dockerRepository.slice(dockerRepository.lastIndexOf('/') + 1);
  return `https://docs.airbyte.com/integrations/${kind}s/${image.replace(/^(source|destination)-/, '')}`;
}
