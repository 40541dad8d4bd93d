import { setTimeout } from 'node:timers/promises';
import { cancellationSignal, log } from '@temporalio/activity';
import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import { AirbyteError } from '../src/airbyte/errors';
import type { DiscoveredSchema, Sources } from '../src/airbyte/resources';
import { unlessAborted } from '../src/airbyte/unless-aborted';
import { formatDuration } from '../src/text/formatting';
import { retryBrokenJob } from './broken-job-retry';
import { heartbeatAndYield } from './heartbeat';
import { timeLeftMs } from './time-left';

/** A discovery that is under way. */
interface Discovery {
  isFresh: boolean;
  schema: Promise<DiscoveredSchema>;
}

/**
 * How long to wait for a discovery that nobody answers for any more, as a multiple of the time since it began: most gateways
 * give up after a minute, and most discoveries that outlast it take a few.
 */
const WAIT_PER_TIME_TAKEN = 2;
const MAXIMUM_DISCOVERY_REQUESTS = 5;

/**
 * Asks sources what they have, each source once at a time, since a discovery reads the whole database's schema and can take
 * minutes. A gateway in front of Airbyte may give up earlier, and Airbyte goes on discovering: then nothing is asked for a
 * while, and after that for what Airbyte has found meanwhile.
 */
export class Discoveries {
  readonly #underWay = new Map<string, Discovery>();

  constructor(
    private readonly sources: Pick<Sources, 'discoverSchema'>,
    private readonly patience: Pick<AirbyteTimings, 'jobRetryDelaysMs'>,
  ) {}

  /**
   * What a source has. Within an activity.
   *
   * @param isFresh whether the source itself is to be asked, and not what Airbyte has kept of an earlier discovery
   */
  async discover(sourceId: string, isFresh: boolean): Promise<DiscoveredSchema> {
    const signal = cancellationSignal();
    for (;;) {
      const other = this.#underWay.get(sourceId);
      if (other === undefined) break;
      if (other.isFresh || !isFresh) return unlessAborted(other.schema, signal);
      await unlessAborted(other.schema, signal).catch((error: unknown) => {
        if (signal.aborted) throw error;
      });
    }
    // It goes on where the one who waits for it gives up: so does Airbyte.
    const schema = this.#find(sourceId, isFresh).finally(() => this.#underWay.delete(sourceId));
    schema.catch(() => undefined);
    this.#underWay.set(sourceId, { isFresh, schema });
    const found = await unlessAborted(schema, signal);
    await heartbeatAndYield();
    return found;
  }

  async #find(sourceId: string, isFresh: boolean): Promise<DiscoveredSchema> {
    const began = performance.now();
    const timeIsOver = began + timeLeftMs();
    for (let requests = 1; ; requests++) {
      try {
        const request = isFresh && requests === 1 ? { disableCache: true } : {};
        return await retryBrokenJob(
          () => this.sources.discoverSchema(sourceId, request),
          this.patience.jobRetryDelaysMs,
        );
      } catch (error) {
        if (!mayStillBeRunning(error) || requests === MAXIMUM_DISCOVERY_REQUESTS) throw error;
        const now = performance.now();
        const pauseMs = WAIT_PER_TIME_TAKEN * (now - began);
        if (now + pauseMs >= timeIsOver) throw discoveryTimedOut(error, now - began);
        log.info('Airbyte may still be discovering what the source has: waiting for it before asking again', {
          ...{ sourceId, reason: error.message, pause: formatDuration(pauseMs) },
        });
        await setTimeout(pauseMs, undefined, { ref: false });
      }
    }
  }
}

/** Whether a discovery may go on although its request has failed: whoever failed it was not Airbyte. */
function mayStillBeRunning(error: unknown): error is AirbyteError {
  if (!(error instanceof AirbyteError) || !error.retryable || error.effect !== 'unknown') return false;
  return !error.isAirbytesOwn && error.status !== 500;
}

/** Not to be tried again: that would be another discovery beside the one that may still be under way. */
function discoveryTimedOut(error: AirbyteError, tookMs: number): AirbyteError {
  const message =
    `${error.message} The discovery has not ended within ${formatDuration(tookMs)}, and no time is left to wait for it. Airbyte may still be at it: ` +
    'try again when it has ended, and give the gateway in front of Airbyte more time for responses.';
  return new AirbyteError({ ...error, message, retryable: false, cause: error });
}
