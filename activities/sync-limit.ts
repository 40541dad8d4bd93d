import { log } from '@temporalio/activity';
import type { PlaceOptions, SyncPlaces } from '../src/jobs/sync-places';

/** What takes a place waits for one until it is given up, and says so in the log. */
export function untilGivenUp(places: SyncPlaces, signal: AbortSignal): PlaceOptions {
  return { signal, onQueued: () => log.info(`Waits for ${aPlace(places)}`) };
}

/** What a sync waits for, for people, with the limit that it waits on account of. */
export function aPlace({ maximum }: SyncPlaces): string {
  return `a place: this worker has its ${maximum} syncs at once (AIRBYTE_MAX_CONCURRENT_SYNCS)`;
}
