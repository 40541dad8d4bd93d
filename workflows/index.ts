/**
 * The entry of the workflow bundle: every workflow type that the worker runs, by its public name; and, for workflows that
 * start them, what starting them takes.
 */
export { creationLock } from './creation-lock';
export { pingWorker } from './ping-worker';
export { planPipeline } from './plan-pipeline';
export { prunePipelines } from './prune-pipelines';
export {
  type PipelineProgress,
  type PipelineResult,
  pipelineProgressQuery,
  runPipeline,
  type ScheduleResult,
} from './run-pipeline';
export {
  executeSyncChild,
  type SyncChild,
  type SyncChildOptions,
  startSyncChild,
  syncChildOptions,
} from './sync-child';
export { type SyncConnectionResult, syncConnection } from './sync-connection';
export { type CarriedFleet, type FleetProgress, fleetProgressQuery, syncFleet } from './sync-fleet';
export { type SyncProgress, syncProgressQuery } from '../src/contract/sync-progress';
