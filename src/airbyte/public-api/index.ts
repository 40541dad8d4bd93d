import type { AirbyteApi } from '../airbyte-api';
import type { FlavourModule } from '../resources';
import { destinationSchema } from '../schemas';
import { PublicActors } from './actors';
import { probePublicApi } from './capabilities';
import { PublicConnections } from './connections';
import { PublicDefinitions } from './definitions';
import { PublicJobs } from './jobs';
import { PublicApi } from './public-api';
import { PublicSources } from './sources';
import { PublicTags } from './tags';
import { PublicWebhooks } from './webhooks';
import { PublicWorkspaces } from './workspaces';

const DESTINATIONS = {
  path: 'destinations',
  noun: 'destination',
  idField: 'destinationId',
  definitionIdField: 'destinationDefinitionId',
} as const;

/** The module for Airbyte's public API. */
export function publicFlavour(airbyte: AirbyteApi): FlavourModule {
  const api = new PublicApi(airbyte);
  const workspaces = new PublicWorkspaces(api);
  const jobs = new PublicJobs(api);
  return {
    resources: {
      workspaces,
      sourceDefinitions: new PublicDefinitions(api, 'sourceDefinitionId'),
      destinationDefinitions: new PublicDefinitions(api, 'destinationDefinitionId'),
      sources: new PublicSources(api),
      destinations: new PublicActors(api, DESTINATIONS, destinationSchema),
      connections: new PublicConnections(api),
      tags: new PublicTags(api),
      jobs,
      webhooks: new PublicWebhooks(api),
    },
    // The API's own health call returns a text, which any web page might do as well.
    async health(options) {
      await api.checkListable('workspaces', options);
      return { available: true };
    },
    probeCapabilities: (options) => probePublicApi(api, { workspaces, jobs }, options),
  };
}
