import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AirbyteAuth, AirbyteClient, AirbyteError, type Job } from '../../src/airbyte';
import { describeWithRecorded, recordedFiles, recordedText } from '../support/recorded-responses';
import { ScriptedAirbyte, type ScriptedResponse } from '../unit/airbyte/scripted-airbyte';

/** A recorded response, of which anything may be asked. */
// biome-ignore lint/suspicious/noExplicitAny: what is in it is what the test is to find out
type Raw = any;

/** How a response is read, to which call it belongs, and the expected result. */
interface Reading {
  flavour?: 'config' | 'public';
  auth?: AirbyteAuth;
  /** The response to every call, where it is not the recorded one unchanged. */
  response?: (raw: Raw) => unknown;
  read: (client: AirbyteClient, raw: Raw) => Promise<unknown>;
  expected: (raw: Raw) => unknown;
}

const OF_CONNECTION = { connectionId: 'any', jobTypes: ['sync'] };
const WORKSPACE = 'any';

let airbyte: ScriptedAirbyte;
let warnings: string[];
let client: AirbyteClient | undefined;

beforeEach(async () => {
  airbyte = await ScriptedAirbyte.start();
  warnings = [];
});

afterEach(async () => {
  await client?.close();
  await airbyte.stop();
});

function open(response: ScriptedResponse, flavour: 'config' | 'public' = 'config', auth?: AirbyteAuth): AirbyteClient {
  airbyte.script = () => response;
  client = new AirbyteClient({
    url: flavour === 'config' ? airbyte.url : `${airbyte.origin}/api/public/v1`,
    ...(auth && { auth }),
    onWarning: (warning) => warnings.push(warning),
  });
  return client;
}

/** A configuration object as it came; its fields that are null count as absent. */
function whole(raw: Raw): Raw {
  return Object.fromEntries(Object.entries(raw as object).filter(([, value]) => value !== null));
}

const connection: Reading = {
  read: (client, { connectionId }) => client.connections.get(connectionId),
  expected: (raw) => ({
    ...whole(raw),
    // Fields that the client does not read are kept unchanged, to be sent back.
    ...('resourceRequirements' in raw && { resourceRequirements: raw.resourceRequirements }),
    ...(raw.syncCatalog && {
      syncCatalog: {
        streams: (raw.syncCatalog.streams ?? []).map(({ stream, config }: Raw) => ({
          stream: whole(stream),
          config: whole(config),
        })),
      },
    }),
  }),
};

function refused(reading: Reading, field: string): Reading {
  const read = async (client: AirbyteClient, raw: Raw) => {
    const error = await reading.read(client, raw).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AirbyteError);
    return (error as AirbyteError).message.includes(`: ${field}: `);
  };
  return { ...reading, read, expected: () => true };
}

const connections: Reading = {
  read: (client) => client.connections.list(WORKSPACE),
  expected: (raw) =>
    raw.connections.map((each: Raw) => ({ ...(connection.expected(each) as object), workspaceId: WORKSPACE })),
};

const publicConnections: Reading = {
  flavour: 'public',
  read: (client) => client.connections.list(WORKSPACE),
  expected: (raw) => raw.data.map(toPublicConnection),
};

/** The words of the public API in those of the Config API. */
const SYNC_MODES: Record<string, [syncMode: string, destinationSyncMode: string]> = {
  full_refresh_overwrite: ['full_refresh', 'overwrite'],
  incremental_deduped_history: ['incremental', 'append_dedup'],
};

function toPublicConnection({ schedule, configurations, nonBreakingSchemaUpdatesBehavior, ...raw }: Raw) {
  const [, units, timeUnit] = /^Every (\d+) (\w+)$/.exec(schedule?.basicTiming ?? '') ?? [];
  return {
    ...raw,
    ...(nonBreakingSchemaUpdatesBehavior && { nonBreakingChangesPreference: nonBreakingSchemaUpdatesBehavior }),
    ...(units
      ? {
          scheduleType: 'basic',
          scheduleData: { basicSchedule: { units: Number(units), timeUnit: timeUnit?.toLowerCase() } },
        }
      : { scheduleType: 'manual' }),
    syncCatalog: {
      streams: (configurations?.streams ?? []).map(({ name, syncMode, selectedFields, ...config }: Raw) => ({
        stream: { name },
        config: {
          ...config,
          ...(SYNC_MODES[syncMode] && {
            syncMode: SYNC_MODES[syncMode][0],
            destinationSyncMode: SYNC_MODES[syncMode][1],
          }),
          selected: true,
        },
      })),
    },
  };
}

