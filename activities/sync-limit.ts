import { log } from '@temporalio/activity';
import type { PlaceOptions, SyncPlaces } from '../src/jobs/sync-places';

/** A sync waits for a slot until it is given up, and the log says so. */
export function untilGivenUp(places: SyncPlaces, signal: AbortSignal): PlaceOptions {
  return { signal, onQueued: () => log.info(`Waits for ${aPlace(places)}`) };
}

/** What a sync waits for, for people, with the limit that it waits on account of. */
export function aPlace({ maximum }: SyncPlaces): string {
  return `a slot: this worker already runs ${maximum} syncs, as many as it may (AIRBYTE_MAX_CONCURRENT_SYNCS)`;
}
