import type { AirbyteApi } from '../airbyte-api';
import type { AirbyteResources } from '../resources';
import { destinationSchema } from '../schemas';
import { PublicActors } from './actors';
import { probePublicApi } from './capabilities';
import { PublicConnections } from './connections';
import { PublicDefinitions } from './definitions';
import { PublicJobs } from './jobs';
import { PublicApi } from './public-api';
import { PublicSources } from './sources';
import { PublicTags } from './tags';
import { PublicWorkspaces } from './workspaces';

const DESTINATIONS = {
  path: 'destinations',
  noun: 'destination',
  idField: 'destinationId',
  definitionIdField: 'destinationDefinitionId',
} as const;

/** What a client can ask of Airbyte, asked through its public API. */
export function publicResources(airbyte: AirbyteApi): AirbyteResources {
  const api = new PublicApi(airbyte);
  const workspaces = new PublicWorkspaces(api);
  const jobs = new PublicJobs(api);
  return {
    workspaces,
    sourceDefinitions: new PublicDefinitions(api, 'sourceDefinitionId'),
    destinationDefinitions: new PublicDefinitions(api, 'destinationDefinitionId'),
    sources: new PublicSources(api),
    destinations: new PublicActors(api, DESTINATIONS, destinationSchema),
    connections: new PublicConnections(api),
    tags: new PublicTags(api),
    jobs,
    // Its own health call answers with a sentence, which any web page might.
    async health(options) {
      await api.touch('workspaces', options);
      return { available: true };
    },
    probeCapabilities: (options) => probePublicApi(api, { workspaces, jobs }, options),
  };
}
