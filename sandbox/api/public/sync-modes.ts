/** Every joined mode of the public API, and the two modes it stands for, in the order its lists have. */
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

/** Nothing for two modes that do not go together, such as incremental and overwrite. */
export function joinModes(syncMode: string, destinationSyncMode: string): JoinedSyncMode | undefined {
  return JOINED_SYNC_MODES.find((joined) => {
    const [source, destination] = SYNC_MODES[joined];
    return source === syncMode && destination === destinationSyncMode;
  });
}

/** The joined modes that a stream and a destination have in common. */
export function commonModes(syncModes: readonly string[], destinationSyncModes: readonly string[]): JoinedSyncMode[] {
  return JOINED_SYNC_MODES.filter((joined) => {
    const [source, destination] = SYNC_MODES[joined];
    return syncModes.includes(source) && destinationSyncModes.includes(destination);
  });
}
