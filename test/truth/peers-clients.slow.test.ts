/**
 * The clients that other tools have of Airbyte, as PyPI has them, against the sandbox: what they ask it has, and what it
 * responses they read. The programs that drive them are in `peers/`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type SandboxOptions, startSandbox } from '../../sandbox/server';
import { Program } from '../support/child-program';
import { describeWithPackages } from '../support/python';
import { ApiCaller } from '../unit/sandbox/api-caller';

/** Python takes seconds to load these packages. */
const TIMEOUT_MS = 60_000;

/** What a program of `peers/` has printed last. */
async function run(programs: string, file: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const script = path.join(__dirname, 'peers', file);
  const environment = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env };
  const program = new Program(path.join(programs, 'python'), [script, ...args], environment);
  const exitCode = await program.exited;
  if (exitCode !== 0) throw new Error(`${file} ended with ${exitCode}:\n${program.stderr}${program.stdout}`);
  return JSON.parse(program.stdout.trim().split('\n').at(-1) ?? '');
}

interface PeersSandbox {
  api: ApiCaller;
  /** The public API's base. */
  publicUrl: string;
  /** A connection whose jobs succeed immediately, with five records. */
  quick: string;
  /** A connection whose jobs go on until they are cancelled. */
  held: string;
}

const BASIC = { kind: 'basic', username: 'peer', password: 'secret of the peer' } as const;
const OAUTH = { kind: 'client-credentials', clientId: 'peer', clientSecret: 'secret of the peer' } as const;

