import type { CallOptions } from '../calls';
import { AirbyteError } from '../errors';
import type { DiscoveredSchema, Sources } from '../resources';
import { sentence } from '../responses/response-errors';
import { type Source, sourceSchema } from '../schemas';
import { PublicActors } from './actors';
import { type PublicApi, USE_CONFIG_API } from './public-api';
import { streamPropertiesSchema } from './streams';

/** What Airbyte's server says before the connector's own words, when a discovery has failed. */
const CONNECTOR_FAILED = /Something went wrong in the connector\.(?: logs: ?)?(.*)/s;

export class PublicSources extends PublicActors<'sourceId', 'sourceDefinitionId', Source> implements Sources {
  constructor(api: PublicApi) {
    const names = {
      path: 'sources',
      noun: 'source',
      idField: 'sourceId',
      definitionIdField: 'sourceDefinitionId',
    } as const;
    super(api, names, sourceSchema);
  }

  async discoverSchema(
    sourceId: string,
    request: { disableCache?: boolean; connectionId?: string } = {},
    options?: CallOptions,
  ): Promise<DiscoveredSchema> {
    if (request.connectionId !== undefined) {
      throw this.api.unsupported('GET streams', 'A discovery that compares with a connection', USE_CONFIG_API);
    }
    const query = { sourceId, ignoreCache: request.disableCache };
    try {
      const streams = await this.api.get('streams', query, streamPropertiesSchema, options, 'discover');
      return { catalog: { streams } };
    } catch (error) {
      throw error instanceof AirbyteError ? this.#withExplanation(error) : error;
    }
  }

  /** A connector that fails is answered as a fault of the server's own, which would be tried again and again. */
  #withExplanation(error: AirbyteError): AirbyteError {
    const reason = CONNECTOR_FAILED.exec(error.reason ?? '')?.[1];
    if (error.status !== 500 || reason === undefined) return error;
    return new AirbyteError({
      type: 'AirbyteInvalidRequest',
      call: error.call,
      status: error.status,
      message: `${error.call} at ${this.api.baseUrl} found no schema: ${sentence(reason.trim() || 'Airbyte gave no reason')} Correct the source's configuration, or see that the source is up.`,
      retryable: false,
      effect: 'none',
      isOfJob: true,
    });
  }
}
