export { type ActorInput, type ConnectionCheck, Destinations, type DiscoveredSchema, Sources } from './actors';
export type { AirbyteAuth } from './auth';
export { AirbyteClient, type AirbyteClientOptions } from './client';
export { normalizeConfigApiUrl } from './config-api-url';
export { Connections, type RefreshMode } from './connections';
export { Definitions } from './definitions';
export { airbyteOptionsFromEnvironment, InvalidEnvironmentError } from './environment';
export { AirbyteError, type AirbyteErrorEffect, type AirbyteErrorOptions, type AirbyteErrorType } from './errors';
export { type CallKind, type CallOptions, TIMEOUTS_MS } from './http';
export { type JobFilter, type JobListForWorkspacesRequest, type JobListRequest, Jobs } from './job-calls';
export {
  isTerminal,
  type Job,
  type JobAttempt,
  type JobFailure,
  type JobStream,
  TERMINAL_STATUSES,
  type TerminalStatus,
} from './jobs';
export type {
  Catalog,
  CatalogStream,
  Connection,
  Definition,
  DefinitionSpecification,
  Destination,
  FailureReason,
  Source,
  Workspace,
} from './schemas';
export { Workspaces } from './workspaces';
