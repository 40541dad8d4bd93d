import { SecretMask, type SecretSource } from '../text/masking/secret-mask';
import { AirbyteApi } from './airbyte-api';
import { type AirbyteFlavour, normalizeAirbyteUrl } from './airbyte-url';
import type { AirbyteAuth } from './auth';
import type { CallKind, CallOptions } from './calls';
import type { AirbyteCapabilities } from './capabilities';
import { configResources } from './config-api';
import { publicResources } from './public-api';
import type {
  AirbyteResources,
  Connections,
  Definitions,
  Destinations,
  Jobs,
  Sources,
  Tags,
  Workspaces,
} from './resources';
import { unlessAborted } from './unless-aborted';
import { webappUrlOf } from './webapp-urls';

export interface AirbyteClientOptions {
  /**
   * Base of the Config API (`http://host:8001/api/v1`) or of the public API (`http://host:8000/api/public/v1`,
   * `https://api.airbyte.com/v1`). A URL without a path means `/api/v1`.
   */
  url: string;
  /** Default: none. */
  auth?: AirbyteAuth;
  /** The forward proxy that requests go through, with its credentials. Default: none, whatever the environment says. */
  proxyUrl?: string;
  /** Where people open Airbyte's web app. Default: beside the API. */
  webappUrl?: string;
  /** How long calls may take, by kind, in milliseconds; what is left out keeps its default (`TIMEOUTS_MS`). */
  timeoutsMs?: Partial<Record<CallKind, number>>;
  /**
   * Told of what a person should know although a call succeeds, such as a list that may lack some rows, or an item of
   * one that cannot be read. Default: a
   * warning of the process, which Node.js writes to stderr.
   */
  onWarning?: (message: string) => void;
  /** Secrets that are masked in every text of the server's, beside the credentials of the client itself. */
  secrets?: SecretSource;
}

/**
 * Airbyte, from 0.50 to 2026, through its Config API or its public one: the URL decides, and the words are the same.
 * Every call throws `AirbyteError` (`AirbyteUnsupported` for what the API or the server does not have), or the reason of
 * the signal that gave it up; none is repeated here, because only the caller knows what a repetition does.
 *
 * @example
 * const airbyte = new AirbyteClient({ url: 'http://localhost:8001/api/v1' });
 * const job = await airbyte.connections.sync(connectionId);
 */
export class AirbyteClient {
  /** The base of the calls, without credentials: fit for messages. */
  readonly url: string;
  /** Which of Airbyte's two APIs that is. */
  readonly flavour: AirbyteFlavour;
  /** Where people open Airbyte's web app, without a slash at its end. */
  readonly webappUrl: string;
  /**
   * Takes the client's credentials, and the secrets that were added to it, out of every text that the server sends: error
   * responses, messages, logs, warnings. Names, ids and configurations are data, and come as they are.
   */
  readonly masking: SecretMask;
  readonly workspaces: Workspaces;
  readonly sourceDefinitions: Definitions<'sourceDefinitionId'>;
  readonly destinationDefinitions: Definitions<'destinationDefinitionId'>;
  readonly sources: Sources;
  readonly destinations: Destinations;
  readonly connections: Connections;
  readonly tags: Tags;
  readonly jobs: Jobs;
  readonly #api: AirbyteApi;
  readonly #resources: AirbyteResources;
  #capabilities: Promise<AirbyteCapabilities> | undefined;

  /** @throws TypeError when the URL is not one of an Airbyte server. */
  constructor(options: AirbyteClientOptions) {
    const { url, flavour } = normalizeAirbyteUrl(options.url);
    this.url = url;
    this.flavour = flavour;
    this.webappUrl = options.webappUrl ?? webappUrlOf(url);
    const { auth = { kind: 'none' }, timeoutsMs, proxyUrl, onWarning = warnProcess, secrets } = options;
    this.masking = new SecretMask(...(secrets ? [secrets] : []));
    this.#api = new AirbyteApi(
      { url, flavour },
      { auth, timeoutsMs, proxyUrl, warn: onWarning, masking: this.masking },
    );
    const resources = flavour === 'public' ? publicResources(this.#api) : configResources(this.#api);
    this.#resources = resources;
    this.workspaces = resources.workspaces;
    this.sourceDefinitions = resources.sourceDefinitions;
    this.destinationDefinitions = resources.destinationDefinitions;
    this.sources = resources.sources;
    this.destinations = resources.destinations;
    this.connections = resources.connections;
    this.tags = resources.tags;
    this.jobs = resources.jobs;
  }

  /** Whether Airbyte answers. */
  health(options?: CallOptions): Promise<{ available: boolean }> {
    return this.#resources.health(options);
  }

  /**
   * What this server can do for these credentials, found out by asking it for things that do not exist: nothing is
   * changed. It is asked once for all who want to know; a failure to find out is not remembered.
   */
  capabilities(options?: CallOptions): Promise<AirbyteCapabilities> {
    // Belongs to all who wait for it, so no single caller's signal ends it.
    this.#capabilities ??= this.#resources.probeCapabilities().catch((error: unknown) => {
      this.#capabilities = undefined;
      throw error;
    });
    return unlessAborted(this.#capabilities, options?.signal);
  }

  /**
   * Bounds how many requests a second go out; no limit before the first call. Further ones wait for their turn. Apart
   * from this, all wait while Airbyte says that it is overloaded (429, 503 or `Retry-After`).
   */
  limitRequests(requestsPerSecond: number): void {
    this.#api.pace.requestsPerSecond = requestsPerSecond;
  }

  /** The server's epoch seconds by now, or a little earlier; undefined while no response has told its time. */
  get serverTime(): number | undefined {
    return this.#api.serverTime;
  }

  /** Ends all connections; calls under way fail. */
  close(): Promise<void> {
    return this.#api.close();
  }
}

function warnProcess(message: string): void {
  process.emitWarning(message, 'AirbyteWarning');
}
