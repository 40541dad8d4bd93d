import type { JobFailure } from '../contract/job-outcome';
import type { CallOptions } from './calls';
import type { AirbyteCapabilities } from './capabilities';
import type { Job } from './jobs';
import type {
  Catalog,
  Connection,
  ConnectionSchedule,
  Definition,
  DefinitionSpecification,
  Destination,
  Source,
  Tag,
  Workspace,
} from './schemas';

/*
 * What a client can ask of Airbyte, whichever of its two APIs the server is spoken to with. The words and shapes are the
 * Config API's. Every call throws `AirbyteError`, with `AirbyteUnsupported` for what the API or the server does not have.
 */

/** One of Airbyte's two APIs, in the words of both. */
export interface AirbyteResources {
  readonly workspaces: Workspaces;
  readonly sourceDefinitions: Definitions<'sourceDefinitionId'>;
  readonly destinationDefinitions: Definitions<'destinationDefinitionId'>;
  readonly sources: Sources;
  readonly destinations: Destinations;
  readonly connections: Connections;
  readonly tags: Tags;
  readonly jobs: Jobs;
  health(options?: CallOptions): Promise<{ available: boolean }>;
  probeCapabilities(options?: CallOptions): Promise<AirbyteCapabilities>;
}

export interface ListOptions extends CallOptions {
  /**
   * Fails with `AirbyteUnavailable` where the list cannot be read to its end, for callers to whom a missing row means that
   * there is none. Left out: what is known is given, and the client warns.
   */
  whole?: boolean;
}

export interface Workspaces {
  /** Every workspace the credentials may read. */
  list(options?: ListOptions): Promise<Workspace[]>;
  get(workspaceId: string, options?: CallOptions): Promise<Workspace>;
}

export type DefinitionIdField = 'sourceDefinitionId' | 'destinationDefinitionId';

/** Connector definitions: what sources or destinations can be made of. */
export interface Definitions<IdField extends DefinitionIdField> {
  /**
   * The connectors that a workspace may use, its own custom ones among them. A server that knows no list per workspace
   * gives all it has.
   */
  list(workspaceId: string, options?: CallOptions): Promise<Definition[]>;
  /** One definition, in the version that the workspace uses when one is given. The public API needs the workspace. */
  get(id: Record<IdField, string> & { workspaceId?: string }, options?: CallOptions): Promise<Definition>;
  /**
   * What the connector's configuration has to be.
   *
   * @throws AirbyteError `AirbyteUnsupported` from a server that keeps no specifications, and from the public API.
   */
  specification(
    id: Record<IdField, string> & { workspaceId: string },
    options?: CallOptions,
  ): Promise<DefinitionSpecification>;
}

/** The verdict of a connection check. */
export interface ConnectionCheck {
  /** `succeeded` or `failed`; left out when the check itself broke. */
  status?: string | undefined;
  /** The connector's own words. */
  message?: string | undefined;
  /** Why the check itself broke, where Airbyte says so. */
  failure?: JobFailure | undefined;
}

export interface ActorInput {
  name: string;
  /** Sent as it is, secrets included: never log it. */
  connectionConfiguration: Record<string, unknown>;
}

/** What sources and destinations have in common. */
export interface Actors<IdField extends string, ActorDefinitionIdField extends DefinitionIdField, Actor> {
  /** All of a workspace. */
  list(workspaceId: string, options?: ListOptions): Promise<Actor[]>;
  get(id: string, options?: CallOptions): Promise<Actor>;
  create(
    input: ActorInput & { workspaceId: string } & Record<ActorDefinitionIdField, string>,
    options?: CallOptions,
  ): Promise<Actor>;
  /**
   * Changes name and configuration. Secrets that are sent back masked (`**********`) stay as they are; so do, in the
   * public API, fields of the configuration that are left out.
   *
   * @param input.replaces the configuration is all there is to be: fields that it leaves out go, in the public API too
   */
  update(input: ActorInput & { replaces?: boolean } & Record<IdField, string>, options?: CallOptions): Promise<Actor>;
  /**
   * Asks the connector to connect. A refusal is an answer, not an error.
   *
   * @throws AirbyteError `AirbyteUnsupported` always, from the public API.
   */
  checkConnection(id: string, options?: CallOptions): Promise<ConnectionCheck>;
}

export type Destinations = Actors<'destinationId', 'destinationDefinitionId', Destination>;

export interface DiscoveredSchema {
  catalogId?: string | undefined;
  catalog: Catalog;
}

export interface Sources extends Actors<'sourceId', 'sourceDefinitionId', Source> {
  /**
   * Asks the connector which streams it has. Can take minutes.
   *
   * @param request.disableCache asks the connector even when Airbyte remembers an answer.
   * @param request.connectionId compares with this connection; Airbyte may disable it when the schema broke. Config API
   * only.
   * @throws AirbyteError with the connector's reason when the discovery itself failed: `AirbyteInvalidRequest` for a
   * wrong configuration, else `AirbyteUnavailable`. The public API does not tell these apart: `AirbyteInvalidRequest`.
   */
  discoverSchema(
    sourceId: string,
    request?: { disableCache?: boolean; connectionId?: string },
    options?: CallOptions,
  ): Promise<DiscoveredSchema>;
}

