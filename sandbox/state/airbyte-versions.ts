/** The versions of Airbyte that the sandbox can simulate, oldest first: those that have an OpenAPI document. */
export const SANDBOX_AIRBYTE_VERSIONS = ['0.50.0', '0.63.0', '1.0.0', '1.6.0', '1.8.0', '2.0.0', '2026-08'] as const;

export type SandboxAirbyteVersion = (typeof SANDBOX_AIRBYTE_VERSIONS)[number];

export const DEFAULT_AIRBYTE_VERSION: SandboxAirbyteVersion = '1.6.0';

export function isSandboxAirbyteVersion(version: string): version is SandboxAirbyteVersion {
  return SANDBOX_AIRBYTE_VERSIONS.some((known) => known === version);
}

/** The versions that have a feature: from `since` on, and before `until`. */
export interface Lifespan {
  since?: SandboxAirbyteVersion;
  until?: SandboxAirbyteVersion;
}

/**
 * How versions differ in more than the fields of a response (those lifespans stand next to the responses). The source is
 * the OpenAPI documents, and the server's code where the documents are silent or wrong.
 */
const FEATURES = {
  /** `jobs/list` works without a `configId`, and filters by status and time. */
  jobFilters: { since: '0.63.0' },
  /** An invalid cron expression yields a problem document with 400; before, an error with 422. */
  cronProblems: { since: '0.63.0' },
  /** `jobs/list` sorts by a field only if the request also gives the direction. */
  directedOrder: { since: '1.0.0' },
  /** `jobs/list` rounds `rowOffset` down to a multiple of `pageSize`. */
  wholePages: { since: '1.0.0' },
  /** The server drops the state of full-refresh streams before each sync; before, it passed the state to the source. */
  dropsFullRefreshState: { since: '0.63.0' },
  /** With authentication on, callers have roles: the server denies access to unknown objects. */
  roles: { since: '0.63.0' },
  /** `connections/refresh` returns the job that it started; before, `{ value: true }`. */
  refreshReturnsJob: { since: '1.6.0' },
  /** `connections/status` reports a connection's state in one word; before, in five fields. */
  connectionSyncStatus: { since: '1.6.0' },
  /** Connections have tags. */
  tags: { since: '1.6.0' },
  /** Logs are structured events; before, lines of text. */
  structuredLogs: { since: '1.6.0' },
  /** `sources/list` and `destinations/list` return pages of 20, sorted by name. */
  actorPages: { since: '1.8.0' },
  /** The public API distinguishes streams of the same name by namespace; before, the last stream of a name counts. */
  streamNamespaces: { since: '1.8.0' },
  /** Attempts count the records that the destination rejected. */
  rejectedRecords: { since: '1.8.0' },
  /** An error with 400, 404 or 500 carries only `{ errorId }`; before, the message and the exception's class. */
  bareErrors: { since: '2.0.0' },
  /** Notifications to webhooks say in `data` which job ended; before, they consist of a text. */
  notificationData: { since: '0.63.0' },
  /** The field for a user's id is `id`; before, `userId`. */
  userIds: { since: '1.0.0' },
  /** A job may wait with the status `queued` for capacity. */
  queuedJobs: { since: '2026-08' },
} satisfies Record<string, Lifespan>;

export type Feature = keyof typeof FEATURES;

/** Calls that only some versions have. A part of a path stands for every call that begins with it. */
const CALLS: Record<string, Lifespan> = {
  'workspaces/list': { until: '1.8.0' },
  applications: { since: '0.63.0' },
  'state/create_or_update_safe': { since: '0.63.0' },
  instance_configuration: { since: '0.63.0' },
  actor_definition_versions: { since: '0.63.0' },
  'connections/clear': { since: '0.63.0' },
  'connections/refresh': { since: '0.63.0' },
  'connections/status': { since: '0.63.0' },
  'jobs/list_for_workspaces': { since: '0.63.0' },
  'notifications/try_webhook': { since: '0.63.0' },
  tags: { since: '1.6.0' },
  public: { since: '0.63.0' },
  'public/applications': { since: '1.0.0' },
  'public/organizations': { since: '1.0.0' },
  'public/tags': { since: '1.6.0' },
  'public/connector_definitions': { since: '1.6.0' },
  'public/workspaces/{workspaceId}/definitions': { since: '1.6.0' },
};

const SYNC_MODES: Record<string, Lifespan> = {
  overwrite_dedup: { since: '1.0.0' },
  update: { since: '1.8.0' },
  soft_delete: { since: '1.8.0' },
};

const JOB_TYPES: Record<string, Lifespan> = { refresh: { since: '0.63.0' }, clear: { since: '0.63.0' } };
const JOB_STATUSES: Record<string, Lifespan> = { queued: { since: '2026-08' } };

/** How the server of one version behaves. */
export class AirbyteBehaviour {
  private readonly age: number;

  constructor(readonly version: SandboxAirbyteVersion) {
    this.age = SANDBOX_AIRBYTE_VERSIONS.indexOf(version);
  }

  has(feature: Feature): boolean {
    return this.isIn(FEATURES[feature]);
  }

  /** Whether the version has a call, named as in the request log: `jobs/list`, `public/jobs/{jobId}`. */
  hasCall(call: string): boolean {
    return Object.entries(CALLS).every(
      ([path, lifespan]) => (call !== path && !call.startsWith(`${path}/`)) || this.isIn(lifespan),
    );
  }

  hasDestinationSyncMode(mode: string): boolean {
    return this.isIn(SYNC_MODES[mode]);
  }

  hasJobType(type: string): boolean {
    return this.isIn(JOB_TYPES[type]);
  }

  hasJobStatus(status: string): boolean {
    return this.isIn(JOB_STATUSES[status]);
  }

  /** A response of the newest version without the fields that this version does not have. */
  fieldsOf<Response extends object>(
    response: Response,
    lifespans: Partial<Record<keyof Response, Lifespan>>,
  ): Partial<Response> {
    const present: Partial<Response> = { ...response };
    for (const [field, lifespan] of Object.entries(lifespans)) {
      if (!this.isIn(lifespan as Lifespan)) delete present[field as keyof Response];
    }
    return present;
  }

  private isIn({ since, until }: Lifespan = {}): boolean {
    return (
      (since === undefined || this.age >= SANDBOX_AIRBYTE_VERSIONS.indexOf(since)) &&
      (until === undefined || this.age < SANDBOX_AIRBYTE_VERSIONS.indexOf(until))
    );
  }
}
