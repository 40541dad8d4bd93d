/**
 * What a user sees of this project's runs in Temporal's UI, in a real Chromium. `npm run screenshots` keeps the pictures
 * of it in docs/images.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { fleetDocumentSchema } from '../../src/contract/fleet-document';
import { searchAttributeKeys as keys } from '../../src/contract/search-attribute-keys';
import {
  type SyncConnectionInput,
  syncConnectionInputSchema,
  syncOptionsSchema,
} from '../../src/contract/sync-options';
import { temporalScheduleSchema } from '../../src/contract/temporal-schedule';
import {
  DEFAULT_TASK_QUEUE,
  fleetWorkflowId,
  pipelineWorkflowId,
  syncWorkflowId,
} from '../../src/contract/workflow-ids';
import { fleetStaticDetails, pipelineStaticDetails, syncStaticDetails } from '../../src/details/static-details';
import { applySchedule } from '../../src/schedules/apply-schedule';
import type { PipelineResult } from '../../workflows';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { exampleDocument, JOB_POLL_CALL, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { until } from '../support/until';
import { findChromium, NO_CHROMIUM } from './chromium';
import { UiBrowser } from './ui-browser';

const START_MS = 120_000;

const executable = findChromium();
if (executable === undefined) process.stderr.write(`\nTemporal's UI is ${NO_CHROMIUM}.\n\n`);
const title = executable === undefined ? `Temporal's UI (${NO_CHROMIUM})` : "Temporal's UI";

/** On a server of their own, pictures have the names that people give. */
const isPictured = process.env['SCREENSHOT_FOLDER'] !== undefined;
const named = (name: string) => (isPictured ? name : uniqueName(name));

/** A run, as its page's address names it. */
interface Run {
  workflowId: string;
  runId: string;
}

