import { z } from 'zod';
import type { ReferenceJobs } from './reference-jobs';

export interface ReferenceOptions {
  /**
   * What becomes of a field that the reference does not show, `scheduleType` say. The reference does not tell, and
   * callers have to be right under both.
   * @default 'kept'
   */
  unknownFields?: 'kept' | 'dropped';
  /** The streams of every source. @default customers and orders */
  streams?: DiscoveredStream[];
}

export interface DiscoveredStream {
  name: string;
  properties: Record<string, unknown>;
  cursorField: string;
}

const WORKSPACE_ID = 'default-workspace-id';

/** With names that are nearly another's: a look-up by exact name must not stop at the first that contains it. */
const SOURCE_DEFINITIONS = [
  { sourceDefinitionId: 'rest-api-definition-id', name: 'REST API' },
  { sourceDefinitionId: 's3-source-definition-id', name: 'S3' },
  { sourceDefinitionId: 'mysql-definition-id', name: 'MySQL' },
  { sourceDefinitionId: 'postgres-definition-id', name: 'Postgres' },
];
const DESTINATION_DEFINITIONS = [
  { destinationDefinitionId: 's3-data-lake-definition-id', name: 'S3 Data Lake' },
  { destinationDefinitionId: 's3-glue-definition-id', name: 'S3-Glue' },
  { destinationDefinitionId: 's3-definition-id', name: 'S3' },
  { destinationDefinitionId: 'postgres-destination-definition-id', name: 'Postgres' },
];

const DEFAULT_STREAMS: DiscoveredStream[] = ['customers', 'orders'].map((name) => ({
  name,
  properties: {
    id: { type: 'integer' },
    updated_at: { type: 'string', format: 'date-time' },
    note: { type: ['null', 'string'] },
  },
  cursorField: 'updated_at',
}));

/** A request that the server rejects, with the reason in its response. */
export class RejectedRequest extends Error {
  constructor(
    readonly status: 400 | 404 | 409,
    message: string,
  ) {
    super(message);
  }
}

/** @throws {@link RejectedRequest} */
export type Call = (body: unknown) => unknown;

/** One line for each call of the reference: what its body has to have, and what it responds with. */
export function referenceCalls(
  jobs: ReferenceJobs,
  failedChecks: ReadonlyMap<string, string>,
  { unknownFields = 'kept', streams = DEFAULT_STREAMS }: ReferenceOptions,
): ReadonlyMap<string, Call> {
  const { source, destination, connection, changedConnection } = bodies(unknownFields);
  const sources = new Map<string, z.infer<typeof source> & { sourceId: string }>();
  const destinations = new Map<string, z.infer<typeof destination> & { destinationId: string }>();
  const connections = new Map<string, z.infer<typeof changedConnection>>();

  const check = (actorId: string) => {
    const message = failedChecks.get(actorId);
    return message === undefined
      ? { status: 'succeeded', message: 'Connection test succeeded' }
      : { status: 'failed', message };
  };
  const inWorkspace = (workspaceId: string) => {
    if (workspaceId !== WORKSPACE_ID) throw new RejectedRequest(404, `Could not find workspace: ${workspaceId}`);
  };

  return new Map<string, Call>([
    [
      'workspaces/list',
      takes(z.object({}), () => ({ workspaces: [{ workspaceId: WORKSPACE_ID, name: 'default', slug: 'default' }] })),
    ],
    [
      'source_definitions/list',
      takes(inAWorkspace, ({ workspaceId }) => {
        inWorkspace(workspaceId);
        return { sourceDefinitions: SOURCE_DEFINITIONS };
      }),
    ],
    [
      'source_definitions/get',
      takes(z.object({ sourceDefinitionId: z.string() }), ({ sourceDefinitionId }) =>
        known(
          'source definition',
          sourceDefinitionId,
          SOURCE_DEFINITIONS.find((d) => d.sourceDefinitionId === sourceDefinitionId),
        ),
      ),
    ],
    [
      'destination_definitions/list',
      takes(inAWorkspace, ({ workspaceId }) => {
        inWorkspace(workspaceId);
        return { destinationDefinitions: DESTINATION_DEFINITIONS };
      }),
    ],

    [
      'sources/create',
      takes(source, (body) => {
        inWorkspace(body.workspaceId);
        known(
          'source definition',
          body.sourceDefinitionId,
          SOURCE_DEFINITIONS.find((d) => d.sourceDefinitionId === body.sourceDefinitionId),
        );
        const created = { sourceId: `source-id-${123 + sources.size}`, ...body };
        sources.set(created.sourceId, created);
        return created;
      }),
    ],
    [
      'sources/list',
      takes(inAWorkspace, ({ workspaceId }) => {
        inWorkspace(workspaceId);
        return { sources: [...sources.values()] };
      }),
    ],
    [
      'sources/check_connection',
      takes(z.object({ sourceId: z.string() }), ({ sourceId }) => {
        known('source', sourceId, sources.get(sourceId));
        return check(sourceId);
      }),
    ],
    [
      'sources/discover_schema',
      takes(z.object({ sourceId: z.string() }), ({ sourceId }) => {
        known('source', sourceId, sources.get(sourceId));
        return { catalog: { streams: streams.map(discovered) } };
      }),
    ],

    [
      'destinations/create',
      takes(destination, (body) => {
        inWorkspace(body.workspaceId);
        known(
          'destination definition',
          body.destinationDefinitionId,
          DESTINATION_DEFINITIONS.find((d) => d.destinationDefinitionId === body.destinationDefinitionId),
        );
        const created = { destinationId: `dest-id-${456 + destinations.size}`, ...body };
        destinations.set(created.destinationId, created);
        return created;
      }),
    ],
    [
      'destinations/check_connection',
      takes(z.object({ destinationId: z.string() }), ({ destinationId }) => {
        known('destination', destinationId, destinations.get(destinationId));
        return check(destinationId);
      }),
    ],

    [
      'connections/create',
      takes(connection, (body) => {
        known('source', body.sourceId, sources.get(body.sourceId));
        known('destination', body.destinationId, destinations.get(body.destinationId));
        const created = { connectionId: `connection-id-${789 + connections.size}`, ...body };
        connections.set(created.connectionId, created);
        return created;
      }),
    ],
    [
      'connections/get',
      takes(ofAConnection, ({ connectionId }) => known('connection', connectionId, connections.get(connectionId))),
    ],
    // A replacement, as the reference's `get`, change, `update` reads: what the body leaves out is gone.
    [
      'connections/update',
      takes(changedConnection, (body) => {
        known('connection', body.connectionId, connections.get(body.connectionId));
        connections.set(body.connectionId, body);
        return body;
      }),
    ],
    [
      'connections/sync',
      takes(ofAConnection, ({ connectionId }) => {
        known('connection', connectionId, connections.get(connectionId));
        if (jobs.isRunning(connectionId))
          throw new RejectedRequest(409, `A sync is already running for: ${connectionId}`);
        return { job: jobs.start(connectionId) };
      }),
    ],

    ['jobs/get', takes(z.object({ id: z.int() }), ({ id }) => ({ job: known('job', id, jobs.read(id)) }))],
    // Flat jobs, newest first, all of them: the reference knows neither pages nor a list over several connections.
    [
      'jobs/list',
      takes(
        z.object({ configTypes: z.array(z.string()).min(1), configId: z.string() }),
        ({ configTypes, configId }) => ({
          jobs: configTypes.includes('sync') ? jobs.readAll(configId) : [],
        }),
      ),
    ],
    ['jobs/cancel', takes(z.object({ id: z.int() }), ({ id }) => ({ job: known('job', id, jobs.cancel(id)) }))],
  ]);
}