const source: Reading = { read: (client, { sourceId }) => client.sources.get(sourceId), expected: whole };
const destination: Reading = {
  read: (client, { destinationId }) => client.destinations.get(destinationId),
  expected: whole,
};

const ofPublic = (actor: Reading): Reading => ({
  ...actor,
  flavour: 'public',
  expected: ({ configuration, ...raw }) => ({ ...raw, connectionConfiguration: configuration }),
});

const workspaces: Reading = {
  read: (client) => client.workspaces.list(),
  expected: (raw) => (raw.workspaces ?? raw.data).map(whole),
};
const workspace: Reading = { read: (client, { workspaceId }) => client.workspaces.get(workspaceId), expected: whole };

const job: Reading = { read: (client) => client.jobs.get(1), expected: (raw) => toJob(raw) };
const jobs: Reading = {
  read: (client, raw) => client.jobs.list({ ...OF_CONNECTION, connectionId: connectionOf(raw) }),
  expected: (raw) => raw.jobs.map(toJob),
};
const started: Reading = { ...job, read: (client) => client.connections.sync('any') };

/** The connection that a recorded list of jobs, or a recorded job, is of. */
function connectionOf(raw: Raw): string {
  return raw.jobs?.[0]?.job.configId ?? raw.configId ?? raw.connectionId ?? 'any';
}

/** A job of the Config API, by its own count of each thing. */
function toJob({ job, attempts }: Raw): Job {
  const all = (attempts ?? []).map(({ attempt, logs, ...flat }: Raw) => ({ ...(attempt ?? flat), logs }));
  const records = all.map(({ totalStats, streamStats = [], recordsSynced }: Raw) =>
    totalStats || streamStats.length === 0
      ? (totalStats?.recordsCommitted ?? recordsSynced)
      : total(streamStats, 'recordsCommitted'),
  );
  const bytes = all.map(({ totalStats, streamStats = [], bytesSynced }: Raw) =>
    totalStats || streamStats.length === 0 ? bytesSynced : total(streamStats, 'bytesEmitted'),
  );
  const streams = all.flatMap(({ streamStats = [] }: Raw) => streamStats);
  return {
    jobId: job.id,
    connectionId: job.configId,
    jobType: job.configType ?? 'sync',
    status: job.status,
    createdAt: job.createdAt,
    updatedAt: job.updatedAt,
    startedAt: job.startedAt ?? undefined,
    recordsSynced: records[0],
    bytesSynced: bytes[0],
    recordsEmitted: all[0]?.totalStats?.recordsEmitted,
    bytesEmitted: all[0]?.totalStats?.bytesEmitted,
    // A response that has totals has those of a running job too.
    ...((job.aggregatedStats || all.at(-1)?.totalStats) && { countsWhileRunning: true }),
    // Of a job that failed a moment ago, the last counts may come.
    ...(job.status === 'failed' && { countsMayFollow: records[0] === undefined ? 'in a moment' : 'may grow' }),
    ...(streams.length > 0 && {
      streams: streams.map(({ streamName, stats }: Raw) => ({
        name: streamName,
        recordsSynced: stats.recordsCommitted,
        bytesSynced: stats.bytesEmitted,
      })),
    }),
    ...(attempts?.length === 0 && { noAttempts: true }),
    attempts: all.map(({ id, status, createdAt, endedAt, failureSummary, logs }: Raw, index: number) => ({
      attemptNumber: id ?? index,
      status,
      recordsSynced: records[index],
      bytesSynced: bytes[index],
      createdAt,
      endedAt,
      partialSuccess: failureSummary?.partialSuccess,
      failures: (failureSummary?.failures ?? []).map(
        ({ failureOrigin, failureType, externalMessage, internalMessage }: Raw) => ({
          origin: failureOrigin,
          type: failureType,
          message: externalMessage.startsWith('Something went wrong')
            ? `${externalMessage}: ${internalMessage}`
            : externalMessage,
        }),
      ),
      logLines: logs?.logLines,
    })),
  };
}