(executable === undefined ? describe.skip : describe)(title, () => {
  let stack: Stack;
  let postgres: TestPostgres;
  let ui: UiBrowser;
  let workspaceId: string;
  let shop: PipelineResult;
  let pipeline: Run;
  const shopName = named('PostgreSQL → Parquet');

  beforeAll(async () => {
    const stackOptions = isPictured ? { taskQueue: DEFAULT_TASK_QUEUE } : {};
    [stack, postgres] = await Promise.all([startStack(stackOptions), startPostgres()]);
    ui = await UiBrowser.open(executable ?? '', stack.temporal.uiUrl ?? '');
    workspaceId = await stack.caller.workspaceId();
    stack.secrets['SECRET_SHOP_PASSWORD'] = postgres.password;
    const { host, port, database, username } = postgres;
    const source = { host, port, database, username };
    const document = await exampleDocument('postgres-to-parquet.yaml', named('postgres-to-parquet'), { source });
    document.connection.name = shopName;
    const handle = await stack.temporal.client.workflow.start('runPipeline', {
      ...{
        taskQueue: stack.taskQueue,
        workflowId: pipelineWorkflowId(document.name, stack.taskQueue),
        args: [document],
      },
      ...pipelineStaticDetails(document),
    });
    shop = (await handle.result()) as PipelineResult;
    pipeline = runOf(handle);
  }, START_MS);

  afterAll(async () => {
    await ui?.close();
    await stack?.stop();
    await postgres?.stop();
  });

  const runOf = ({ workflowId, firstExecutionRunId }: WorkflowHandle & { firstExecutionRunId: string }): Run => ({
    workflowId,
    runId: firstExecutionRunId,
  });

  /** Resolves once a workflow waits for its job: the worker has polled it. */
  const waitedFor = () => stack.sandbox.requests.reached(JOB_POLL_CALL, 1);

  /** Starts a sync as every starter of ours does. */
  const startSync = (connectionId: string, name: string, options: Partial<SyncConnectionInput> = {}) => {
    const input = syncConnectionInputSchema().parse({ connectionId, ...options });
    return stack.temporal.client.workflow.start('syncConnection', {
      ...{ taskQueue: stack.taskQueue, workflowId: syncWorkflowId(connectionId, stack.taskQueue), args: [input] },
      typedSearchAttributes: [
        { key: keys.connectionId, value: connectionId },
        { key: keys.connectionName, value: name },
        { key: keys.workspaceId, value: workspaceId },
      ],
      ...syncStaticDetails({ connectionId, name, workspaceId, webappUrl: 'http://localhost:8000' }, input),
    });
  };

  const metadataPage = async (run: Run) => {
    await ui.workflow(run, 'user-metadata');
    return ui.markdown();
  };

  describe('the page of a pipeline', () => {
    it('shows each step, what it is for, and what came of all', async () => {
      await ui.workflow(pipeline);
      await ui.shows('Check the source');
      await ui.shows('Set up the connection');
      await ui.picture('pipeline', 1200);
      expect(await ui.text()).toContain(shop.connectionId);
    });

    it('shows the result, and links to the connection in Airbyte and to the sync', async () => {
      const details = await metadataPage(pipeline);
      await details.shows('sync');
      expect(await details.text()).toContain('set up source and destination: source created, destination created');
      expect(await details.links()).toEqual(
        expect.arrayContaining([
          expect.stringMatching(new RegExp(`/workspaces/${workspaceId}/connections/${shop.connectionId}$`)),
          expect.stringContaining(`/namespaces/default/workflows/airbyte-sync`),
        ]),
      );
      await ui.picture('pipeline-details');
    });
  });

  describe('the list', () => {
    it('shows the runs of one connection with a filter on its search attribute, and its other attributes as columns', async () => {
      const other = await stack.caller.simulatedConnection({ records: 7 });
      await (await startSync(other, named('Orders → Warehouse'))).result();
      await ui.columns(['Status', 'Workflow ID', 'AirbyteConnectionName', 'AirbyteJobStatus', 'AirbyteRecordsSynced']);
      await ui.load(`workflows?query=${encodeURIComponent(`AirbyteConnectionName="${shopName}"`)}`);
      await ui.shows(pipeline.workflowId);
      const rows = await ui.rows();
      expect(rows).toHaveLength(2);
      expect(rows.every((row) => row.includes(shopName))).toBe(true);
      expect(rows.find((row) => row.includes('airbyte-sync:'))).toContain('succeeded');
      await ui.picture('list', 600);
    });
  });

  describe('the page of a sync that runs', () => {
    it('shows its step, and changes as it proceeds', async () => {
      const connectionId = await stack.caller.simulatedConnection({
        ...{ duration_ms: 10 * 60_000, records: 1_200_000, bytes: 300_000_000 },
        streams: ['customers', 'orders', 'products'],
      });
      stack.sandbox.requests.clear();
      const handle = await startSync(connectionId, named('Shop → Warehouse'), { maximumAttempts: 3 });
      const run = runOf(handle);
      const { id } = await stack.sandbox.jobs.created(connectionId);
      await waitedFor();
      const details = await metadataPage(run);
      await details.shows('Pending Activities');
      expect(await details.text()).toContain(`Job: ${id}`);
      expect(await details.text()).toContain('Attempt: 1 of 3');
      await ui.picture('running-sync-details');

      await details.follow('Pending Activities');
      await ui.shows('recordsPerSecond');
      expect(await ui.text()).toContain('waitForJob');
      await ui.picture('running-sync');

      await stack.sandbox.jobs.finish(id);
      await handle.result();
      const after = await metadataPage(run);
      await after.shows('Done');
      expect(await after.text()).toMatch(/customers\s+[\d,]+\s/);
      await ui.picture('ended-sync-details');
    });
  });

  describe('the page of a sync whose job cannot be started', () => {
    it('leads to what fails, since when, and when it is tried again', async () => {
      const connectionId = await stack.caller.simulatedConnection({});
      const { faultId } = stack.sandbox.faults.add({ call: 'connections/sync', status: 503, times: null });
      const handle = await startSync(connectionId, named('Returns → Warehouse'));
      try {
        // The page reads what is pending when it opens, and again only after an event.
        await until(async () => {
          const { pendingActivities } = (await handle.describe()).raw;
          return pendingActivities?.some(({ lastFailure }) => lastFailure);
        });
        const details = await metadataPage(runOf(handle));
        await details.shows('Starting a job');
        expect(await details.text()).toContain('If this takes long: Pending Activities has the last failure');
        await details.follow('Pending Activities');
        await ui.shows('AirbyteUnavailable');
        expect(await ui.text()).toContain('triggerSync');
        await ui.picture('outage', 1000);
      } finally {
        stack.sandbox.faults.remove(faultId);
      }
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
    });
  });

  describe('the page of a fleet', () => {
    it('counts its connections, and links to the syncs that run', async () => {
      const names = ['Leads → Warehouse', 'Deals → Warehouse', 'Notes → Warehouse'].map(named);
      const connections = await Promise.all(
        names.map((name, index) => stack.caller.simulatedConnection({ records: 40, hold: index > 0 }, { name })),
      );
      const input = { name: named('nightly'), connections, maxConcurrent: 2 };
      const handle = await stack.temporal.client.workflow.start('syncFleet', {
        ...{ taskQueue: stack.taskQueue, workflowId: fleetWorkflowId(input.name, stack.taskQueue), args: [input] },
        ...fleetStaticDetails(fleetDocumentSchema().parse({ fleet: input.name, connections, maxConcurrent: 2 })),
      });
      const held = await Promise.all(connections.slice(1).map((id) => stack.sandbox.jobs.created(id)));
      const details = await metadataPage(runOf(handle));
      await details.shows('2 running');
      expect(await details.text()).toContain('3, of which 2 running, 1 succeeded');
      expect(await details.links()).toContainEqual(expect.stringContaining('/workflows/airbyte-sync'));
      await ui.picture('fleet-details');
      for (const { id } of held) await stack.sandbox.jobs.finish(id);
      await handle.result();
    });
  });

  describe('the page of a sync that failed', () => {
    it('says why on its page: a connection that was deleted in Airbyte, with its id', async () => {
      const name = named('Deleted → Warehouse');
      const connectionId = await stack.caller.simulatedConnection({}, { name });
      await stack.caller.call('connections/delete', { connectionId });
      const handle = await startSync(connectionId, name);
      await expect(handle.result()).rejects.toThrow();
      await ui.workflow(runOf(handle));
      await ui.shows('AirbyteNotFound');
      expect(await ui.text()).toContain(`(${connectionId}) was deleted in Airbyte`);
      await ui.picture('deleted-connection', 1000);
    });

    it('says why on its page: Airbyte’s own reason', async () => {
      const connectionId = await stack.caller.simulatedConnection({
        ...{ outcome: 'failed', failure_type: 'config_error' },
        failure_message: 'password authentication failed for user "airbyte"',
      });
      const handle = await startSync(connectionId, named('Billing → Warehouse'));
      await expect(handle.result()).rejects.toThrow();
      await ui.workflow(runOf(handle));
      await ui.shows('AirbyteSyncFailed');
      expect(await ui.text()).toContain('password authentication failed for user');
      await ui.picture('failed-sync', 1000);
    });
  });

  describe('the page of a schedule', () => {
    it('shows when it starts the sync of which connection, and its runs', async () => {
      const connectionId = await stack.caller.simulatedConnection({ records: 500 });
      const schedules = stack.temporal.client.schedule;
      const timing = { by: 'temporal', cron: '0 6 * * *', timeZone: 'Europe/Paris' };
      const { scheduleId } = await applySchedule(schedules, {
        connection: { connectionId, name: named('CRM → Warehouse'), workspaceId },
        schedule: { ...temporalScheduleSchema().parse(timing), sync: syncOptionsSchema().parse({}) },
        taskQueue: stack.taskQueue,
      });
      const schedule = schedules.getHandle(scheduleId);
      try {
        await schedule.trigger();
        const { id } = await stack.sandbox.jobs.created(connectionId);
        await stack.caller.ended(id);
        await ui.goto(`schedules/${encodeURIComponent(scheduleId)}`);
        await ui.shows('syncConnection');
        await ui.shows(`${syncWorkflowId(connectionId, stack.taskQueue)}-2`);
        expect(await ui.text()).toContain('Europe/Paris');
        await ui.picture('schedule');
      } finally {
        await schedule.delete();
      }
    });
  });

  describe('the workings of a run', () => {
    it('has queries that describe what they return, and a stack that shows where it waits', async () => {
      const connectionId = await stack.caller.simulatedConnection({ hold: true });
      stack.sandbox.requests.clear();
      const handle = await startSync(connectionId, named('Held → Warehouse'));
      const run = runOf(handle);
      const { id } = await stack.sandbox.jobs.created(connectionId);
      await waitedFor();
      await ui.workflow(run, 'call-stack');
      await ui.shows('waitUntilEnded');
      await ui.picture('call-stack');
      await ui.workflow(run, 'query');
      await ui.page.getByRole('button', { name: 'Run Query' }).click();
      await ui.shows('"phase"');
      expect(await ui.text()).toContain('"phase": "running"');
      await ui.picture('query');
      await stack.sandbox.jobs.finish(id);
      await handle.result();
    });
  });
});
