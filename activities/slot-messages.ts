import { log } from '@temporalio/activity';
import type { SlotOptions, SyncSlots } from '../src/jobs/sync-slots';

/** Waits for a slot until the signal is aborted, and logs that it waits. */
export function slotOptions(slots: SyncSlots, signal: AbortSignal): SlotOptions {
  return { signal, onQueued: () => log.info(`Waits for ${slots.limit}`) };
}