function total(streams: Raw[], field: string): number {
  return streams.reduce((sum, { stats }) => sum + stats[field], 0);
}

const publicJob: Reading = { flavour: 'public', read: (client) => client.jobs.get(1), expected: toPublicJob };

function toPublicJob(raw: Raw) {
  const [, minutes = '0', seconds = '0'] = /^PT(?:(\d+)M)?(\d+)S$/.exec(raw.duration ?? '') ?? [];
  const createdAt = Date.parse(raw.startTime) / 1000;
  const changedAt = raw.duration && createdAt + Number(minutes) * 60 + Number(seconds);
  return {
    jobId: raw.jobId,
    connectionId: raw.connectionId,
    jobType: raw.jobType,
    status: raw.status,
    createdAt,
    updatedAt: raw.lastUpdatedAt ? Date.parse(raw.lastUpdatedAt) / 1000 : changedAt,
    recordsSynced: raw.rowsSynced,
    bytesSynced: raw.bytesSynced,
    attempts: [],
  };
}

const check: Reading = {
  read: (client) => client.sources.checkConnection('any'),
  expected: ({ status, message }) => ({ status, message }),
};
const discovery: Reading = {
  read: (client) => client.sources.discoverSchema('any'),
  expected: ({ catalog, catalogId }) => ({ catalog, catalogId }),
};

/** The token goes with the next call. */
const token: Reading = {
  auth: { kind: 'clientCredentials', clientId: 'id', clientSecret: 'secret' },
  response: (raw) => ({ ...raw, available: true }),
  read: async (client) => {
    await client.health();
    return airbyte.requests.at(-1)?.headers.authorization;
  },
  expected: ({ access_token }) => `Bearer ${access_token}`,
};

const READINGS: Record<string, Reading> = {
  'airflow-0.63/connections_get_flat.json': connection,
  'airflow-0.63/connections_get_nested.json': connection,
  'airflow-0.63/connections_get_no_json_schema.json': connection,
  'airflow-0.63/connections_get_no_properties.json': connection,
  'airflow-0.63/connections_get_streams_empty_object.json': refused(connection, 'syncCatalog.streams.0.stream'),
  'airflow-0.63/connections_get_streams_missing.json': connection,
  'airflow-0.63/connections_get_sync_catalog_missing.json': connection,
  'airflow-0.63/destinations_get.json': destination,
  'airflow-0.63/jobs_get.json': job,
  'cartography-2025/public_connections.json': publicConnections,
  'dagster/config_connections_get.json': connection,
  'dagster/legacy_jobs_get.json': job,
  'dagster/legacy_jobs_list.json': jobs,
  'dagster/public_connections.json': publicConnections,
  'dagster/public_destination.json': ofPublic(destination),
  'dagster/public_job_running.json': publicJob,
  'dagster/public_workspace.json': { ...workspace, flavour: 'public' },
  'dagster/token_201.json': token,
  'dalgo/check_connection.json': check,
  'dalgo/discover_schema.json': discovery,
  'datahub-cloud-2023/connections.json': publicConnections,
  'datahub-cloud-2023/destination.json': ofPublic(destination),
  'datahub-cloud-2023/jobs_empty_object.json': { ...jobs, flavour: 'public', expected: () => [] },
  'datahub-cloud-2023/source.json': ofPublic(source),
  'datahub-cloud-2023/workspaces.json': { ...workspaces, flavour: 'public' },
  'datahub-oss-0.50/connections_list.json': connections,
  'datahub-oss-0.50/destinations_get.json': destination,
  'datahub-oss-0.50/jobs_get_10.json': job,
  'datahub-oss-0.50/jobs_get_11.json': job,
  'datahub-oss-0.50/jobs_get_12.json': job,
  'datahub-oss-0.50/jobs_get_9.json': job,
  'datahub-oss-0.50/jobs_list.json': jobs,
  'datahub-oss-0.50/sources_get.json': source,
  'datahub-oss-0.50/workspaces_list.json': workspaces,
  'hubspot-source-0.6x/sources_get.json': source,
  'insight-2026/public_job_entry.json': {
    flavour: 'public',
    response: (raw) => ({ data: [raw] }),
    read: jobs.read,
    expected: (raw) => [toPublicJob(raw)],
  },
  'kestra/connections_sync.json': started,
  'kestra/jobs_get.json': job,
  'kestra/token.json': token,
  'mage/job.json': { ...jobs, response: (raw) => ({ jobs: [raw] }), expected: (raw) => [toJob({ job: raw })] },
  'octavia-0.40/health.json': { read: (client) => client.health(), expected: ({ available }) => ({ available }) },
  'octavia-0.40/source_definitions_list_head.json': {
    read: (client) => client.sourceDefinitions.list(WORKSPACE),
    expected: (raw) => raw.sourceDefinitions.map((each: Raw) => ({ ...each, definitionId: each.sourceDefinitionId })),
  },
  'octavia-0.40/workspaces_get.json': workspace,
  'octavia-0.40/workspaces_list.json': workspaces,
  'openmetadata-0.39/connections_get.json': connection,
  'openmetadata-0.39/connections_list.json': connections,
  'openmetadata-0.39/jobs_list.json': jobs,
  'openmetadata-0.39/workspaces_list.json': workspaces,
  'openmetadata-cloud/connections.json': publicConnections,
  // Jobs without an id: there is nothing that could be asked of them.
  'openmetadata-cloud/jobs.json': refused({ ...jobs, flavour: 'public' }, 'data.0.jobId'),
  'openmetadata-cloud/workspaces.json': { ...workspaces, flavour: 'public' },
  'prefect/connections_get_nulls.json': connection,
  // A job that does not say how it stands.
  'prefect/connections_sync.json': refused(started, 'job.status'),
  'prefect/jobs_get_failed.json': job,
  'prefect/jobs_get_pending.json': job,
  'prefect/jobs_get_succeeded.json': job,
  'public-2026-09/job_25.json': publicJob,
  'public-2026-09/job_26.json': publicJob,
  'pyairbyte-2026/jobs_get_failed_attempt.json': job,
  'pyairbyte-2026/jobs_get_null_failures.json': job,
  'pyairbyte-2026/jobs_get_null_started.json': job,
  'witboost/discover_schema.json': discovery,
};

