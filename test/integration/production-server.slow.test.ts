import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { ProductionTemporal } from '../../bench/production/production-temporal';
import { findTemporalPrograms, type TemporalPrograms } from '../../bench/production/temporal-programs';
import { fleetWorkflowId, syncWorkflowId } from '../../src/contract/workflow-ids';
import { INDEXED_VALUE_TYPES } from '../../src/temporal/missing-search-attributes';
import { createNexusEndpoint } from '../../src/temporal/nexus-endpoint';
import { registerSearchAttributes, SearchAttributesError } from '../../src/temporal/search-attributes';
import { describeWorkers, pollingIdentities } from '../../src/temporal/task-queue-workers';
import type { checkAirbyte, syncFleet } from '../../workflows';
import type { callSync } from '../support/nexus-caller-workflows';
import { endOf, type Stack, startStack } from '../support/stack';
import { connectTo, newNamespace, uniqueName, workflowBundle } from '../support/temporal';
import { until } from '../support/until';
import { startWorkerOfEnvironment } from '../support/worker-of-environment';
import { runCommand } from './cli-command';

const START_TIMEOUT_MS = 180_000;
/** It has to be more than the task queue has partitions, so that no partition sees all of them. */
const WORKERS = 10;

const programs = findTemporalPrograms();

