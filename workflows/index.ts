/** The entry of the workflow bundle: every workflow type that the worker runs, by its public name. */
export { type PipelineProgress, type PipelineResult, pipelineProgressQuery, runPipeline } from './run-pipeline';
export { type SyncConnectionResult, type SyncProgress, syncConnection, syncProgressQuery } from './sync-connection';
export {
  type CarriedFleet,
  type FleetProgress,
  fleetProgressQuery,
  syncFleet,
} from './sync-fleet';