/** What an error response has to be read as: its type, whether it can be retried, and its effect. */
type Meaning = [type: string, retryable: boolean, effect: 'none' | 'unknown'];
/** Its meaning for a call that changes something, words of its reason, and its meaning for a call that only reads if that is another. */
type Rejection = [...Meaning, reason: (raw: Raw) => string[], ofRead?: Meaning];

/** Nothing can be in conflict with a read: the server itself has failed. */
const TROUBLE: Meaning = ['AirbyteUnavailable', true, 'none'];

const message = ({ message }: Raw) => [message];
const particulars = ({ title, data }: Raw) =>
  [title, ...Object.values(data).filter((value) => typeof value === 'string')] as string[];
const detail = ({ title, detail }: Raw) => [title, detail.replace(/\s+/g, ' ').trim()];

const REJECTIONS: Record<string, Rejection> = {
  'errors/400_public_2024.json': ['AirbyteInvalidRequest', false, 'none', detail],
  'errors/400_public_2025.json': ['AirbyteInvalidRequest', false, 'none', particulars],
  'errors/400_value_not_found_tf180.json': ['AirbyteInvalidRequest', false, 'none', particulars],
  'errors/403_public_cartography.json': ['AirbyteUnauthorized', false, 'none', detail],
  'errors/409_actor_not_ready_2026-09.json': ['AirbyteUnavailable', true, 'none', detail],
  'errors/409_database_54150.json': ['AirbyteUnavailable', true, 'unknown', message, TROUBLE],
  'errors/409_running_0.42_25920.json': ['AirbyteConflict', false, 'none', message, TROUBLE],
  'errors/409_running_1.8_insight1923.json': ['AirbyteConflict', false, 'none', message, TROUBLE],
  'errors/422_deferred_2026-09.json': [
    'AirbyteInvalidRequest',
    false,
    'none',
    (raw) => [raw.title, raw.data.reason, ...raw.data.issues.flatMap(({ path, code }: Raw) => [path, code])],
  ],
  'errors/422_public_2023.json': ['AirbyteInvalidRequest', false, 'none', detail],
  'errors/429_load_shed_pyairbyte.json': ['AirbyteUnavailable', true, 'none', message],
  'errors/500_about_blank.json': ['AirbyteUnavailable', true, 'unknown', () => ['no reason given']],
  'errors/500_errorId_2.x.json': ['AirbyteUnavailable', true, 'unknown', ({ errorId }) => [errorId]],
  'errors/500_npe_44094.json': ['AirbyteUnavailable', true, 'unknown', message],
  'errors/500_unexpected_tf125.json': ['AirbyteUnavailable', true, 'unknown', particulars],
  'errors/500_workflow_9776.json': ['AirbyteUnavailable', true, 'unknown', message],
  'errors/502_nginx_tf181.json': ['AirbyteUnavailable', true, 'unknown', () => ['502 Bad Gateway']],
  'errors/503_pyairbyte.json': ['AirbyteUnavailable', true, 'unknown', ({ type }) => [type]],
  'kestra/error_409.json': ['AirbyteConflict', false, 'none', message, TROUBLE],
  'kestra/error_500_running.json': ['AirbyteConflict', false, 'none', message, TROUBLE],
  'prefect/error_404.json': ['AirbyteNotFound', false, 'none', message],
};

