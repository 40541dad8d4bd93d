import { Destinations, Sources } from './actors';
import type { AirbyteAuth } from './auth';
import { ConfigApi, isMissingCall } from './config-api';
import { normalizeConfigApiUrl } from './config-api-url';
import { Connections } from './connections';
import { Definitions } from './definitions';
import { AirbyteError } from './errors';
import type { CallKind, CallOptions } from './http';
import { Jobs } from './job-calls';
import { healthSchema } from './schemas';
import { Workspaces } from './workspaces';

export interface AirbyteClientOptions {
  /** Base of the Config API: `http://host:8001/api/v1`. A URL without a path means `/api/v1`. */
  url: string;
  /** Default: none. */
  auth?: AirbyteAuth;
  /** How long calls may take, by kind, in milliseconds; what is left out keeps its default (`TIMEOUTS_MS`). */
  timeoutsMs?: Partial<Record<CallKind, number>>;
}

/**
 * Airbyte's Configuration API, from 0.50 to 2026. Every call throws `AirbyteError`, or the reason of the signal that
 * gave it up; none is repeated here, because only the caller knows what a repetition does.
 *
 * @example
 * const airbyte = new AirbyteClient({ url: 'http://localhost:8001/api/v1' });
 * const job = await airbyte.connections.sync(connectionId);
 */
export class AirbyteClient {
  /** The base of the calls, without credentials: fit for messages. */
  readonly url: string;
  readonly workspaces: Workspaces;
  readonly sourceDefinitions: Definitions<'sourceDefinitionId'>;
  readonly destinationDefinitions: Definitions<'destinationDefinitionId'>;
  readonly sources: Sources;
  readonly destinations: Destinations;
  readonly connections: Connections;
  readonly jobs: Jobs;
  readonly #api: ConfigApi;

  /** @throws TypeError when the URL is not one of a Config API. */
  constructor(options: AirbyteClientOptions) {
    this.url = normalizeConfigApiUrl(options.url);
    const api = new ConfigApi(this.url, options.auth ?? { kind: 'none' }, options.timeoutsMs);
    this.#api = api;
    this.workspaces = new Workspaces(api);
    this.sourceDefinitions = new Definitions(api, 'sourceDefinitionId');
    this.destinationDefinitions = new Definitions(api, 'destinationDefinitionId');
    this.sources = new Sources(api);
    this.destinations = new Destinations(api);
    this.connections = new Connections(api);
    this.jobs = new Jobs(api);
  }

  /** Whether Airbyte answers. A server without a health call is asked for its workspaces instead. */
  async health(options?: CallOptions): Promise<{ available: boolean }> {
    try {
      const { available } = await this.#api.get('health', healthSchema, options);
      return { available: available ?? true };
    } catch (error) {
      if (!(error instanceof AirbyteError && (isMissingCall(error) || error.status === 404))) {
        throw error;
      }
    }
    await this.workspaces.list(options);
    return { available: true };
  }

  /**
   * Bounds how many requests a second go out; no limit before the first call. Further ones wait for their turn. Apart
   * from this, all wait while Airbyte says that it is overloaded (429, 503 or `Retry-After`).
   */
  limitRequests(requestsPerSecond: number): void {
    this.#api.pace.requestsPerSecond = requestsPerSecond;
  }

  /** Ends all connections; calls under way fail. */
  close(): Promise<void> {
    return this.#api.close();
  }
}
