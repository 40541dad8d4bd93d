/**
 * The entry of the workflow bundle: it exports every workflow type that the worker runs by its public name, and, for
 * workflows that start them, their types and options.
 */

export { type FleetProgress, fleetProgressQuery } from '../src/contract/fleet-progress';
export { type PipelineProgress, pipelineProgressQuery } from '../src/contract/pipeline-progress';
export type { PipelineResult, ScheduleResult } from '../src/contract/pipeline-result';
export { type SyncProgress, syncProgressQuery } from '../src/contract/sync-progress';
export type { SyncConnectionResult } from '../src/contract/sync-result';
export { type AirbyteCheck, checkAirbyte } from './check-airbyte';
export { creationLock } from './creation-lock';
export { pingWorker } from './ping-worker';
export { planPipeline } from './plan-pipeline';
export { prunePipelines } from './prune-pipelines';
export { runPipeline } from './run-pipeline';
export {
  executeSyncChild,
  type SyncChild,
  type SyncChildOptions,
  startSyncChild,
  syncChildOptions,
} from './sync-child';
export { syncConnection } from './sync-connection';
export { type CarriedFleet, syncFleet } from './sync-fleet';
