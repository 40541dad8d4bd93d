import type { JobFailure } from '../contract/job-outcome';
import type { CallOptions } from './calls';
import type { AirbyteCapabilities } from './capabilities';
import type { Job, LoggedJob } from './jobs';
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
 * The calls of Airbyte, whichever of its two APIs the client uses. Names and shapes are those of the Config API. Every
 * call throws `AirbyteError`, with the type `AirbyteUnsupported` for what the API or the server does not have.
 */

/** All calls about Airbyte's objects, by resource. */
export interface AirbyteResources {
  readonly workspaces: Workspaces;
  readonly sourceDefinitions: Definitions<'sourceDefinitionId'>;
  readonly destinationDefinitions: Definitions<'destinationDefinitionId'>;
  readonly sources: Sources;
  readonly destinations: Destinations;
  readonly connections: Connections;
  readonly tags: Tags;
  readonly jobs: Jobs;
  readonly webhooks: Webhooks;
}

/** What the module of each API flavour gives the client. */
export interface FlavourModule {
  readonly resources: AirbyteResources;
  health(options?: CallOptions): Promise<{ available: boolean }>;
  probeCapabilities(options?: CallOptions): Promise<AirbyteCapabilities>;
}

export interface ListOptions extends CallOptions {
  /**
   * Throws `AirbyteUnavailable` if the list may be incomplete, for callers that take a missing row for a missing
   * object. Default: the call returns the known rows, and the client warns.
   */
  requireComplete?: boolean;
}

export interface Workspaces {
  /** Every workspace that the credentials may read. */
  list(options?: ListOptions): Promise<Workspace[]>;
  get(workspaceId: string, options?: CallOptions): Promise<Workspace>;
}

export type DefinitionIdField = 'sourceDefinitionId' | 'destinationDefinitionId';

/** Connector definitions, which sources and destinations are created from. */
export interface Definitions<IdField extends DefinitionIdField> {
  /**
   * The connectors that a workspace may use, with its own custom ones. A server without a list per workspace gives all
   * its connectors.
   */
  list(workspaceId: string, options?: CallOptions): Promise<Definition[]>;
  /** One definition; if a workspace is given, in the version that it uses. The public API requires the workspace. */
  get(id: Record<IdField, string> & { workspaceId?: string }, options?: CallOptions): Promise<Definition>;
  /**
   * The specification of the connector's configuration.
   *
   * @throws AirbyteError `AirbyteUnsupported` from a server without specifications, and always from the public API.
   */
  specification(
    id: Record<IdField, string> & { workspaceId: string },
    options?: CallOptions,
  ): Promise<DefinitionSpecification>;
}

/** The result of a connection check. */
export interface ConnectionCheck {
  /** `succeeded` or `failed`; left out if the check itself broke. */
  status?: string | undefined;
  /** The connector's own message. */
  message?: string | undefined;
  /** Why the check itself broke, if Airbyte says so. */
  failure?: JobFailure | undefined;
}

export interface ActorInput {
  name: string;
  /** Sent as it is, with its secrets: never log it. */
  connectionConfiguration: Record<string, unknown>;
}

/** A configuration that is not saved yet. Never log it: it is sent with its secrets. */
export interface NewConfiguration extends Pick<ActorInput, 'connectionConfiguration'> {
  workspaceId: string;
}

/** What sources and destinations have in common. */
export interface Actors<IdField extends string, ActorDefinitionIdField extends DefinitionIdField, Actor> {
  /** All sources or destinations of a workspace. */
  list(workspaceId: string, options?: ListOptions): Promise<Actor[]>;
  get(id: string, options?: CallOptions): Promise<Actor>;
  create(
    input: ActorInput & { workspaceId: string } & Record<ActorDefinitionIdField, string>,
    options?: CallOptions,
  ): Promise<Actor>;
  /**
   * Changes the name and the configuration. Secrets that are sent masked (`**********`) stay unchanged. In the public
   * API, so do fields that the configuration leaves out.
   *
   * @param input.replaces the configuration is complete: fields that it leaves out are removed, in the public API too
   */
  update(input: ActorInput & { replaces?: boolean } & Record<IdField, string>, options?: CallOptions): Promise<Actor>;
  /**
   * Checks whether the connector can connect. A failed check is a result, not an error.
   *
   * @throws AirbyteError `AirbyteUnsupported` always, from the public API.
   */
  checkConnection(id: string, options?: CallOptions): Promise<ConnectionCheck>;
  /**
   * Checks the configuration with which an existing source or destination is to be updated, and saves nothing. Secrets that
   * are sent masked keep their values for the check.
   *
   * @throws AirbyteError `AirbyteUnsupported` always, from the public API; `AirbyteInvalidRequest` if the configuration does
   * not fulfil the connector's specification.
   */
  checkConnectionForUpdate(
    input: ActorInput & Record<IdField, string>,
    options?: CallOptions,
  ): Promise<ConnectionCheck>;
  /**
   * Checks the configuration with which a source or destination is to be created, and creates nothing.
   *
   * @throws AirbyteError `AirbyteUnsupported` always, from the public API.
   */
  checkConnectionForCreate(
    input: NewConfiguration & Record<ActorDefinitionIdField, string>,
    options?: CallOptions,
  ): Promise<ConnectionCheck>;
}

