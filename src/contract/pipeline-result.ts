/** The result of `runPipeline`. */
import type { PipelineChanges } from './pipeline-plan';
import type { SelectedStream } from './selected-stream';
import type { SyncConnectionResult } from './sync-result';

export interface PipelineResult {
  workspaceId: string;
  sourceId: string;
  destinationId: string;
  connectionId: string;
  /** Whether this run created the objects; false for objects that existed before. */
  created: { source: boolean; destination: boolean; connection: boolean };
  /** What this run has created, changed, left and deleted, field by field, in the form of a plan. */
  applied: PipelineChanges;
  /** The synced streams without their schemas: at most 1,000, and fewer if their names are long. */
  streams: SelectedStream[];
  /** How many further streams there are; left out when `streams` has all of them. */
  moreStreams?: number;
  schedule: ScheduleResult;
  /** The result of the sync; null if the document says `sync: false`. */
  sync: SyncConnectionResult | null;
}

/** What this run did with the schedule of its document. */
export interface ScheduleResult {
  /** Who starts the syncs from now on; `nobody` if the document says manual. */
  by: 'airbyte' | 'temporal' | 'nobody';
  outcome: 'created' | 'updated' | 'unchanged';
  /** The id of the schedule in Temporal, if Temporal starts the syncs. */
  scheduleId?: string;
  /** The id of the schedule in Temporal that an earlier version of the document had, and that this run deleted. */
  removed?: string;
}
