/**
 * Every combined sync mode of the public API with its source and destination sync modes, in the order of the API's
 * lists.
 */
const SYNC_MODES = {
  full_refresh_append: ['full_refresh', 'append'],
  full_refresh_overwrite: ['full_refresh', 'overwrite'],
  full_refresh_overwrite_deduped: ['full_refresh', 'overwrite_dedup'],
  full_refresh_update: ['full_refresh', 'update'],
  full_refresh_soft_delete: ['full_refresh', 'soft_delete'],
  incremental_append: ['incremental', 'append'],
  incremental_deduped_history: ['incremental', 'append_dedup'],
  incremental_update: ['incremental', 'update'],
  incremental_soft_delete: ['incremental', 'soft_delete'],
} as const satisfies Record<string, readonly ['full_refresh' | 'incremental', string]>;

export type JoinedSyncMode = keyof typeof SYNC_MODES;

export const JOINED_SYNC_MODES = Object.keys(SYNC_MODES) as [JoinedSyncMode, ...JoinedSyncMode[]];

export function separateModes(joined: JoinedSyncMode): (typeof SYNC_MODES)[JoinedSyncMode] {
  return SYNC_MODES[joined];
}

/** Undefined for two modes that cannot be combined, such as incremental and overwrite. */
export function joinModes(syncMode: string, destinationSyncMode: string): JoinedSyncMode | undefined {
  return JOINED_SYNC_MODES.find((joined) => {
    const [source, destination] = SYNC_MODES[joined];
    return source === syncMode && destination === destinationSyncMode;
  });
}

/** The combined sync modes that both a stream and a destination support. */
export function commonModes(syncModes: readonly string[], destinationSyncModes: readonly string[]): JoinedSyncMode[] {
  return JOINED_SYNC_MODES.filter((joined) => {
    const [source, destination] = SYNC_MODES[joined];
    return syncModes.includes(source) && destinationSyncModes.includes(destination);
  });
}
