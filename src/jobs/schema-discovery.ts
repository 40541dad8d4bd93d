import { setTimeout } from 'node:timers/promises';
import type { AirbyteTimings } from '../airbyte/airbyte-timings';
import { AirbyteError } from '../airbyte/errors';
import { isUnavailableBeforeSaving } from '../airbyte/lookup/optional-responses';
import type { DiscoveredSchema, Sources } from '../airbyte/resources';
import { unlessAborted } from '../async/unless-aborted';
import { messageOf } from '../text/error-message';
import { formatDuration } from '../text/formatting';
import { retryBrokenJob } from './broken-job-retry';

/** What discoveries need of the activity that calls them. */
export interface DiscoveryPorts {
  /** Aborted when the running activity is cancelled. */
  cancellationSignal(): AbortSignal;
  /** How long the running activity may take, its further attempts included. */
  timeLeftMs(): number;
  /** Lets others use the thread before a large schema is processed. */
  yieldThread(): Promise<void>;
  logger: Pick<Console, 'info'>;
}

/** A discovery that is in progress. */
interface Discovery {
  isFresh: boolean;
  schema: Promise<DiscoveredSchema>;
}

/**
 * How long to wait for a discovery whose response is lost, as a multiple of the time since its request. Most gateways time
 * out after a minute, and most discoveries that take longer take a few minutes.
 */
const WAIT_PER_TIME_TAKEN = 2;
const MAXIMUM_DISCOVERY_REQUESTS = 5;

/**
 * Discovers the schemas of sources, each source once at a time: a discovery reads the schema of a whole database and can take
 * minutes. If a gateway in front of Airbyte times out before, Airbyte goes on discovering. Then this waits before it sends
 * another request, which returns what Airbyte has found meanwhile.
 */
export class Discoveries {
  readonly #inProgress = new Map<string, Discovery>();

  constructor(
    private readonly sources: Pick<Sources, 'discoverSchema' | 'discoverSchemaOfConfiguration'>,
    private readonly timings: Pick<AirbyteTimings, 'jobRetryDelaysMs'>,
    private readonly ports: DiscoveryPorts,
  ) {}

  /**
   * Discovers the schema of a source. To be called within an activity.
   *
   * @param isFresh whether Airbyte has to read the source itself instead of returning an earlier discovery
   */
  async discover(sourceId: string, isFresh: boolean): Promise<DiscoveredSchema> {
    const signal = this.ports.cancellationSignal();
    for (;;) {
      const other = this.#inProgress.get(sourceId);
      if (other === undefined) break;
      if (other.isFresh || !isFresh) return unlessAborted(other.schema, signal);
      await unlessAborted(other.schema, signal).catch((error: unknown) => {
        if (signal.aborted) throw error;
      });
    }
    // The discovery goes on when this caller is cancelled: others may wait for it, and Airbyte goes on as well.
    const schema = this.#find(sourceId, isFresh).finally(() => this.#inProgress.delete(sourceId));
    schema.catch(() => undefined);
    this.#inProgress.set(sourceId, { isFresh, schema });
    const found = await unlessAborted(schema, signal);
    await this.ports.yieldThread();
    return found;
  }

  /**
   * Discovers the schema that a source would have with a configuration which is not saved yet.
   *
   * @returns undefined if this Airbyte can only read a saved source, or if the response is lost: Airbyte keeps the result of
   * such a discovery for no further request
   */
  async discoverConfiguration(
    input: Parameters<Sources['discoverSchemaOfConfiguration']>[0],
    signal = this.ports.cancellationSignal(),
  ): Promise<DiscoveredSchema | undefined> {
    const { timeLeftMs, logger } = this.ports;
    try {
      const schema = await retryBrokenJob(() => this.sources.discoverSchemaOfConfiguration(input, { signal }), {
        ...{ pausesMs: this.timings.jobRetryDelaysMs, timeLeftMs, logger, signal },
      });
      await this.ports.yieldThread();
      return schema;
    } catch (error) {
      if (!isUnavailableBeforeSaving(error) && !mayStillBeRunning(error)) throw error;
      logger.info('The streams of the source cannot be discovered before it is saved', { reason: messageOf(error) });
      return undefined;
    }
  }

  async #find(sourceId: string, isFresh: boolean): Promise<DiscoveredSchema> {
    const { timeLeftMs, logger } = this.ports;
    const startedAt = performance.now();
    const deadline = startedAt + timeLeftMs();
    for (let requests = 1; ; requests++) {
      try {
        const request = isFresh && requests === 1 ? { disableCache: true } : {};
        return await retryBrokenJob(() => this.sources.discoverSchema(sourceId, request), {
          ...{ pausesMs: this.timings.jobRetryDelaysMs, timeLeftMs, logger },
        });
      } catch (error) {
        if (!mayStillBeRunning(error) || requests === MAXIMUM_DISCOVERY_REQUESTS) throw error;
        const now = performance.now();
        const pauseMs = WAIT_PER_TIME_TAKEN * (now - startedAt);
        if (now + pauseMs >= deadline) throw discoveryTimedOut(error, now - startedAt);
        logger.info('Airbyte may still be discovering the schema of the source: waiting before the next request', {
          ...{ sourceId, reason: error.message, pause: formatDuration(pauseMs) },
        });
        await setTimeout(pauseMs, undefined, { ref: false });
      }
    }
  }
}

/** Whether a discovery may go on although its request has failed: the error is not Airbyte's own. */
function mayStillBeRunning(error: unknown): error is AirbyteError {
  if (!(error instanceof AirbyteError) || !error.retryable || error.effect !== 'unknown') return false;
  return !error.isAirbytesOwn && error.status !== 500;
}

/** Not retryable: a retry would start another discovery while the first one may still be in progress. */
function discoveryTimedOut(error: AirbyteError, tookMs: number): AirbyteError {
  const message =
    `${error.message} The discovery has not ended within ${formatDuration(tookMs)}, and no time is left to wait for it. It may still be in progress: ` +
    'try again when it has ended, and give the gateway in front of Airbyte more time for responses.';
  return new AirbyteError({ ...error, message, retryable: false, cause: error });
}
