/**
 * The images and docker-compose.yml, built and run for real by `npm run test:containers`. It uses the ports of docker-compose.yml,
 * and a project and volumes of its own.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { syncWorkflowId } from '../../src/contract/workflow-ids';
import { connectTemporal, type TemporalClient } from '../../src/temporal/connection';
import { pollingIdentities } from '../../src/temporal/task-queue-workers';
import { until } from '../support/until';
import { ComposeStack, imageBytes, namedImages, standIns } from './compose-stack';
import { lakeRows } from './lake';

const MEBIBYTE = 2 ** 20;
const MINUTE = 60_000;
/** A build from nothing on two cores. */
const BUILD_MS = 15 * MINUTE;

const TASK_QUEUE = 'airbyte';
const WAITING_SYNCS = 200;
const WORKERS = 10;
/** The time that an engine gives a container to end, before it kills it. */
const STOP_MS = 10_000;

/** A row of the view: its id and its version. */
const versionOf = ({ id, status, updated_at }: Record<string, unknown>) => `${id} ${status} ${updated_at}`;
const VERSION = `id || ' ' || status || ' ' || (extract(epoch FROM updated_at) * 1000000)::bigint`;

function story(): void {
  let stack: ComposeStack;
  let temporal: TemporalClient;
  const controlToken = randomBytes(16).toString('hex');
  const report = (line: string) => process.stderr.write(`  containers: ${line}\n`);

  beforeAll(async () => {
    for (const [image, text] of Object.entries(standIns())) report(`${image} is a stand-in: ${text}`);
    // What .env.example has for a sandbox: webhooks, encryption, metrics for other containers.
    stack = new ComposeStack({
      SANDBOX_CONTROL_TOKEN: controlToken,
      AIRBYTE_WEBHOOK_PORT: '8400',
      AIRBYTE_WEBHOOK_URL: 'http://worker:8400',
      AIRBYTE_CODEC_KEYS_FILE: '/run/airbyte/codec-keys',
      AIRBYTE_METRICS_ADDRESS: '0.0.0.0:9464',
    });
    await stack.down();
    const startedAt = Date.now();
    await stack.compose('build');
    report(`built in ${seconds(startedAt)}`);
    const builtAt = Date.now();
    await stack.compose('up', '--detach', '--wait');
    report(`healthy after ${seconds(builtAt)}`);
    const keys = { AIRBYTE_CODEC_KEYS_FILE: stack.secretFile('airbyte-codec-keys') };
    temporal = await connectTemporal({ env: { TEMPORAL_ADDRESS: '127.0.0.1:7233', ...keys } });
  }, BUILD_MS);

  afterAll(async () => {
    await temporal?.close();
    await stack?.down();
    stack?.dispose();
  }, MINUTE);

  /** Calls the sandbox from this machine. */
  async function sandbox(call: string, body: object = {}): Promise<Record<string, unknown>> {
    const response = await fetch(`http://127.0.0.1:8001/api/v1/${call}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${call}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }

  async function control(method: string, path: string, body?: object): Promise<{ jobs?: SandboxJob[] }> {
    const response = await fetch(`http://127.0.0.1:8001/sandbox/${path}`, {
      method,
      headers: { authorization: `Bearer ${controlToken}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? {} : ((await response.json()) as { jobs?: SandboxJob[] });
  }
  const jobs = async () => (await control('GET', 'jobs')).jobs ?? [];

  it('has only healthy containers, and set-up that has ended well', async () => {
    await stack.healthy();
    for (const service of ['temporal-schema', 'temporal-namespace']) {
      expect((await stack.containerOf(service)).State).toMatchObject({ Running: false, ExitCode: 0 });
    }
  });

  it('gives our containers no rights, no writable files, and a limit of memory; no container logs without a limit', async () => {
    for (const service of ['worker', 'sandbox']) {
      const { Config, HostConfig } = await stack.containerOf(service);
      expect(Config.User).toBe('node');
      expect(HostConfig.ReadonlyRootfs).toBe(true);
      await expect(stack.compose('exec', '-T', service, 'touch', '/app/file')).rejects.toThrow('Read-only file system');
      const status = await stack.compose('exec', '-T', service, 'cat', '/proc/1/status');
      expect(status).toMatch(/^CapEff:\s+0+$/m);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      expect(status).toMatch(/^Uid:\s+1000\s/m);
    }
    for (const service of [...stack.servers, 'temporal-schema', 'temporal-namespace']) {
      const { HostConfig } = await stack.containerOf(service);
      expect(HostConfig).toMatchObject({ CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges:true'] });
      expect(HostConfig.Memory).toBeGreaterThan(0);
      expect(HostConfig.LogConfig.Config).toEqual({ 'max-size': '10m', 'max-file': '3' });
    }
  });

  it('publishes ports to this machine alone', async () => {
    const published = [];
    for (const service of stack.servers) {
      const { NetworkSettings } = await stack.containerOf(service);
      published.push(...Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []));
    }
    expect(published.length).toBe(5);
    expect(new Set(published.map(({ HostIp }) => HostIp))).toEqual(new Set(['127.0.0.1']));
  });

  it('shows no secret in `docker inspect`', async () => {
    const inspected = await stack.inspected();
    expect(inspected).toContain('/run/secrets/shop-password');
    for (const secret of stack.secretValues) expect(inspected).not.toContain(secret);
  });

  it('has a worker that adds at most 140 MB to its base', () => {
    const base = namedImages().find((image) => image.startsWith('node:')) ?? '';
    const added = (imageBytes('temporal-airbyte:0.1.0') - imageBytes(base)) / 1e6;
    const sandboxAdded = (imageBytes('temporal-airbyte-sandbox:0.1.0') - imageBytes(base)) / 1e6;
    report(`over ${base}, the worker's image has ${added.toFixed(0)} MB, the sandbox's ${sandboxAdded.toFixed(0)} MB`);
    expect(added).toBeLessThan(140);
  });

  it(
    "runs the README's commands without setting Temporal up again",
    async () => {
      const before = await stack.containerOf('temporal-schema');
      await stack.cli();
      expect(await stack.cli('status')).toContain('PostgreSQL → MinIO');
      const checks = await stack.cli('doctor');
      expect(checks).toContain('Everything that is needed is in place.');
      expect(checks).toContain('✓ Temporal CLI');
      expect((await stack.containerOf('temporal-schema')).State.StartedAt).toBe(before.State.StartedAt);
      for (const stream of ['customers', 'orders']) {
        const rows = await lakeRows(stack, `shop/${stream}`);
        const expected = await stack.shop(`SELECT id FROM ${stream} ORDER BY id`);
        expect(rows.map(({ id }) => String(id)).sort()).toEqual(expected.sort());
      }
    },
    2 * MINUTE,
  );

  it('encrypts what Temporal stores, with the keys of a file', async () => {
    const { events } = await temporal.client.workflow.getHandle('airbyte-pipeline:postgres-to-minio').fetchHistory();
    const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    expect(String(payload?.metadata?.['encoding'])).toBe('binary/encrypted');
  });

  it('shows the metrics of the worker to other containers', async () => {
    const read = "fetch('http://worker:9464/metrics').then((response) => response.text()).then(console.log)";
    const metrics = await stack.compose('exec', '-T', 'sandbox', 'node', '-e', read);
    expect(metrics).toMatch(/^temporal_airbyte_syncs_total\{.*outcome="succeeded".*\} [1-9]\d*$/m);
  });

  it(
    "has a worker that Airbyte's notifications reach",
    async () => {
      await stack.cli('webhook', 'install');
      expect(await stack.cli('webhook', 'status')).toMatch(/arrive/);
      await stack.cli('webhook', 'remove');
    },
    MINUTE,
  );

  describe('while a sync runs', () => {
    let connectionId: string;
    const expected = new Set<string>();

    beforeAll(async () => {
      await stack.shop(
        `CREATE FUNCTION slowly(bigint) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.003); RETURN $1; END'`,
      );
      await stack.shop(
        'CREATE VIEW slow_orders AS SELECT slowly(id) AS id, customer_id, status, total, updated_at FROM orders WHERE id <= 2500',
      );
      const { connectionId: created } = JSON.parse(await stack.cli('apply', '/documents/slow-orders.yaml', '--json'));
      connectionId = created;
      await until(async () => (await stack.shop('SELECT count(*) FROM slow_orders WHERE id < 10'))[0] === '9');
    }, MINUTE);

    it.each(['temporal-db', 'temporal', 'temporal-ui', 'worker', 'sandbox', 'shop', 'lake'])(
      '%s is killed, and restarted: the sync brings the right rows',
      async (service) => {
        for (const harm of ['kill', 'restart']) {
          await stack.shop(
            `UPDATE orders SET status = '${service} ${harm}', updated_at = clock_timestamp() WHERE id <= 2500`,
          );
          for (const version of await stack.shop(`SELECT ${VERSION} FROM orders WHERE id <= 2500`))
            expected.add(version);
          const before = (await jobs()).length;
          const sync = stack.startCli('sync', connectionId, '--maximum-attempts', '5');
          await until(async () => (await jobs()).slice(before).some(({ status }) => status === 'running'));
          const harmedAt = Date.now();
          if (harm === 'kill') await stack.crash(service);
          else await stack.compose('restart', service);
          await stack.healthy();
          const healthyAfter = seconds(harmedAt);
          const exitCode = await sync.exited;
          const started = (await jobs()).length - before;
          const found = (await lakeRows(stack, 'slow/slow_orders')).map(versionOf);
          const twice = found.length - new Set(found).size;
          report(
            `${harm} ${service}: healthy after ${healthyAfter}, sync ended after ${seconds(harmedAt)}, ${started} jobs, ${twice} rows twice`,
          );
          expect({ exitCode, stderr: exitCode === 0 ? '' : sync.stderr }).toEqual({ exitCode: 0, stderr: '' });
          expect(new Set(found)).toEqual(expected);
          // What else is harmed, no sync starts twice. Rows come twice only from a job that was itself interrupted.
          if (!['sandbox', 'shop', 'lake'].includes(service))
            expect({ started, twice }).toEqual({ started: 1, twice: 0 });
        }
      },
      10 * MINUTE,
    );
  });

  describe(`a worker with ${WAITING_SYNCS} waiting syncs`, () => {
    it(
      'keeps within 512 MiB, ends within 10 seconds of SIGTERM, and continues them afterwards',
      async () => {
        const connectionIds = await simulatedConnections(WAITING_SYNCS);
        const { RestartCount } = await stack.containerOf('worker');
        for (const connectionId of connectionIds) {
          await temporal.client.workflow.start('syncConnection', {
            taskQueue: TASK_QUEUE,
            workflowId: syncWorkflowId(connectionId, TASK_QUEUE),
            args: [{ connectionId }],
          });
        }
        const held = new Set(connectionIds);
        const running = async () =>
          (await jobs()).filter(({ connectionId, status }) => held.has(connectionId) && status === 'running');
        await until(async () => (await running()).length === WAITING_SYNCS);
        const waiting = await stack.containerOf('worker');
        const memory = await stack.memoryOf(waiting);
        report(`a worker with ${WAITING_SYNCS} waiting syncs uses ${(memory / MEBIBYTE).toFixed(0)} MiB`);
        expect(waiting).toMatchObject({
          RestartCount,
          State: { OOMKilled: false },
          HostConfig: { Memory: 512 * MEBIBYTE },
        });

        const stoppedAt = Date.now();
        await stack.compose('stop', '--timeout', '60', 'worker');
        const stopped = await stack.containerOf('worker');
        report(`it ended ${seconds(stoppedAt)} after SIGTERM`);
        expect(stopped.State).toMatchObject({ ExitCode: 0, OOMKilled: false });
        expect(Date.parse(stopped.State.FinishedAt) - stoppedAt).toBeLessThan(STOP_MS);

        await stack.compose('start', 'worker');
        await stack.healthy();
        for (const { jobId } of await running()) await control('POST', `jobs/${jobId}/finish`, {});
        for (const connectionId of connectionIds) {
          const result = await temporal.client.workflow.result(syncWorkflowId(connectionId, TASK_QUEUE));
          expect(result).toMatchObject({ connectionId, status: 'succeeded' });
        }
        const after = await stack.containerOf('worker');
        report(`after all had ended, it uses ${((await stack.memoryOf(after)) / MEBIBYTE).toFixed(0)} MiB`);
        expect(after.State.OOMKilled).toBe(false);
      },
      10 * MINUTE,
    );
  });

  it(
    `runs ${WORKERS} workers, all healthy, and all of them counted`,
    async () => {
      await stack.compose('up', '--detach', '--wait', '--no-recreate', '--scale', `worker=${WORKERS}`);
      await stack.healthy();
      const containers = await stack.containersOf('worker');
      expect(containers.length).toBe(WORKERS);
      const hosts = containers.map(({ Id }) => Id.slice(0, 12)).sort();
      await until(async () => {
        const identities = await pollingIdentities(temporal, TASK_QUEUE);
        const seen = identities.map((identity) => /@([0-9a-f]{12})/.exec(identity)?.[1]);
        return hosts.every((host) => seen.includes(host));
      });
    },
    5 * MINUTE,
  );

  it(
    'leaves nothing after `down --volumes`',
    async () => {
      await stack.down();
      expect(await stack.leftovers()).toEqual([]);
    },
    2 * MINUTE,
  );

  /** Connections whose jobs run until the test ends them. */
  async function simulatedConnections(count: number): Promise<string[]> {
    const { workspaces } = (await sandbox('workspaces/list')) as { workspaces: { workspaceId: string }[] };
    const workspaceId = workspaces[0]?.workspaceId;
    const definition = async (kind: 'source' | 'destination') => {
      const listed = (await sandbox(`${kind}_definitions/list`))[`${kind}Definitions`] as Record<string, string>[];
      return listed.find(({ name }) => name === 'Simulated')?.[`${kind}DefinitionId`];
    };
    const create = async (kind: 'source' | 'destination', connectionConfiguration: object) => {
      const definitionId = await definition(kind);
      const body = {
        workspaceId,
        [`${kind}DefinitionId`]: definitionId,
        connectionConfiguration,
        name: `held ${kind}`,
      };
      return String((await sandbox(`${kind}s/create`, body))[`${kind}Id`]);
    };
    const sourceId = await create('source', { hold: true });
    const destinationId = await create('destination', {});
    const { catalog } = await sandbox('sources/discover_schema', { sourceId });
    const ids: string[] = [];
    for (let index = 0; index < count; index++) {
      const body = { sourceId, destinationId, status: 'active', syncCatalog: catalog, name: `held ${index}` };
      ids.push(String((await sandbox('connections/create', body))['connectionId']));
    }
    return ids;
  }
}

describe('docker-compose.yml', () => {
  if (process.env['TEST_CONTAINERS'] !== undefined) story();
  else
    it.skip('NOT TESTED: it needs a container engine and ten minutes; npm run test:containers tests it', () =>
      undefined);
});

interface SandboxJob {
  jobId: number;
  connectionId: string;
  status: string;
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(0)} s`;
}