/**
 * `Truncate` removes the old records once the new ones are there, `Merge` keeps both.
 */
export type RefreshMode = 'Truncate' | 'Merge';

export interface Connections {
  create(
    connection: { sourceId: string; destinationId: string; status: string; [field: string]: unknown },
    options?: CallOptions,
  ): Promise<Connection>;
  get(connectionId: string, options?: CallOptions): Promise<Connection>;
  list(workspaceId: string, options?: ListOptions): Promise<Connection[]>;
  /** Changes what is given and leaves the rest. A connection that was read, changed and sent back whole works too. */
  update(connection: { connectionId: string; [field: string]: unknown }, options?: CallOptions): Promise<Connection>;
  /** Deletes a connection, with what runs on it. What it has moved stays in the destination. */
  delete(connectionId: string, options?: CallOptions): Promise<void>;
  /**
   * The schedule that a connection shows after it was given this one. The public API has no basic schedules, and keeps
   * the cron expression that means the same.
   *
   * @throws AirbyteError `AirbyteInvalidRequest` for a schedule that this API cannot say.
   */
  normalizeSchedule(schedule: ConnectionSchedule): ConnectionSchedule;
  /** Starts a sync. @throws AirbyteError `AirbyteConflict` when a job runs already. */
  sync(connectionId: string, options?: CallOptions): Promise<Job>;
  /** Starts a reset, the older word for `clear`; Airbyte has kept it. */
  reset(connectionId: string, options?: CallOptions): Promise<Job>;
  /** Starts the removal of the connection's records in the destination. The Config API has it since 0.63. */
  clear(connectionId: string, options?: CallOptions): Promise<Job>;
  /**
   * Starts a new read of every record. The Config API has it since 0.63, the public API not at all.
   *
   * @returns the job; undefined from servers before 1.6, which only say that there is one, and while another job runs:
   * Airbyte keeps the refresh in mind, and the connection's next sync becomes it. Undefined also, since 1.6, where the
   * destination does not support refreshes.
   * @throws AirbyteError `AirbyteUnsupported` where the server or, before 1.6, the destination has no refreshes.
   */
  refresh(
    connectionId: string,
    request?: { refreshMode?: RefreshMode },
    options?: CallOptions,
  ): Promise<Job | undefined>;
  /**
   * Whether the destination of a connection supports refreshes; undefined where the server does not tell. Of one that
   * does not, Airbyte accepts a refresh and starts nothing.
   */
  supportsRefreshes(connectionId: string, options?: CallOptions): Promise<boolean | undefined>;
}

/** What to do about a server that has no tags. */
export const TAGS_UNSUPPORTED_ADVICE = 'Airbyte has tags since 1.6. Choose connections by their names instead.';

export interface Tags {
  /** All of a workspace. @throws AirbyteError `AirbyteUnsupported` from servers before 1.6. */
  list(workspaceId: string, options?: CallOptions): Promise<Tag[]>;
}

export interface JobFilter {
  /** Airbyte's `configTypes`: `sync`, `reset_connection`, `refresh`, `clear`. Airbyte 0.50 knows the first two. */
  jobTypes: readonly string[];
  /** Left out: 200. */
  pageSize?: number | undefined;
  rowOffset?: number | undefined;
  /** Jobs whose status changed at this moment or later. Servers before 0.63 ignore it. */
  updatedAtStart?: Date | string | undefined;
  /** Jobs that were created within these moments, both included. Servers before 0.63 ignore them. */
  createdAtStart?: Date | string | undefined;
  createdAtEnd?: Date | string | undefined;
  statuses?: readonly string[] | undefined;
  orderBy?: { field: 'createdAt' | 'updatedAt'; direction: 'ASC' | 'DESC' } | undefined;
}

export interface JobListRequest extends JobFilter {
  /** Airbyte's `configId`. Airbyte 0.50 requires it. */
  connectionId?: string | undefined;
}

export interface JobListForWorkspacesRequest extends JobFilter {
  workspaceIds: readonly string[];
}

export interface Jobs {
  /**
   * One job with its attempts and the end of their logs, as far as 8 MB. Airbyte sends whole logs: not for polling. The
   * public API has neither attempts nor logs, and gives the job without them.
   */
  get(jobId: number, options?: CallOptions): Promise<Job>;
  /**
   * One job with its attempts and the counts so far, which `jobs/get` has only for attempts that ended. From a server
   * without this call: the same as `get`.
   */
  getWithoutLogs(jobId: number, options?: CallOptions): Promise<Job>;
  /** One page of jobs, newest first when nothing else is asked for. */
  list(request: JobListRequest, options?: CallOptions): Promise<Job[]>;
  /** Jobs of the workspaces given, for those who may not read all of them. The Config API has it since 0.63. */
  listForWorkspaces(request: JobListForWorkspacesRequest, options?: CallOptions): Promise<Job[]>;
  /** Stops whatever runs on the job's connection, and answers when it has stopped. */
  cancel(jobId: number, options?: CallOptions): Promise<Job>;
  /** The connection's newest sync, reset, refresh or clear; undefined when there never was one. */
  getLastReplicationJob(connectionId: string, options?: CallOptions): Promise<Job | undefined>;
}
