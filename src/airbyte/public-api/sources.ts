import { asSentence } from '../../text/as-sentence';
import type { CallOptions } from '../calls';
import { AirbyteError } from '../errors';
import type { DiscoveredSchema, Sources } from '../resources';
import { type Source, sourceSchema } from '../schemas';
import { PublicActors } from './actors';
import { type PublicApi, USE_CONFIG_API } from './public-api';
import { streamPropertiesSchema } from './streams';

/** Airbyte's text before the connector's own message, when a discovery has failed. */
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

  async discoverSchemaOfConfiguration(): Promise<DiscoveredSchema> {
    throw this.api.unsupported('scheduler/sources/discover_schema', 'A discovery before a change', USE_CONFIG_API);
  }

  /**
   * Airbyte reports a failed connector as an internal server error. As such it would be retried, so it becomes an
   * invalid request.
   */
  #withExplanation(error: AirbyteError): AirbyteError {
    const reason = CONNECTOR_FAILED.exec(error.reason ?? '')?.[1];
    if (error.status !== 500 || reason === undefined) return error;
    return new AirbyteError({
      type: 'AirbyteInvalidRequest',
      call: error.call,
      status: error.status,
      message: `${error.call} at ${this.api.baseUrl} found no schema: ${asSentence(reason.trim() || 'Airbyte gave no reason')} Correct the source's configuration, or check that the source is running.`,
      retryable: false,
      effect: 'none',
      isOfJob: true,
    });
  }
}
