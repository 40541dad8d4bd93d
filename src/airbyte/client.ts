import { unlessAborted } from '../async/unless-aborted';
import { SecretMask, type SecretSource } from '../text/masking/secret-mask';
import { AirbyteApi } from './airbyte-api';
import { type AirbyteFlavour, normalizeAirbyteUrl } from './airbyte-url';
import type { AirbyteAuth } from './auth';
import type { CallKind, CallOptions } from './calls';
import type { AirbyteCapabilities } from './capabilities';
import type { AirbyteClientObserver } from './client-observer';
import { configFlavour } from './config-api';
import type { ExtraHeaders } from './extra-headers';
import { publicFlavour } from './public-api';
import type { RequestTracer } from './request-tracer';
import type { AirbyteResources, FlavourModule } from './resources';
import { webappUrlOf } from './webapp-urls';

export interface AirbyteClientOptions {
  /**
   * Base of the Config API (`http://host:8001/api/v1`) or of the public API (`http://host:8000/api/public/v1`,
   * `https://api.airbyte.com/v1`). A URL without a path means `/api/v1`.
   */
  url: string;
  /** Default: none. */
  auth?: AirbyteAuth;
  /** The forward proxy for all requests, with its credentials. Default: none, whatever the environment says. */
  proxyUrl?: string;
  /** Headers that each request has in addition. Default: none. */
  extraHeaders?: ExtraHeaders;
  /** Where users open Airbyte's web app. Default: the usual address for this API. */
  webappUrl?: string;
  /** How long calls may take, by kind, in milliseconds. Default for each kind: `TIMEOUTS_MS`. */
  timeoutsMs?: Partial<Record<CallKind, number>>;
  /**
   * Called with what a user should know although a call succeeds, for instance that a list may be incomplete, or that
   * one of its items cannot be read. Default: a warning of the process, which Node.js writes to stderr.
   */
  onWarning?: (message: string) => void;
  /** Further secrets to mask in the server's texts, in addition to the credentials of the client itself. */
  secrets?: SecretSource;
  /** Learns what the client does. */
  observer?: AirbyteClientObserver;
  /** Records each request as a part of a trace. */
  tracer?: RequestTracer;
}

// The constructor assigns the resources, which are declared once, in AirbyteResources.
export interface AirbyteClient extends AirbyteResources {}

/**
 * A client for Airbyte 0.50 to 2026, through its Config API or its public API. The URL decides which of them; the calls
 * are the same. Every call throws `AirbyteError` (`AirbyteUnsupported` for what the API or the server does not have),
 * or the reason of the signal that aborted it. The client retries no call, because only the caller knows whether that
 * is safe.
 *
 * @example
 * const airbyte = new AirbyteClient({ url: 'http://localhost:8001/api/v1' });
 * const job = await airbyte.connections.sync(connectionId);
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns all of them
export class AirbyteClient {
  /** The base of the calls. It has no credentials, so it may be in messages. */
  readonly url: string;
  /** Which of Airbyte's two APIs that is. */
  readonly flavour: AirbyteFlavour;
  /** Where users open Airbyte's web app, without a slash at its end. */
  readonly webappUrl: string;
  /**
   * Masks the client's credentials, and the secrets that were added to it, in every text that the server sends: error
   * responses, messages, logs, warnings. Names, ids and configurations are data and stay as they are.
   */
  readonly masking: SecretMask;
  readonly #api: AirbyteApi;
  readonly #module: FlavourModule;
  #capabilities: Promise<AirbyteCapabilities> | undefined;

  /** @throws TypeError when the URL is not one of an Airbyte server. */
  constructor(options: AirbyteClientOptions) {
    const { url, flavour } = normalizeAirbyteUrl(options.url);
    this.url = url;
    this.flavour = flavour;
    this.webappUrl = options.webappUrl ?? webappUrlOf(url);
    const {
      auth = { kind: 'none' },
      timeoutsMs,
      proxyUrl,
      onWarning = warnProcess,
      secrets,
      observer,
      tracer,
      extraHeaders,
    } = options;
    this.masking = new SecretMask(...(secrets ? [secrets] : []));
    this.#api = new AirbyteApi(
      { url, flavour },
      { auth, timeoutsMs, proxyUrl, warn: onWarning, masking: this.masking, observer, tracer, extraHeaders },
    );
    this.#module = flavour === 'public' ? publicFlavour(this.#api) : configFlavour(this.#api);
    Object.assign(this, this.#module.resources);
  }

  /** Whether Airbyte is available. */
  health(options?: CallOptions): Promise<{ available: boolean }> {
    return this.#module.health(options);
  }

  /**
   * What this server supports with these credentials. The client finds out by calls about objects that do not exist, so
   * nothing is changed. All callers share one probe; a probe that fails is not remembered.
   */
  capabilities(options?: CallOptions): Promise<AirbyteCapabilities> {
    // All callers wait for the same probe, so the signal of one of them does not abort it.
    this.#capabilities ??= this.#module.probeCapabilities().catch((error: unknown) => {
      this.#capabilities = undefined;
      throw error;
    });
    return unlessAborted(this.#capabilities, options?.signal);
  }

  /**
   * Limits how many requests go out per second; there is no limit before the first call. Further requests wait.
   * Independent of this, all requests wait while Airbyte says that it is overloaded (429, 503 or `Retry-After`).
   */
  limitRequests(requestsPerSecond: number): void {
    this.#api.rateLimiter.requestsPerSecond = requestsPerSecond;
  }

  /** The server's current epoch seconds, or a little less; undefined until a response has shown its time. */
  get serverTime(): number | undefined {
    return this.#api.serverTime;
  }

  /** Closes all connections; calls that are still running fail. */
  close(): Promise<void> {
    return this.#api.close();
  }
}

function warnProcess(message: string): void {
  process.emitWarning(message, 'AirbyteWarning');
}
