/** The entry of the workflow bundle: every workflow type that the worker runs, by its public name. */
export { planPipeline } from './plan-pipeline';
export { prunePipelines } from './prune-pipelines';
export { type PipelineProgress, type PipelineResult, pipelineProgressQuery, runPipeline } from './run-pipeline';
export { type SyncConnectionResult, type SyncProgress, syncConnection, syncProgressQuery } from './sync-connection';
