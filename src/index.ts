/** What other code builds on: the client, the worker's parts, and the names that callers match on. */
export * from './airbyte';
export { FAILURE_TYPES, type FailureType } from './failure-types';
export { JobWatcher, type JobWatcherOptions } from './jobs/job-watcher';
export type { PipelineDocument, PipelineDocumentInput } from './pipeline/document';
export { parsePipelineDocument, readPipelineDocument } from './pipeline/parse';
export { createSecretResolver, secretResolverFromEnvironment } from './pipeline/secrets';
export type { SyncConnectionInput, SyncOptions } from './pipeline/sync-options';
export { searchAttributeKeys } from './temporal/search-attribute-keys';
export { registerSearchAttributes, SearchAttributesError } from './temporal/search-attributes';
export { pipelineWorkflowId, syncWorkflowId } from './temporal/workflow-ids';
