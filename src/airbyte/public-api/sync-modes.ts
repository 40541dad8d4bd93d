/** A sync mode in the Config API: how records are read from the source, and how they are written to the destination. */
export interface SyncModes {
  syncMode: string;
  destinationSyncMode: string;
}

/** The public API joins both into one value, which not every pair has. */
const JOINED_SYNC_MODES: Record<string, Record<string, string>> = {
  full_refresh: {
    overwrite: 'full_refresh_overwrite',
    overwrite_dedup: 'full_refresh_overwrite_deduped',
    append: 'full_refresh_append',
    update: 'full_refresh_update',
    soft_delete: 'full_refresh_soft_delete',
  },
  incremental: {
    append: 'incremental_append',
    append_dedup: 'incremental_deduped_history',
    update: 'incremental_update',
    soft_delete: 'incremental_soft_delete',
  },
};

const SPLIT_SYNC_MODES = new Map<string, SyncModes>(
  Object.entries(JOINED_SYNC_MODES).flatMap(([syncMode, pairs]) =>
    Object.entries(pairs).map(([destinationSyncMode, joined]) => [joined, { syncMode, destinationSyncMode }] as const),
  ),
);

/** The public API's value for a pair of sync modes; undefined if it has none. */
export function joinSyncModes({ syncMode, destinationSyncMode }: SyncModes): string | undefined {
  return JOINED_SYNC_MODES[syncMode]?.[destinationSyncMode];
}

/** The pair of sync modes for a value of the public API, even for one that this client does not know. */
export function splitSyncMode(joined: string): SyncModes {
  const known = SPLIT_SYNC_MODES.get(joined);
  if (known) return known;
  const syncMode = joined.startsWith('incremental') ? 'incremental' : 'full_refresh';
  return { syncMode, destinationSyncMode: joined.replace(`${syncMode}_`, '') };
}
