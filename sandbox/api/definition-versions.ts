import { z } from 'zod';
import { lacksRefreshes } from '../connectors/simulated';
import { type ApiCalls, type ApiContext, defineCall, uuid } from './call';

/** `actor_definition_versions/get_for_destination`: the capabilities of a destination's connector. */
export const definitionVersionCalls: ApiCalls = {
  'actor_definition_versions/get_for_destination': defineCall(
    z.looseObject({ destinationId: uuid }),
    ({ destinationId }, context) => {
      const { definitionId } = context.store.actor('destination', destinationId);
      const { dockerRepository, dockerImageTag } = context.definitions.get('destination', definitionId);
      const read = {
        ...{ dockerRepository, dockerImageTag },
        supportsRefreshes: supportsRefreshes(destinationId, context),
        supportsDbt: false,
        normalizationConfig: { supported: false },
        supportState: 'supported',
        isVersionOverrideApplied: false,
        supportsFileTransfer: false,
        supportsDataActivation: false,
      };
      return context.behaviour.fieldsOf(read, {
        supportsDbt: { until: '1.0.0' },
        normalizationConfig: { until: '1.0.0' },
        supportsFileTransfer: { since: '1.6.0' },
        supportsDataActivation: { since: '1.8.0' },
      });
    },
  ),
};

/**
 * Whether a destination supports refreshes. Airbyte accepts a refresh of any destination, and does nothing if it does
 * not.
 */
export function supportsRefreshes(destinationId: string, { store }: ApiContext): boolean {
  return !lacksRefreshes(store.actor('destination', destinationId));
}
