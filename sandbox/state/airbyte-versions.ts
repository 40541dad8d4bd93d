/** The ages of Airbyte that the sandbox can behave like, the oldest first: those that have an OpenAPI document. */
export const SANDBOX_AIRBYTE_VERSIONS = ['0.50.0', '0.63.0', '1.0.0', '1.6.0', '1.8.0', '2.0.0', '2026-08'] as const;

export type SandboxAirbyteVersion = (typeof SANDBOX_AIRBYTE_VERSIONS)[number];

export const DEFAULT_AIRBYTE_VERSION: SandboxAirbyteVersion = '1.6.0';

export function isSandboxAirbyteVersion(version: string): version is SandboxAirbyteVersion {
  return SANDBOX_AIRBYTE_VERSIONS.some((known) => known === version);
}

/** In which versions something is there: from one on, and until the one that no longer has it. */
export interface Lifespan {
  since?: SandboxAirbyteVersion;
  until?: SandboxAirbyteVersion;
}

/**
 * Where servers of different ages differ in more than the fields of an answer (those are beside the answers). Read from
 * the OpenAPI documents, and from the server's code where they say nothing or something else.
 */
const FEATURES = {
  /** `jobs/list` without a `configId`, by status and by time. */
  jobFilters: { since: '0.63.0' },
  /** A cron expression that is refused is a problem document of 400; before, an error of 422. */
  cronProblems: { since: '0.63.0' },
  /** `jobs/list` sorts by a field only where the direction is given as well. */
  directedOrder: { since: '1.0.0' },
  /** `jobs/list` rounds `rowOffset` down to a multiple of `pageSize`. */
  wholePages: { since: '1.0.0' },
  /** The state of a stream that is read whole is dropped before each sync; before, it went back to the source. */
  dropsFullRefreshState: { since: '0.63.0' },
  /** With authentication on, callers have roles: what is missing is denied to them. */
  roles: { since: '0.63.0' },
  /** `connections/refresh` answers with the job it started; before, with `{ value: true }`. */
  refreshAnswersWithJob: { since: '1.6.0' },
  /** `connections/status` says in one word how a connection is; before, in five fields. */
  connectionSyncStatus: { since: '1.6.0' },
  /** Connections have tags. */
  tags: { since: '1.6.0' },
  /** Logs as events; before, as lines of text. */
  structuredLogs: { since: '1.6.0' },
  /** `sources/list` and `destinations/list` come in pages of 20, by name. */
  actorPages: { since: '1.8.0' },
  /** The public API tells streams of one name by their namespaces; before, the last one of a name counts. */
  streamNamespaces: { since: '1.8.0' },
  /** Counts of records that the destination refused. */
  rejectedRecords: { since: '1.8.0' },
  /** An error of 400, 404 or 500 carries only `{ errorId }`; before, the message and the exception's class. */
  bareErrors: { since: '2.0.0' },
  /** A user's id is its `id`; before, its `userId`. */
  userIds: { since: '1.0.0' },
  /** A job may wait as `queued` for the capacity to run. */
  queuedJobs: { since: '2026-08' },
} satisfies Record<string, Lifespan>;

export type Feature = keyof typeof FEATURES;

/** Calls that not every version has; a part of a path stands for all that begins with it. */
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

/** How a server of one age behaves. */
export class AirbyteBehaviour {
  private readonly age: number;

  constructor(readonly version: SandboxAirbyteVersion) {
    this.age = SANDBOX_AIRBYTE_VERSIONS.indexOf(version);
  }

  has(feature: Feature): boolean {
    return this.isAlive(FEATURES[feature]);
  }

  /** Whether there is such a call, as the request log names it: `jobs/list`, `public/jobs/{jobId}`. */
  hasCall(call: string): boolean {
    return Object.entries(CALLS).every(
      ([path, lifespan]) => (call !== path && !call.startsWith(`${path}/`)) || this.isAlive(lifespan),
    );
  }

  hasDestinationSyncMode(mode: string): boolean {
    return this.isAlive(SYNC_MODES[mode]);
  }

  hasJobType(type: string): boolean {
    return this.isAlive(JOB_TYPES[type]);
  }

  hasJobStatus(status: string): boolean {
    return this.isAlive(JOB_STATUSES[status]);
  }

  /** An answer of today without the fields that this version did not have yet, or no longer has. */
  fieldsOf<Answer extends object>(answer: Answer, lifespans: Partial<Record<keyof Answer, Lifespan>>): Partial<Answer> {
    const aged: Partial<Answer> = { ...answer };
    for (const [field, lifespan] of Object.entries(lifespans)) {
      if (!this.isAlive(lifespan as Lifespan)) delete aged[field as keyof Answer];
    }
    return aged;
  }

  private isAlive({ since, until }: Lifespan = {}): boolean {
    return (
      (since === undefined || this.age >= SANDBOX_AIRBYTE_VERSIONS.indexOf(since)) &&
      (until === undefined || this.age < SANDBOX_AIRBYTE_VERSIONS.indexOf(until))
    );
  }
}