export type Destinations = Actors<'destinationId', 'destinationDefinitionId', Destination>;

export interface DiscoveredSchema {
  catalogId?: string | undefined;
  catalog: Catalog;
}

export interface Sources extends Actors<'sourceId', 'sourceDefinitionId', Source> {
  /**
   * Discovers the streams of a source, which can take minutes.
   *
   * @param request.disableCache runs the discovery even if Airbyte has a cached result.
   * @param request.connectionId compares the result with this connection, which Airbyte may disable because of a
   * breaking change. Only in the Config API.
   * @throws AirbyteError with the connector's reason if the discovery itself failed: `AirbyteInvalidRequest` for a
   * wrong configuration, else `AirbyteUnavailable`. The public API does not distinguish these: always
   * `AirbyteInvalidRequest`.
   */
  discoverSchema(
    sourceId: string,
    request?: { disableCache?: boolean; connectionId?: string },
    options?: CallOptions,
  ): Promise<DiscoveredSchema>;
  /**
   * Discovers the streams that a source has with a configuration which is not saved yet.
   *
   * @param input.sourceId the source that is to be updated; left out for one that is to be created
   * @throws AirbyteError as `discoverSchema` does; `AirbyteUnsupported` always, from the public API
   */
  discoverSchemaOfConfiguration(
    input: NewConfiguration & { sourceDefinitionId: string; sourceId?: string },
    options?: CallOptions,
  ): Promise<DiscoveredSchema>;
}

/** `Truncate` removes the old records once the new ones are in the destination, `Merge` keeps both. */
export type RefreshMode = 'Truncate' | 'Merge';

export interface Connections {
  create(
    connection: { sourceId: string; destinationId: string; status: string; [field: string]: unknown },
    options?: CallOptions,
  ): Promise<Connection>;
  get(connectionId: string, options?: CallOptions): Promise<Connection>;
  list(workspaceId: string, options?: ListOptions): Promise<Connection[]>;
  /** Changes the given fields and no others. A whole connection that was read and changed may be given as well. */
  update(connection: { connectionId: string; [field: string]: unknown }, options?: CallOptions): Promise<Connection>;
  /** Deletes a connection and stops what runs on it. Its records stay in the destination. */
  delete(connectionId: string, options?: CallOptions): Promise<void>;
  /**
   * The form in which this API shows a schedule after it was set. The public API has no basic schedules, and shows an
   * equivalent cron expression instead.
   *
   * @throws AirbyteError `AirbyteInvalidRequest` for a schedule that this API cannot represent.
   */
  normalizeSchedule(schedule: ConnectionSchedule): ConnectionSchedule;
  /** Starts a sync. @throws AirbyteError `AirbyteConflict` if a job is already running. */
  sync(connectionId: string, options?: CallOptions): Promise<Job>;
  /** Starts a reset, which is the older name of `clear` that Airbyte still supports. */
  reset(connectionId: string, options?: CallOptions): Promise<Job>;
  /** Starts the removal of the connection's records in the destination. The Config API has it since 0.63. */
  clear(connectionId: string, options?: CallOptions): Promise<Job>;
  /**
   * Starts a new read of every record. The Config API has it since 0.63, the public API not at all.
   *
   * @returns the job; undefined in three cases: from servers before 1.6, which do not show the job; while another job
   * runs, since Airbyte then turns the connection's next sync into the refresh; and since 1.6, if the destination does
   * not support refreshes.
   * @throws AirbyteError `AirbyteUnsupported` if the server or, before 1.6, the destination does not support refreshes.
   */
  refresh(
    connectionId: string,
    request?: { refreshMode?: RefreshMode },
    options?: CallOptions,
  ): Promise<Job | undefined>;
  /**
   * Whether the destination of a connection supports refreshes; undefined if the server does not show it. For a
   * destination without refreshes, Airbyte accepts a refresh but starts no job.
   */
  supportsRefreshes(connectionId: string, options?: CallOptions): Promise<boolean | undefined>;
}

