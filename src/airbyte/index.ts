export type { JobFailure } from '../contract/job-outcome';
export type { StartableJobType } from '../contract/job-types';
export { type AirbyteFlavour, type AirbyteUrl, normalizeAirbyteUrl } from './airbyte-url';
export type { AirbyteAuth } from './auth';
export { type CallKind, type CallOptions, TIMEOUTS_MS } from './calls';
export type { AirbyteCapabilities } from './capabilities';
export { AirbyteClient, type AirbyteClientOptions } from './client';
export { AirbyteError, type AirbyteErrorEffect, type AirbyteErrorOptions, type AirbyteErrorType } from './errors';
export { isTerminal, type Job, type JobAttempt, type JobStream, TERMINAL_STATUSES, type TerminalStatus } from './jobs';
export type {
  ActorInput,
  Actors,
  ConnectionCheck,
  Connections,
  Definitions,
  Destinations,
  DiscoveredSchema,
  JobFilter,
  JobListForWorkspacesRequest,
  JobListRequest,
  Jobs,
  RefreshMode,
  Sources,
  Tags,
  Workspaces,
} from './resources';
export type {
  Catalog,
  CatalogStream,
  Connection,
  ConnectionSchedule,
  Definition,
  DefinitionSpecification,
  Destination,
  FailureReason,
  Source,
  Tag,
  Workspace,
} from './schemas';
