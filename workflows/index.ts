/**
 * The entry of the workflow bundle: it exports every workflow type that the worker runs by its public name, and, for
 * workflows that start them, their types and options, and the types of their failures.
 */

export { FAILURE_TYPES, type FailureType } from '../src/contract/failure-types';
export type { FleetDocument, FleetInput } from '../src/contract/fleet-document';
export { type FleetProgress, fleetProgressQuery } from '../src/contract/fleet-progress';
export type { FleetConnectionResult, FleetResult } from '../src/contract/fleet-result';
export type { PipelineDocument, PipelineDocumentInput } from '../src/contract/pipeline-document';
export type { PipelinePlan } from '../src/contract/pipeline-plan';
export { type PipelineProgress, pipelineProgressQuery } from '../src/contract/pipeline-progress';
export type { PipelineResult, ScheduleResult } from '../src/contract/pipeline-result';
export type { PruneInput, PruneResult } from '../src/contract/pruning';
export type { SyncConnectionInput, SyncOptions } from '../src/contract/sync-options';
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