describeWithRecorded('a recorded response', () => {
  it('of each file is read in this test', () => {
    expect([...Object.keys(READINGS), ...Object.keys(REJECTIONS)].sort()).toEqual(recordedFiles);
  });

  it.each(Object.keys(READINGS))('%s is read value by value', async (file) => {
    const { flavour, auth, response = (raw) => raw, read, expected } = READINGS[file] as Reading;
    const raw: Raw = JSON.parse(recordedText(file));
    const value = await read(open({ body: response(raw) }, flavour, auth), raw);
    expect(value).toEqual(expected(raw));
    expect(warnings).toEqual(warnings.filter((warning) => warning.includes('jobId')));
  });

  const CALLS: Record<string, [isRead: boolean, call: (client: AirbyteClient) => Promise<unknown>]> = {
    'a trigger': [false, (client) => client.connections.sync('any')],
    'a cancel': [false, (client) => client.jobs.cancel(7)],
    'an update': [
      false,
      (client) => client.sources.update({ sourceId: 'any', name: 'any', connectionConfiguration: {} }),
    ],
    'a creation': [
      false,
      (client) =>
        client.sources.create({
          ...{ workspaceId: 'any', name: 'any' },
          sourceDefinitionId: 'any',
          connectionConfiguration: {},
        }),
    ],
    'a read of one': [true, (client) => client.sources.get('any')],
    'a read of a job': [true, (client) => client.jobs.getWithoutLogs(7)],
    'a read of a list': [true, (client) => client.jobs.list(OF_CONNECTION)],
  };

  describe.each(Object.keys(CALLS))('that rejects %s', (name) => {
    const [isRead, call] = CALLS[name] as (typeof CALLS)[string];

    it.each(Object.keys(REJECTIONS))(
      'has its type, and says whether it can be retried and what it has done: %s',
      async (file) => {
        const [, , , reason, ofRead] = REJECTIONS[file] as Rejection;
        const [type, retryable, effect] = (isRead && ofRead) || (REJECTIONS[file] as Rejection);
        const text = recordedText(file);
        const status = Number(/\/(?:error_)?(\d{3})/.exec(file)?.[1]);
        const isHtml = text.startsWith('<');
        const headers = { 'content-type': isHtml ? 'text/html' : 'application/json' };
        const flavour = text.includes('reference.airbyte.com') ? 'public' : 'config';
        const error = await call(open({ status, headers, body: text }, flavour)).catch((problem: unknown) => problem);
        expect(error).toBeInstanceOf(AirbyteError);
        expect(error).toMatchObject({ type, retryable, effect, status });
        for (const words of reason(isHtml ? undefined : JSON.parse(text))) {
          expect((error as AirbyteError).reason).toContain(words);
          expect((error as AirbyteError).message).toContain(words);
        }
      },
    );
  });
});
