import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { freePort } from '../../tools/free-ports';
import { Program } from '../support/child-program';
import { endOf, type Stack, startStack } from '../support/stack';
import { until } from '../support/until';
import { ApiCaller } from '../unit/sandbox/api-caller';
import { CliProcess } from './cli-command';

const DEPLOY = join(__dirname, '../../deploy');
const RULES = join(DEPLOY, 'prometheus/rules.yaml');
const CREDENTIALS = { clientId: 'the-client', clientSecret: 'hunter2-but-longer' };

const hasPrometheus = ['prometheus', 'promtool'].every((program) => spawnSync(program, ['--version']).status === 0);

/** Metrics of the SDK that it lists once a request to Temporal has failed, which none does here; and the file that names them. */
const RARE = ['temporal_request_failure_total', 'temporal_long_request_failure_total'];
const SDK_CLIENT_METRICS = join(
  require.resolve('@temporalio/core-bridge/package.json'),
  '../sdk-core/crates/client/src/metrics.rs',
);

const itWithPrometheus = hasPrometheus ? it : it.skip;
const NOT_TESTED = hasPrometheus ? '' : ' NOT TESTED: there is no prometheus and promtool (apt-get install prometheus)';

/** A value of a metric at a moment. */
interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

describe('a worker process with AIRBYTE_METRICS_ADDRESS', () => {
  let stack: Stack;
  let caller: ApiCaller;
  let worker: CliProcess;
  let address: string;

  beforeAll(async () => {
    const sandbox = { airbyteVersion: '2026-08', auth: { kind: 'client-credentials', ...CREDENTIALS } } as const;
    stack = await startStack({ worker: false, sandbox });
    const { clientId: client_id, clientSecret: client_secret } = CREDENTIALS;
    const { access_token } = await stack.caller.call('applications/token', { client_id, client_secret });
    caller = new ApiCaller(stack.sandbox, { authorization: `Bearer ${access_token}` });
    const port = await freePort();
    address = `127.0.0.1:${port}`;
    worker = new CliProcess(['worker'], {
      ...stack.environment(),
      AIRBYTE_CLIENT_ID: client_id,
      AIRBYTE_CLIENT_SECRET: client_secret,
      AIRBYTE_METRICS_ADDRESS: String(port),
      // Some requests wait for it.
      AIRBYTE_MAX_REQUESTS_PER_SECOND: '20',
    });
    await worker.said(/Ready:/);
  });
  afterAll(async () => {
    worker?.kill('SIGTERM');
    await worker?.exited;
    await stack?.stop();
  });

  async function get(path: string) {
    const response = await fetch(`http://${address}${path}`);
    return { status: response.status, text: await response.text() };
  }

  async function samples(): Promise<Sample[]> {
    const { text } = await get('/metrics');
    return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
      name,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text]),
      ),
      value: Number(value),
    }));
  }

  /** The sum of the samples of a metric that have these labels; undefined if there is none. */
  async function sum(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
    const found = (await samples()).filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
    return found.length === 0 ? undefined : found.reduce((total, { value }) => total + value, 0);
  }

  const untilSum = (name: string, value: number, labels: Record<string, string> = {}) =>
    until(async () => (await sum(name, labels)) === value);

  it('shows that the worker is alive and ready, and that Airbyte does not respond', async () => {
    expect(await get('/livez')).toEqual({ status: 200, text: 'worker: ok\n' });
    await until(async () => (await get('/readyz')).status === 200);
    expect(await get('/readyz')).toEqual({ status: 200, text: 'temporal: ok\nairbyte: ok\n' });

    const outage = stack.sandbox.faults.add({ drop: 'before', times: null });
    const { text } = await until(async () => {
      const ready = await get('/readyz');
      return ready.status === 503 && ready;
    });
    expect(text).toMatch(/^temporal: ok\nairbyte: .*health/);
    expect((await get('/livez')).status).toBe(200);
    expect((await get('/readyz/temporal')).status).toBe(200);
    stack.sandbox.faults.remove(outage.faultId);
    await until(async () => (await get('/readyz')).status === 200);
    expect(await sum('temporal_airbyte_requests_total', { endpoint: 'health', status: 'no response' })).toBeGreaterThan(
      0,
    );
  });

  it('counts syncs, what they moved, and what the worker holds meanwhile', async () => {
    const succeeding = await caller.simulatedConnection({ records: 5, bytes: 50, records_rejected: 2 });
    expect(await endOf(await stack.startSync({ connectionId: succeeding }))).toBe('COMPLETED');
    await untilSum('temporal_airbyte_syncs_total', 1, { outcome: 'succeeded', job_type: 'sync' });
    expect(await sum('temporal_airbyte_synced_records_total')).toBe(5);
    expect(await sum('temporal_airbyte_synced_bytes_total')).toBe(50);
    expect(await sum('temporal_airbyte_rejected_records_total')).toBe(2);
    expect(await sum('temporal_airbyte_sync_duration_seconds_count', { outcome: 'succeeded' })).toBe(1);
    expect(await sum('temporal_airbyte_detection_delay_seconds_count', { status: 'succeeded' })).toBe(1);
    expect(await sum('temporal_airbyte_detection_delay_seconds_sum')).toBeLessThan(10);

    const failing = await caller.simulatedConnection({ outcome: 'failed' });
    expect(await endOf(await stack.startSync({ connectionId: failing }))).toBe('FAILED');
    await untilSum('temporal_airbyte_syncs_total', 1, { outcome: 'failed', failure_type: 'AirbyteSyncFailed' });

    const held = await caller.simulatedConnection({ hold: true });
    const waiting = await stack.startSync({ connectionId: held });
    // The sync before has no slot while it waits for the last counts of its failed job.
    await untilSum('temporal_airbyte_slots_used', 1, { task_queue: stack.taskQueue });
    await untilSum('temporal_airbyte_waiting_syncs', 1, { task_queue: stack.taskQueue });
    expect(await sum('temporal_airbyte_slots_limit')).toBe(10_000);
    expect(await sum('temporal_airbyte_queued_syncs')).toBe(0);
    const skipping = await stack.startSync({ connectionId: held, onRunning: 'skip' }, `${stack.taskQueue}-skip`);
    expect(await endOf(skipping)).toBe('COMPLETED');
    await untilSum('temporal_airbyte_syncs_total', 1, { outcome: 'skipped' });
    await waiting.cancel();
    expect(await endOf(waiting)).toBe('CANCELLED');
    await untilSum('temporal_airbyte_syncs_total', 1, { outcome: 'cancelled' });
    await untilSum('temporal_airbyte_waiting_syncs', 0);

    const stalling = await caller.simulatedConnection({ duration_ms: 60_000, stalls_after_ms: 100, records: 5 });
    expect(await endOf(await stack.startSync({ connectionId: stalling, stallTimeout: '1s' }))).toBe('FAILED');
    await untilSum('temporal_airbyte_stalled_jobs_total', 1, { job_type: 'sync' });

    const unmeasured = await caller.simulatedConnection({ unmeasured: true });
    expect(await endOf(await stack.startSync({ connectionId: unmeasured }))).toBe('COMPLETED');
    await untilSum('temporal_airbyte_unmeasured_syncs_total', 1, { unmeasured: 'warn' });
  });

  it('counts requests, polls, tokens, and jobs whose start had lost its response', async () => {
    expect(await sum('temporal_airbyte_adopted_jobs_total')).toBe(0);
    const connectionId = await caller.simulatedConnection({});
    stack.sandbox.faults.add({ call: 'connections/sync', drop: 'after' });
    expect(await endOf(await stack.startSync({ connectionId }))).toBe('COMPLETED');
    expect(await sum('temporal_airbyte_adopted_jobs_total', { task_queue: stack.taskQueue })).toBe(1);

    const endpoint = 'connections/sync';
    expect(await sum('temporal_airbyte_requests_total', { endpoint, status: 'no response' })).toBe(1);
    expect(await sum('temporal_airbyte_requests_total', { endpoint, status: '200' })).toBeGreaterThan(3);
    expect(await sum('temporal_airbyte_request_duration_seconds_count', { endpoint })).toBeGreaterThan(4);
    expect(await sum('temporal_airbyte_polls_total', { result: 'succeeded' })).toBeGreaterThan(0);
    expect(await sum('temporal_airbyte_token_refreshes_total', { result: 'succeeded' })).toBeGreaterThan(0);
    expect(await sum('temporal_airbyte_notifications_total')).toBe(0);
    expect(await sum('temporal_airbyte_taken_over_waits_total')).toBe(0);
  });

  it("lists the metrics of Temporal's SDK by the names and in the units that Prometheus recommends", async () => {
    expect(await sum('temporal_request_total')).toBeGreaterThan(0);
    expect(await sum('temporal_request_latency_seconds_count')).toBeGreaterThan(0);
    expect(await sum('temporal_num_pollers', { poller_type: 'workflow_task' })).toBeGreaterThan(0);
  });

  it('lists them within 20 ms', async () => {
    const durationsMs: number[] = [];
    for (let scrape = 0; scrape < 20; scrape += 1) {
      const startedAt = performance.now();
      await get('/metrics');
      durationsMs.push(performance.now() - startedAt);
    }
    // On a busy machine, others take processor time as well.
    expect(Math.min(...durationsMs)).toBeLessThan(20);
  });

  it('names no secret and no id', async () => {
    const { text } = await get('/metrics');
    const ids = [...stack.sandbox.store.connections.keys()];
    expect(ids.length).toBeGreaterThan(3);
    for (const part of [...Object.values(CREDENTIALS), ...ids, 'eyJ', stack.sandbox.url, 'airbyte-sync']) {
      expect(text).not.toContain(part);
    }
    const ours = (await samples()).filter(({ name }) => name.startsWith('temporal_airbyte'));
    const labels = new Set(ours.flatMap((sample) => Object.keys(sample.labels)));
    expect([...labels].sort()).toEqual([
      ...['endpoint', 'failure_type', 'job_type', 'le', 'namespace', 'outcome', 'result', 'status'],
      ...['taskQueue', 'task_queue', 'unmeasured', 'workflowType'],
    ]);
  });

  describe('and a Prometheus that reads it', () => {
    let folder: string | undefined;
    let prometheus: Program | undefined;
    let url: string;

    beforeAll(async () => {
      if (!hasPrometheus) return;
      folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
      const config = join(folder, 'prometheus.yaml');
      const jobs = [{ job_name: 'temporal-airbyte', static_configs: [{ targets: [address] }] }];
      const global = { scrape_interval: '500ms', evaluation_interval: '500ms' };
      await writeFile(config, stringify({ global, rule_files: [RULES], scrape_configs: jobs }));
      const listen = `127.0.0.1:${await freePort()}`;
      url = `http://${listen}/api/v1`;
      const options = [
        `--config.file=${config}`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=${listen}`,
      ];
      prometheus = new Program('prometheus', [...options, '--log.level=warn'], { PATH: process.env['PATH'] });
      // A workflow that the worker does not know, for the metric of failed workflow tasks.
      const workflowId = `${stack.taskQueue}-unknown`;
      const { client } = stack.temporal;
      await client.workflow.start('unknownWorkflow', { taskQueue: stack.taskQueue, workflowId, args: [] });
      // A rate needs two values.
      await until(async () => {
        const count = 'count_over_time(temporal_workflow_task_execution_failed_total[1m]) > 1';
        return (await query(count).catch(() => [])).length > 0;
      });
      await client.workflow.getHandle(workflowId).terminate();
    });
    afterAll(async () => {
      prometheus?.kill('SIGTERM');
      await prometheus?.exited;
      if (folder !== undefined) await rm(folder, { recursive: true });
    });

    async function query(expression: string): Promise<unknown[]> {
      const response = await fetch(`${url}/query?${new URLSearchParams({ query: expression })}`);
      const body = (await response.json()) as { data?: { result: unknown[] }; error?: string };
      if (body.data === undefined) throw new Error(`${expression}: ${body.error}`);
      return body.data.result;
    }

    itWithPrometheus(`has data for every panel of the dashboard${NOT_TESTED}`, async () => {
      const dashboard = JSON.parse(await readFile(join(DEPLOY, 'grafana/temporal-airbyte.json'), 'utf8')) as {
        panels: { title: string; targets?: { expr: string }[] }[];
      };
      const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
        targets.map(({ expr }) => ({ title, expr })),
      );
      expect(queries.length).toBeGreaterThan(30);
      const empty: string[] = [];
      for (const { title, expr } of queries) {
        const result = await query(expr.replaceAll('$job', '.*').replaceAll('$__rate_interval', '1m'));
        if (result.length === 0 && !RARE.some((name) => expr.includes(name))) empty.push(`${title}: ${expr}`);
      }
      expect(empty).toEqual([]);
      const sdk = await readFile(SDK_CLIENT_METRICS, 'utf8');
      for (const name of RARE) expect(sdk).toContain(`"${name.replace(/^temporal_|_total$/g, '')}"`);
    });

    itWithPrometheus(`evaluates every alert${NOT_TESTED}`, async () => {
      const { groups } = parse(await readFile(RULES, 'utf8')) as { groups: { rules: { alert: string }[] }[] };
      const evaluated = await until(async () => {
        const { data } = (await (await fetch(`${url}/rules`)).json()) as {
          data: { groups: { rules: { name: string; health: string; state: string }[] }[] };
        };
        const rules = data.groups.flatMap((group) => group.rules);
        return rules.every(({ health }) => health !== 'unknown') && rules;
      });
      expect(evaluated.map(({ name, health }) => `${name} ${health}`)).toEqual(
        groups.flatMap((group) => group.rules).map(({ alert }) => `${alert} ok`),
      );
      // The alert of a worker that is there waits for nothing.
      expect(evaluated.find(({ name }) => name === 'TemporalAirbyteNoPollers')?.state).toBe('inactive');
    });

    itWithPrometheus(`fires each alert when it should${NOT_TESTED}`, () => {
      const tests = join(DEPLOY, 'prometheus/rules.test.yaml');
      const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', tests], { encoding: 'utf8' });
      expect({ status, output: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, output: '' });
    });
  });
});
