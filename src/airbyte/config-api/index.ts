import type { AirbyteApi } from '../airbyte-api';
import { publicApiUrl } from '../airbyte-url';
import type { CallOptions } from '../calls';
import { PublicApi } from '../public-api/public-api';
import { PublicWorkspaces } from '../public-api/workspaces';
import type { AirbyteResources, Workspaces } from '../resources';
import { healthSchema } from '../schemas';
import { ConfigDestinations, ConfigSources } from './actors';
import { probeConfigApi } from './capabilities';
import { ConfigApi } from './config-api';
import { ConfigConnections } from './connections';
import { ConfigDefinitions } from './definitions';
import { ConfigJobs } from './jobs';
import { ConfigTags } from './tags';
import { ConfigWorkspaces, listWorkspaces } from './workspaces';

/** What a client can ask of Airbyte, asked through its Config API, from 0.50 to 2026. */
export function configResources(airbyte: AirbyteApi): AirbyteResources {
  const api = new ConfigApi(airbyte);
  const publicWorkspaces = new PublicWorkspaces(new PublicApi(airbyte, publicApiUrl(airbyte.baseUrl)));
  const workspaces = new ConfigWorkspaces(api, publicWorkspaces);
  const jobs = new ConfigJobs(api);
  return {
    workspaces,
    sourceDefinitions: new ConfigDefinitions(api, 'sourceDefinitionId'),
    destinationDefinitions: new ConfigDefinitions(api, 'destinationDefinitionId'),
    sources: new ConfigSources(api),
    destinations: new ConfigDestinations(api),
    connections: new ConfigConnections(api),
    tags: new ConfigTags(api),
    jobs,
    health: (options) => readHealth(api, workspaces, options),
    probeCapabilities: (options) =>
      probeConfigApi(api, () => listWorkspaces(api, publicWorkspaces, options), jobs, options),
  };
}

/** A server without a health call is asked for its workspaces instead. */
function readHealth(
  api: ConfigApi,
  workspaces: Workspaces,
  options: CallOptions | undefined,
): Promise<{ available: boolean }> {
  return api.lacked.withFallback(
    'health',
    async (call) => {
      const { available } = await api.get(call, healthSchema, options);
      return { available: available ?? true };
    },
    async () => {
      await workspaces.list(options);
      return { available: true };
    },
    ({ status }) => status === 404,
  );
}
