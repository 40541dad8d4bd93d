import type { SelectedStream } from './selected-stream';
import type { SyncConnectionResult } from './sync-result';

export interface PipelineResult {
  workspaceId: string;
  sourceId: string;
  destinationId: string;
  connectionId: string;
  /** What this run created; false for what was there. */
  created: { source: boolean; destination: boolean; connection: boolean };
  /** The streams as they are synced, without their schemas; of very many the first 1,000, or fewer where their names are long. */
  streams: SelectedStream[];
  /** How many streams there are beyond those of `streams`; left out when there are none. */
  moreStreams?: number;
  schedule: ScheduleResult;
  /** How the sync went; null when the document says `sync: false`. */
  sync: SyncConnectionResult | null;
}

/** What came of a document's schedule. */
export interface ScheduleResult {
  /** Who starts the syncs from now on; nobody when the document says manual. */
  by: 'airbyte' | 'temporal' | 'nobody';
  outcome: 'created' | 'updated' | 'unchanged';
  /** Temporal's schedule. */
  scheduleId?: string;
  /** The Temporal schedule that an earlier version of the document had, and that was deleted. */
  removed?: string;
}