/** What to do if the server has no tags. */
export const TAGS_UNSUPPORTED_ADVICE = 'Airbyte has tags since 1.6. Choose connections by their names instead.';

export interface Tags {
  /** All tags of a workspace. @throws AirbyteError `AirbyteUnsupported` from servers before 1.6. */
  list(workspaceId: string, options?: CallOptions): Promise<Tag[]>;
}

export interface JobFilter {
  /** Airbyte's `configTypes`: `sync`, `reset_connection`, `refresh`, `clear`. Airbyte 0.50 knows the first two. */
  jobTypes: readonly string[];
  /** Default: 200. */
  pageSize?: number | undefined;
  rowOffset?: number | undefined;
  /** Jobs whose status changed at this time or later. Servers before 0.63 ignore it. */
  updatedAtStart?: Date | string | undefined;
  /** Jobs that were created between these times, both included. Servers before 0.63 ignore them. */
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
   * One job with its attempts and the last lines of their logs, within the first 8 MB. Airbyte sends whole logs, so do
   * not poll with this call. The public API has neither attempts nor logs, and gives the job without them.
   */
  get(jobId: number, options?: CallOptions): Promise<Job>;
  /**
   * One job whose attempts have their whole logs, up to what the memory of this process allows. Of a running attempt, they have
   * what Airbyte has so far.
   *
   * @throws AirbyteError `AirbyteUnsupported` always, from the public API
   */
  getWithLogs(jobId: number, options?: CallOptions): Promise<LoggedJob>;
  /**
   * One job with its attempts and the counts so far, which `jobs/get` has only for attempts that ended. On a server
   * without this call, it is the same as `get`.
   */
  getWithoutLogs(jobId: number, options?: CallOptions): Promise<Job>;
  /** One page of jobs. Default order: newest first. */
  list(request: JobListRequest, options?: CallOptions): Promise<Job[]>;
  /** Jobs of the given workspaces, for credentials that may not read all of them. The Config API has it since 0.63. */
  listForWorkspaces(request: JobListForWorkspacesRequest, options?: CallOptions): Promise<Job[]>;
  /** Stops any job that runs on the job's connection, and returns when it has stopped. */
  cancel(jobId: number, options?: CallOptions): Promise<Job>;
  /** The connection's newest sync, reset, refresh or clear; undefined if there never was one. */
  getLastReplicationJob(connectionId: string, options?: CallOptions): Promise<Job | undefined>;
}

/** The ends of syncs that Airbyte can notify a webhook about. It sends nothing for cancelled ones, resets and clears. */
export const WEBHOOK_EVENTS = ['success', 'failure'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** The webhook of an event. It has room for one. */
export interface Webhook {
  /** It may contain a secret: do not log it. */
  url: string;
  enabled: boolean;
}

/** The webhooks of a workspace; an event without one is left out. */
export type WorkspaceWebhooks = Partial<Record<WebhookEvent, Webhook>>;

/** The new URLs by event; null removes the webhook, and an event that is left out stays as it is. */
export type WebhookChanges = Partial<Record<WebhookEvent, string | null>>;

/** The result of a test notification. */
export interface WebhookTrial {
  accepted: boolean;
  /** Airbyte's own reason for a failure, if it gives one. */
  message?: string | undefined;
}

/** The webhooks of workspaces, which Airbyte calls when syncs have ended. */
export interface Webhooks {
  get(workspaceId: string, options?: CallOptions): Promise<WorkspaceWebhooks>;
  /**
   * Changes the webhooks of the given events, and no other notification of the workspace.
   *
   * @returns the webhooks that Airbyte has after the change
   * @throws AirbyteError `AirbyteUnsupported` from the public API of servers before 1.6
   */
  set(workspaceId: string, changes: WebhookChanges, options?: CallOptions): Promise<WorkspaceWebhooks>;
  /**
   * Lets Airbyte send a notification about a sync that does not exist.
   *
   * @throws AirbyteError `AirbyteUnsupported` from servers before 0.63 and from the public API
   */
  try(url: string, event: WebhookEvent, options?: CallOptions): Promise<WebhookTrial>;
}
