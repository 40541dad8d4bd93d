import { expect, test } from '@jest/globals';

/** What the reference's examples need of the Airbyte they run against. */
export interface ReferenceTarget {
  url: string;
  /** Settings with which a `Postgres` source can be checked, read and synced here. */
  postgresConfiguration: Record<string, unknown>;
  /** Settings of a destination `S3` that can be written to here. */
  s3Configuration: Record<string, unknown>;
  /** Streams of that source as the reference selects them; they have an `updated_at`. */
  streams: { name: string; namespace?: string }[];
  /** Resolves when something may have changed on the job: instead of the `time.sleep(10)` of the reference. */
  jobMoved(jobId: number): Promise<void>;
  /** Keeps jobs from ending by themselves, until what it gives is called. */
  holdJobs(): Promise<() => Promise<void>>;
}

/**
 * Whose responses are expected: the reference's, or those of today's Airbyte where the two differ. That is in four
 * places: the message of a check that succeeded, the update of a schedule, the counts of a job, the form of a job list.
 */
export type Wording = 'of the reference' | "of today's Airbyte";

type Json = Record<string, unknown>;
interface Stream {
  stream: { name: string; namespace?: string };
  config: { syncMode: string; cursorField: string[]; destinationSyncMode: string; selected: boolean };
}

/**
 * Registers the examples of the user's API reference as tests, in its order and with its fields: each reads from a
 * response just what the reference reads. The ids come from the responses where the reference writes examples of them.
 */