const inAWorkspace = z.object({ workspaceId: z.string() });
const ofAConnection = z.object({ connectionId: z.string() });

/** The bodies that become objects, with every field that the reference shows in them. */
function bodies(unknownFields: 'kept' | 'dropped') {
  // Both have one type, so that callers read the same fields under either.
  const object: typeof z.object = unknownFields === 'dropped' ? z.object : (z.looseObject as typeof z.object);

  const source = object({
    sourceDefinitionId: z.string(),
    connectionConfiguration: z.record(z.string(), z.unknown()),
    workspaceId: z.string(),
    name: z.string(),
  });
  const destination = object({
    destinationDefinitionId: z.string(),
    connectionConfiguration: z.record(z.string(), z.unknown()),
    workspaceId: z.string(),
    name: z.string(),
  });
  const stream = object({
    stream: object({ name: z.string(), namespace: z.string().optional() }),
    config: object({
      syncMode: z.enum(['full_refresh', 'incremental']),
      cursorField: z.array(z.string()).optional(),
      destinationSyncMode: z.string(),
      selected: z.boolean(),
    }).refine((config) => config.syncMode !== 'incremental' || (config.cursorField?.length ?? 0) > 0, {
      path: ['cursorField'],
      message: 'Incremental needs a cursor field',
    }),
  });
  const connection = object({
    sourceId: z.string(),
    destinationId: z.string(),
    syncCatalog: object({ streams: z.array(stream).min(1) }),
    // Left out it is a connection that runs by hand only: the reference has no other way to say so.
    schedule: object({
      units: z.int().positive(),
      timeUnit: z.enum(['minutes', 'hours', 'days', 'weeks', 'months']),
    }).optional(),
    name: z.string(),
    namespaceDefinition: z.enum(['source', 'destination', 'customformat']),
    status: z.enum(['active', 'inactive', 'deprecated']),
  });
  return { source, destination, connection, changedConnection: connection.extend({ connectionId: z.string() }) };
}

function discovered({ name, properties, cursorField }: DiscoveredStream) {
  return {
    stream: { name, jsonSchema: { type: 'object', properties }, supportedSyncModes: ['full_refresh', 'incremental'] },
    config: { syncMode: 'incremental', cursorField: [cursorField], destinationSyncMode: 'append' },
  };
}

function known<T>(kind: string, id: string | number, found: T | undefined): T {
  if (found === undefined) throw new RejectedRequest(404, `Could not find ${kind}: ${id}`);
  return found;
}

function takes<T>(schema: z.ZodType<T>, handle: (body: T) => unknown): Call {
  return (body) => {
    const parsed = schema.safeParse(body);
    if (parsed.success) return handle(parsed.data);
    const reasons = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the body'}: ${issue.message}`);
    throw new RejectedRequest(400, reasons.join('; '));
  };
}
