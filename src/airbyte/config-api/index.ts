import type { AirbyteApi } from '../airbyte-api';
import { publicApiUrl } from '../airbyte-url';
import type { CallOptions } from '../calls';
import { PublicApi } from '../public-api/public-api';
import { PublicWorkspaces } from '../public-api/workspaces';
import type { FlavourModule, Workspaces } from '../resources';
import { healthSchema } from '../schemas';
import { ConfigDestinations, ConfigSources } from './actors';
import { probeConfigApi } from './capabilities';
import { ConfigApi } from './config-api';
import { ConfigConnections } from './connections';
import { ConfigDefinitions } from './definitions';
import { ConfigJobs } from './jobs';
import { ConfigTags } from './tags';
import { ConfigWebhooks } from './webhooks';
import { ConfigWorkspaces, listWorkspaces } from './workspaces';

/** The module for Airbyte's Config API, from 0.50 to 2026. */
export function configFlavour(airbyte: AirbyteApi): FlavourModule {
  const api = new ConfigApi(airbyte);
  const publicWorkspaces = new PublicWorkspaces(new PublicApi(airbyte, publicApiUrl(airbyte.baseUrl)));
  const workspaces = new ConfigWorkspaces(api, publicWorkspaces);
  const jobs = new ConfigJobs(api);
  return {
    resources: {
      workspaces,
      sourceDefinitions: new ConfigDefinitions(api, 'sourceDefinitionId'),
      destinationDefinitions: new ConfigDefinitions(api, 'destinationDefinitionId'),
      sources: new ConfigSources(api),
      destinations: new ConfigDestinations(api),
      connections: new ConfigConnections(api),
      tags: new ConfigTags(api),
      jobs,
      webhooks: new ConfigWebhooks(api),
    },
    health: (options) => readHealth(api, workspaces, options),
    probeCapabilities: (options) =>
      probeConfigApi(api, () => listWorkspaces(api, publicWorkspaces, options), jobs, options),
  };
}

/** Lists the workspaces instead, if the server has no health call. */
function readHealth(
  api: ConfigApi,
  workspaces: Workspaces,
  options: CallOptions | undefined,
): Promise<{ available: boolean }> {
  return api.unsupportedEndpoints.withFallback(
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