export function testReferenceExamples(wording: Wording, target: () => ReferenceTarget): void {
  const literal = wording === 'of the reference';
  const ids = { workspace: '', postgres: '', restApi: '', s3: '', source: '', destination: '', connection: '', job: 0 };

  async function post(call: string, body: Json): Promise<Json> {
    const response = await fetch(`${target().url}/${call}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    // What a reader of the failed test needs: Airbyte's reason.
    if (response.status !== 200) throw new Error(`${call} responded with ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  async function definitions(kind: 'source' | 'destination'): Promise<Json[]> {
    const response = await post(`${kind}_definitions/list`, { workspaceId: ids.workspace });
    return response[`${kind}Definitions`] as Json[];
  }

  function selected({ name, namespace }: { name: string; namespace?: string }): Stream {
    return {
      stream: { name, ...(namespace === undefined ? {} : { namespace }) },
      config: { syncMode: 'incremental', cursorField: ['updated_at'], destinationSyncMode: 'append', selected: true },
    };
  }

  test('lists the workspaces', async () => {
    const { workspaces } = await post('workspaces/list', {});
    expect(workspaces).toContainEqual(expect.objectContaining({ workspaceId: text(), name: text(), slug: text() }));
    ids.workspace = String((workspaces as Json[])[0]?.['workspaceId']);
  });

  test('lists the definitions: Postgres is found by a part of its name, S3 by exactly it', async () => {
    const postgres = (await definitions('source')).find(({ name }) => String(name).toLowerCase().includes('postgres'));
    expect(postgres).toMatchObject({ sourceDefinitionId: text(), name: 'Postgres' });
    ids.postgres = String(postgres?.['sourceDefinitionId']);

    const restApi = (await definitions('source')).find(({ name }) => name === 'REST API');
    expect(restApi).toMatchObject({ sourceDefinitionId: text() });
    ids.restApi = String(restApi?.['sourceDefinitionId']);

    const s3 = (await definitions('destination')).find(({ name }) => name === 'S3');
    expect(s3).toMatchObject({ destinationDefinitionId: text() });
    ids.s3 = String(s3?.['destinationDefinitionId']);
  });

  test('creates a PostgreSQL source', async () => {
    const source = {
      sourceDefinitionId: ids.postgres,
      connectionConfiguration: target().postgresConfiguration,
      workspaceId: ids.workspace,
      name: 'PostgreSQL - Ecommerce',
    };
    const { connectionConfiguration: _, ...withoutConfiguration } = source;
    const created = await post('sources/create', source);
    expect(created).toMatchObject({ ...withoutConfiguration, sourceId: text(), connectionConfiguration: anObject() });
    ids.source = String(created['sourceId']);
  });

  test('creates a REST API source', async () => {
    const created = await post('sources/create', {
      sourceDefinitionId: ids.restApi,
      connectionConfiguration: { url: 'https://api.example.com/customers', api_key: 'your-api-key', method: 'GET' },
      workspaceId: ids.workspace,
      name: 'CRM API',
    });
    expect(created).toMatchObject({ sourceId: text(), name: 'CRM API' });
  });

  test('checks the source', async () => {
    const { status, message } = await post('sources/check_connection', { sourceId: ids.source });
    expect(status).toBe('succeeded');
    expect(message).toEqual(literal ? text() : undefined);
  });

  test('lists the sources', async () => {
    const { sources } = await post('sources/list', { workspaceId: ids.workspace });
    expect(sources).toContainEqual(expect.objectContaining({ name: 'PostgreSQL - Ecommerce', sourceId: ids.source }));
  });

  test('creates an S3 destination', async () => {
    const created = await post('destinations/create', {
      destinationDefinitionId: ids.s3,
      connectionConfiguration: target().s3Configuration,
      workspaceId: ids.workspace,
      name: 'MinIO - Bronze Layer',
    });
    expect(created).toMatchObject({ destinationId: text(), name: 'MinIO - Bronze Layer' });
    ids.destination = String(created['destinationId']);
  });

  // The reference looks the definition up among the sources; only a destination's definition has the id it then reads.
  test('creates a PostgreSQL destination', async () => {
    const postgres = (await definitions('destination')).find(({ name }) =>
      String(name).toLowerCase().includes('postgres'),
    );
    const created = await post('destinations/create', {
      destinationDefinitionId: postgres?.['destinationDefinitionId'],
      connectionConfiguration: {
        host: 'postgres',
        port: 5432,
        database: 'datawarehouse',
        username: 'postgres',
        password: 'postgres',
        schema: 'raw',
        ssl: false,
      },
      workspaceId: ids.workspace,
      name: 'PostgreSQL - Staging',
    });
    expect(created).toMatchObject({ destinationId: text() });
  });

  test('checks the destination', async () => {
    const { status } = await post('destinations/check_connection', { destinationId: ids.destination });
    expect(status).toBe('succeeded');
  });

  test('discovers the schema', async () => {
    const { catalog } = await post('sources/discover_schema', { sourceId: ids.source });
    for (const { name } of target().streams) {
      expect((catalog as Json)['streams']).toContainEqual(
        expect.objectContaining({
          stream: expect.objectContaining({
            name,
            jsonSchema: anObject(),
            supportedSyncModes: ['full_refresh', 'incremental'],
          }),
          config: expect.objectContaining({
            syncMode: text(),
            cursorField: expect.any(Array),
            destinationSyncMode: text(),
          }),
        }),
      );
    }
  });

  test('creates a connection', async () => {
    const created = await post('connections/create', {
      sourceId: ids.source,
      destinationId: ids.destination,
      syncCatalog: { streams: target().streams.map(selected) },
      schedule: { units: 24, timeUnit: 'hours' },
      name: 'PostgreSQL → MinIO',
      namespaceDefinition: 'source',
      status: 'active',
    });
    expect(created).toMatchObject({ connectionId: text() });
    ids.connection = String(created['connectionId']);
  });

  test('changes the schedule of a connection: get, change, update', async () => {
    const connection = await post('connections/get', { connectionId: ids.connection });
    expect(connection).toMatchObject({ schedule: { units: 24, timeUnit: 'hours' } });

    const schedule = { ...(connection['schedule'] as Json), units: 6 };
    const update = () => post('connections/update', { ...connection, schedule });
    if (literal) {
      await update();
    } else {
      // Reads still have the old field, updates must not.
      await expect(update()).rejects.toThrow("'schedule' is no longer supported");
      const { schedule: _, ...rest } = connection;
      await post('connections/update', { ...rest, scheduleType: 'basic', scheduleData: { basicSchedule: schedule } });
    }

    const updated = await post('connections/get', { connectionId: ids.connection });
    expect(updated).toMatchObject({ schedule: { units: 6, timeUnit: 'hours' } });
    for (const field of ['sourceId', 'destinationId', 'syncCatalog', 'name', 'namespaceDefinition', 'status']) {
      expect(updated[field]).toEqual(connection[field]);
    }
  });

  test('starts a sync', async () => {
    const { job } = await post('connections/sync', { connectionId: ids.connection });
    expect(job).toMatchObject({ id: expect.any(Number), configType: 'sync', status: text() });
    expectSeconds(job, 'createdAt');
    ids.job = Number((job as Json)['id']);
  });

  test('waits for the job and reads what it has moved', async () => {
    for (;;) {
      const { job, attempts } = (await post('jobs/get', { id: ids.job })) as { job: Json; attempts?: Json[] };
      expect(job).toMatchObject({ id: ids.job, configType: 'sync', status: text() });
      expectSeconds(job, 'createdAt');
      if (['succeeded', 'failed', 'cancelled'].includes(String(job['status']))) {
        expect(job['status']).toBe('succeeded');
        expectSeconds(job, 'updatedAt');
        expect(literal ? job['summary'] : attempts?.at(-1)?.['attempt']).toMatchObject(counts());
        return;
      }
      await target().jobMoved(ids.job);
    }
  });

  test('lists the jobs of a connection', async () => {
    const { jobs } = await post('jobs/list', { configTypes: ['sync'], configId: ids.connection });
    const job = { id: ids.job, status: 'succeeded' };
    expect(jobs).toMatchObject([literal ? { ...job, summary: counts() } : { job, attempts: [counts()] }]);
  });

  test('cancels a job', async () => {
    const release = await target().holdJobs();
    const { job } = (await post('connections/sync', { connectionId: ids.connection })) as { job: Json };
    await post('jobs/cancel', { id: job['id'] });
    expect(await post('jobs/get', { id: job['id'] })).toMatchObject({ job: { status: 'cancelled' } });
    await release();
  });
}

const text = () => expect.stringMatching(/./);
const anObject = () => expect.objectContaining({});
/** Ten digits: seconds since 1970, where milliseconds have thirteen. */
function expectSeconds(job: unknown, field: 'createdAt' | 'updatedAt'): void {
  expect(String((job as Json)[field])).toMatch(/^\d{10}$/);
}
const counts = () => ({ recordsSynced: expect.any(Number), bytesSynced: expect.any(Number) });
