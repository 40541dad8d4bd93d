import { log } from '@temporalio/activity';
import type { PlaceOptions, SyncPlaces } from '../src/jobs/sync-places';

/** What takes a place waits for one until it is given up, and says so in the log. */
export function untilGivenUp({ maximum }: SyncPlaces, signal: AbortSignal): PlaceOptions {
  const onQueued = () =>
    log.info(`Waits for a place: this worker has its ${maximum} syncs at once (AIRBYTE_MAX_CONCURRENT_SYNCS)`);
  return { signal, onQueued };
}