async function startPeersSandbox(
  options: SandboxOptions & { auth: typeof BASIC | typeof OAUTH },
): Promise<PeersSandbox> {
  const sandbox = await startSandbox(options);
  const { auth } = options;
  const authorization =
    auth.kind === 'basic'
      ? `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
      : `Bearer ${sandbox.authentication.issueToken(auth.clientId, auth.clientSecret)?.token}`;
  const api = new ApiCaller(sandbox, { authorization });
  const quick = await api.simulatedConnection({ records: 5, bytes: 50 }, { name: 'quick' });
  const held = await api.simulatedConnection({ hold: true, records: 6 }, { name: 'held' });
  return { api, publicUrl: api.sandbox.url.replace('/api/v1', '/api/public/v1'), quick, held };
}

/** Starts a job on the connection that holds, as another user would, and waits until it runs. */
async function heldJob({ api, held }: PeersSandbox): Promise<string> {
  const job = api.sandbox.jobs.start(api.sandbox.store.connection(held), 'sync');
  await api.sandbox.jobs.reached(job.id, ({ status }) => status === 'running');
  return String(job.id);
}

describeWithPackages(
  'airbyte-api, Airbyte’s own SDK',
  { environment: 'airbyte-api-1.0.1', requirements: ['airbyte-api==1.0.1'] },
  (programs) => {
    let peers: PeersSandbox;
    beforeAll(async () => {
      peers = await startPeersSandbox({ airbyteVersion: '1.8.0', shop: true, auth: OAUTH });
    }, TIMEOUT_MS);
    afterAll(() => peers?.api.sandbox.stop());

    it(
      'creates, reads as it was created, syncs, cancels and deletes a pipeline',
      async () => {
        const args = [peers.publicUrl, OAUTH.clientId, OAUTH.clientSecret, shopOf(peers.api), peers.held];
        expect(await run(programs, 'airbyte_api_sdk.py', args)).toEqual({
          health: 200,
          workspace: { name: 'three', mailOnFailure: false },
          workspacesLeft: ['Default Workspace'],
          definitions: [true, true],
          users: 1,
          source: { name: 'the shop', type: 'postgres', host: '127.0.0.1', password: '**********' },
          destination: 's3',
          customers: expect.arrayContaining(['id', 'updated_at']),
          connection: expect.objectContaining({
            configurations: {
              streams: [
                expect.objectContaining({
                  name: 'customers',
                  syncMode: 'incremental_append',
                  cursorField: ['updated_at'],
                  selectedFields: [{ fieldPath: ['id'] }, { fieldPath: ['updated_at'] }],
                }),
              ],
            },
            namespaceDefinition: 'custom_format',
            namespaceFormat: 'lake',
            prefix: 'raw_',
            schedule: { scheduleType: 'cron', cronExpression: '0 0 5 1 1 ? UTC' },
            status: 'active',
          }),
          readAsCreated: true,
          patched: { name: 'shop → lake' },
          synced: { status: 'succeeded', rows: 250, hasBytes: true },
          second: 409,
          cancelled: 'cancelled',
          listed: [[true, 'cancelled']],
          deleted: true,
        });
      },
      TIMEOUT_MS,
    );
  },
);

describeWithPackages(
  'dagster-airbyte',
  { environment: 'dagster-airbyte-0.29.27', requirements: ['dagster-airbyte==0.29.27', 'dagster==1.13.27'] },
  (programs) => {
    let peers: PeersSandbox;
    beforeAll(async () => {
      peers = await startPeersSandbox({ airbyteVersion: '1.6.0', auth: BASIC });
    });
    afterAll(() => peers?.api.sandbox.stop());

    it(
      'loads its assets, syncs, waits for a job that runs already, and cancels, with both of its resources',
      async () => {
        const { api, quick, held } = peers;
        const origin = new URL(api.sandbox.url).origin;
        const jobId = await heldJob(peers);
        const args = [origin, BASIC.username, BASIC.password, await api.workspaceId(), quick, held, jobId];
        const both = [quick, held].sort();
        expect(await run(programs, 'dagster_airbyte_assets.py', args)).toEqual({
          connections: both,
          specs: both.map((connectionId) => [connectionId, 'events']),
          synced: { status: 'succeeded', rowsSynced: 5, bytesSynced: 50 },
          attached: expect.stringContaining(`job ${jobId} is not ready`),
          jobs: [[true, 'cancelled']],
          assets: 2,
          legacy: { status: 'succeeded', records: 5 },
          legacyTimedOut: true,
          legacyCancelled: ['cancelled', 'cancelled'],
        });
        expect(api.sandbox.requests.count('operations/list')).toBe(2);
      },
      TIMEOUT_MS,
    );
  },
);

describeWithPackages(
  'apache-airflow-providers-airbyte',
  {
    environment: 'airflow-airbyte-6.2.0',
    requirements: ['apache-airflow-providers-airbyte==6.2.0', 'apache-airflow==3.3.2', 'airbyte-api==1.0.1'],
  },
  (programs) => {
    let peers: PeersSandbox;
    let home: string;
    beforeAll(async () => {
      peers = await startPeersSandbox({ airbyteVersion: '2.0.0', auth: OAUTH });
      home = await mkdtemp(path.join(tmpdir(), 'airflow-home-'));
    });
    afterAll(async () => {
      await peers?.api.sandbox.stop();
      if (home !== undefined) await rm(home, { recursive: true, force: true });
    });

    it(
      'syncs, is refused where a job runs already, waits for that one, and cancels',
      async () => {
        const { publicUrl, quick, held } = peers;
        const connection = {
          conn_type: 'airbyte',
          host: publicUrl,
          login: OAUTH.clientId,
          password: OAUTH.clientSecret,
        };
        const env = { AIRFLOW_HOME: home, AIRFLOW_CONN_AIRBYTE_DEFAULT: JSON.stringify(connection) };
        const jobId = await heldJob(peers);
        expect(await run(programs, 'airflow_airbyte.py', [quick, held, jobId], env)).toEqual({
          connection: [true, 'Connection successfully tested'],
          synced: 'succeeded',
          sensed: true,
          second: expect.stringMatching(/409.*A sync is already running/),
          stillRunning: 'running',
          timedOut: expect.stringContaining(`job ${jobId} is not ready`),
          cancelled: 'cancelled',
          killed: 'cancelled',
        });
      },
      TIMEOUT_MS,
    );
  },
);

function shopOf({ sandbox }: ApiCaller): string {
  if (sandbox.shop === undefined) throw new Error('The sandbox has no shop');
  const { host, port, database, username, password } = sandbox.shop;
  return JSON.stringify({ host, port, database, username, password });
}
