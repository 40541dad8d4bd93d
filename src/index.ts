/** The package's main entry: the client, parts of the worker, and the names that callers match on. */
export * from './airbyte';
export { airbyteOptionsFromEnvironment } from './configuration/client-options';
export { InvalidEnvironmentError } from './configuration/read-variable';
export { FAILURE_TYPES, type FailureType } from './contract/failure-types';
export type { PipelineDocument, PipelineDocumentInput } from './contract/pipeline-document';
export { searchAttributeKeys } from './contract/search-attribute-keys';
export type { SyncConnectionInput, SyncOptions } from './contract/sync-options';
export { pipelineWorkflowId, syncWorkflowId } from './contract/workflow-ids';
export { parsePipelineDocument, readPipelineDocument } from './documents/parse-document';
export { dataConverterFromEnvironment } from './encryption/data-converter';
export { JobWatcher, type JobWatcherOptions } from './jobs/job-watcher';
export { createSecretResolver, secretResolverFromEnvironment } from './secrets/secret-resolver';
export { registerSearchAttributes, SearchAttributesError } from './temporal/search-attributes';
