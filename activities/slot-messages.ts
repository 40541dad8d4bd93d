import { log } from '@temporalio/activity';
import type { SlotOptions, SyncSlots } from '../src/jobs/sync-slots';

/** A sync waits for a slot until it is given up, and the log says so. */
export function untilGivenUp(places: SyncSlots, signal: AbortSignal): SlotOptions {
  return { signal, onQueued: () => log.info(`Waits for ${describeSlotLimit(places)}`) };
}

/** What a sync waits for, for people, with the limit that it waits on account of. */
export function describeSlotLimit({ maximum }: SyncSlots): string {
  return `a slot: this worker already runs ${maximum} syncs, as many as it may (AIRBYTE_MAX_CONCURRENT_SYNCS)`;
}