function story(temporalPrograms: TemporalPrograms): void {
  let server: ProductionTemporal;
  let stack: Stack;

  beforeAll(async () => {
    server = await ProductionTemporal.start(temporalPrograms, {
      // Without it, the server knows new search attributes after up to a minute.
      settings: { 'system.forceSearchAttributesCacheRefreshOnRead': true },
    });
    const temporal = await connectTo(server.address);
    await registerSearchAttributes(temporal.connection, temporal.namespace);
    await temporal.close();
    stack = await startStack({ temporal: () => connectTo(server.address) });
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await stack?.stop();
    await server?.stop();
  }, START_TIMEOUT_MS);

  it('has the search attributes in columns of its database, and reports a namespace without enough of them', async () => {
    const { connection } = stack.temporal;
    const { visibilityStore } = await connection.workflowService.getClusterInfo({});
    expect(visibilityStore).toMatch(/^postgres/);
    const namespace = await newNamespace(stack.temporal);
    const searchAttributes = { Ours: INDEXED_VALUE_TYPES.INT, Theirs: INDEXED_VALUE_TYPES.INT };
    await until(() =>
      connection.operatorService.addSearchAttributes({ namespace, searchAttributes }).then(
        () => true,
        // A service learns of a new namespace some seconds later.
        () => false,
      ),
    );
    const registering = registerSearchAttributes(connection, namespace);
    await expect(registering).rejects.toThrow(SearchAttributesError);
    await expect(registering).rejects.toThrow(/of type INT \(of 3, others have Ours, Theirs\)/i);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    expect(Object.keys(customAttributes).sort()).toEqual(['Ours', 'Theirs']);
  });

  it('runs a pipeline, whose sync its list of workflows has with its counts', async () => {
    const name = uniqueName('pipeline');
    const result = await stack.runPipeline({
      name,
      source: { name: `${name} source`, definition: 'Simulated', configuration: { records: 12, bytes: 120 } },
      destination: { name: `${name} destination`, definition: 'Simulated', configuration: {} },
      connection: {
        name,
        streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }],
      },
    } as never);
    expect(result.sync).toMatchObject({ status: 'succeeded', recordsSynced: 12 });
    const query = `AirbyteConnectionId = '${result.connectionId}' AND AirbyteRecordsSynced = 12 AND AirbyteBytesSynced > 0`;
    const listed = await until(async () => {
      for await (const found of stack.temporal.client.workflow.list({ query })) return found;
      return undefined;
    });
    expect(listed.searchAttributes).toMatchObject({ AirbyteJobStatus: ['succeeded'] });
  });

  it('runs a fleet in its order', async () => {
    const [first, second] = [await stack.caller.simulatedConnection(), await stack.caller.simulatedConnection()];
    const fleet = uniqueName('fleet');
    const result = await stack.temporal.client.workflow.execute<typeof syncFleet>('syncFleet', {
      taskQueue: stack.taskQueue,
      workflowId: fleetWorkflowId(fleet, stack.taskQueue),
      args: [{ name: fleet, connections: [{ connection: second, dependsOn: [first] }, first] }],
    });
    expect(result.counts).toMatchObject({ succeeded: 2, failed: 0 });
    const [secondJob, firstJob] = result.connections.map(({ jobId }) => jobId ?? 0);
    expect(secondJob).toBeGreaterThan(firstJob ?? Number.POSITIVE_INFINITY);
  });

  it('cancels a sync by the command, and its job with it', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await stack.startSync({ connectionId });
    const job = await stack.sandbox.jobs.created(connectionId);
    // The command finds the run by a query of the list, which has it a little later.
    await until(async () => (await runCommand(['cancel', connectionId], stack.environment())).exitCode === 0);
    expect(await endOf(sync)).toBe('CANCELLED');
    expect(job.status).toBe('cancelled');
  });

  it('starts a sync by a schedule', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 6 });
    const schedule = (...args: string[]) => runCommand(['schedule', ...args, '--json'], stack.environment());
    const created = await schedule('create', connectionId, '--every', '365 days');
    expect({ exitCode: created.exitCode, stderr: created.stderr }).toMatchObject({ exitCode: 0 });
    expect(await schedule('trigger', connectionId)).toMatchObject({ exitCode: 0 });
    const described = await until(async () => {
      const { document } = await schedule('describe', connectionId);
      return document.recentRuns.some(({ outcome }: { outcome: string }) => outcome === 'succeeded') && document;
    });
    expect(described.recentRuns).toHaveLength(1);
    expect(await schedule('delete', connectionId)).toMatchObject({ exitCode: 0 });
  });

  it('gives a workflow of another namespace the result of a sync, by Nexus', async () => {
    const { connection, nativeConnection } = stack.temporal;
    const namespace = await newNamespace(stack.temporal);
    const endpoint = uniqueName('airbyte');
    await createNexusEndpoint(connection, endpoint, { namespace: 'default', taskQueue: stack.taskQueue });
    const client = new Client({ connection, namespace });
    await until(() =>
      client.workflow.count().then(
        ({ count }) => count === 0,
        () => false,
      ),
    );
    const taskQueue = 'callers';
    const workflows = await workflowBundle(require.resolve('../support/nexus-caller-workflows'));
    const worker = await Worker.create({
      connection: nativeConnection,
      namespace,
      taskQueue,
      workflowBundle: workflows,
    });
    const connectionId = await stack.caller.simulatedConnection({ records: 12 });
    const result = await worker.runUntil(
      client.workflow.execute<typeof callSync>('callSync', {
        ...{ taskQueue, workflowId: uniqueName('caller') },
        args: [endpoint, { connectionId }],
      }),
    );
    expect(result).toMatchObject({ connectionId, status: 'succeeded', recordsSynced: 12 });
  });

  it('shows each of ten workers, each time that it is asked', async () => {
    const environment = { ...stack.environment(), AIRBYTE_TASK_QUEUE: uniqueName('ten') };
    const taskQueue = environment.AIRBYTE_TASK_QUEUE;
    const stops = await Promise.all(
      Array.from({ length: WORKERS }, () => startWorkerOfEnvironment(stack.temporal, environment)),
    );
    try {
      const workers = await until(async () => {
        const identities = await pollingIdentities(stack.temporal, taskQueue);
        return identities.length === WORKERS && identities.sort();
      });
      for (let repeated = 0; repeated < 10; repeated++) {
        expect((await pollingIdentities(stack.temporal, taskQueue)).sort()).toEqual(workers);
      }
    } finally {
      await Promise.all(stops.map((stop) => stop()));
    }
  });

  describe('with versions of workers', () => {
    const deploymentName = uniqueName('deployment');
    const stops: (() => Promise<void>)[] = [];
    let environment: NodeJS.ProcessEnv;
    let taskQueue: string;

    beforeAll(() => {
      taskQueue = uniqueName('versions');
      environment = { ...stack.environment(), AIRBYTE_TASK_QUEUE: taskQueue, TEMPORAL_DEPLOYMENT_NAME: deploymentName };
    });
    afterAll(() => Promise.all(stops.map((stop) => stop())));

    async function startVersion(buildId: string): Promise<void> {
      const version = { ...environment, TEMPORAL_WORKER_BUILD_ID: buildId };
      stops.push(await startWorkerOfEnvironment(stack.temporal, version));
    }

    /** As the Temporal Worker Controller does it, once the server knows the version. */
    async function makeCurrent(buildId: string): Promise<void> {
      const { workflowService } = stack.temporal.connection;
      const version = { namespace: 'default', deploymentName, buildId };
      await until(() =>
        workflowService.setWorkerDeploymentCurrentVersion(version).then(
          () => true,
          () => false,
        ),
      );
      await until(async () => (await describeWorkers(stack.temporal, taskQueue)).current?.buildId === buildId);
    }

    const syncOf = async (connectionId: string) => {
      const workflowId = syncWorkflowId(connectionId, taskQueue);
      return stack.temporal.client.workflow.start('syncConnection', {
        taskQueue,
        workflowId,
        args: [{ connectionId }],
      });
    };

    it('runs the gate on a version that gets no other work yet', async () => {
      await startVersion('1');
      const check = await until(() =>
        stack.temporal.client.workflow
          .start<typeof checkAirbyte>('checkAirbyte', {
            ...{ taskQueue, workflowId: uniqueName('gate'), args: [] },
            versioningOverride: { pinnedTo: { deploymentName, buildId: '1' } },
          })
          .catch(() => undefined),
      );
      expect(await check.result()).toEqual({ workspace: expect.any(String) });
    });

    it('leaves a sync to the version that it began on', async () => {
      await makeCurrent('1');
      const connectionId = await stack.caller.simulatedConnection({ hold: true });
      const before = await syncOf(connectionId);
      const job = await stack.sandbox.jobs.created(connectionId);
      await startVersion('2');
      await makeCurrent('2');
      const after = await syncOf(await stack.caller.simulatedConnection());
      expect(await after.result()).toMatchObject({ status: 'succeeded' });
      await stack.sandbox.jobs.finish(job.id);
      expect(await before.result()).toMatchObject({ status: 'succeeded', jobId: job.id });
      const builds = await Promise.all(
        [before, after].map(async (run) => {
          const { raw } = await run.describe();
          return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
        }),
      );
      expect(builds).toEqual(['1', '2']);
    });
  });
}

describe("Temporal's production server on PostgreSQL", () => {
  if (typeof programs === 'string') it.skip(`NOT TESTED: ${programs}`, () => undefined);
  else story(programs);
});
