/**
 * What a person sees of this project's runs in Temporal's UI, in a real Chromium. `npm run screenshots` keeps the pictures
 * of it in docs/images.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { type SyncConnectionInput, syncConnectionInputSchema } from '../../src/pipeline/sync-options';
import { searchAttributeKeys as keys } from '../../src/temporal/search-attribute-keys';
import { pipelineStaticDetails, syncStaticDetails } from '../../src/temporal/static-details';
import { pipelineWorkflowId, syncWorkflowId } from '../../src/temporal/workflow-ids';
import type { PipelineResult } from '../../workflows';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { exampleDocument, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { findChromium, NO_CHROMIUM } from './chromium';
import { UiBrowser } from './ui-browser';

const START_MS = 120_000;

const executable = findChromium();
if (executable === undefined) process.stderr.write(`\nTemporal's UI is ${NO_CHROMIUM}.\n\n`);
const title = executable === undefined ? `Temporal's UI (${NO_CHROMIUM})` : "Temporal's UI";

/** On a server of their own, pictures have the names that people give. */
const named = (name: string) => (process.env['SCREENSHOT_FOLDER'] === undefined ? uniqueName(name) : name);

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
    [stack, postgres] = await Promise.all([startStack(), startPostgres()]);
    ui = await UiBrowser.open(executable ?? '', stack.temporal.uiUrl);
    workspaceId = await stack.caller.workspaceId();
    stack.secrets['SECRET_SHOP_PASSWORD'] = postgres.password;
    const { host, port, database, username } = postgres;
    const source = { host, port, database, username };
    const document = await exampleDocument('postgres-to-parquet.yaml', named('postgres-to-parquet'), { source });
    document.connection.name = shopName;
    const handle = await stack.temporal.client.workflow.start('runPipeline', {
      ...{ taskQueue: stack.taskQueue, workflowId: pipelineWorkflowId(document.name), args: [document] },
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

  /** Starts a sync as every starter of ours does. */
  const startSync = (connectionId: string, name: string, options: Partial<SyncConnectionInput> = {}) => {
    const input = syncConnectionInputSchema().parse({ connectionId, ...options });
    return stack.temporal.client.workflow.start('syncConnection', {
      ...{ taskQueue: stack.taskQueue, workflowId: syncWorkflowId(connectionId), args: [input] },
      typedSearchAttributes: [
        { key: keys.connectionId, value: connectionId },
        { key: keys.connectionName, value: name },
        { key: keys.workspaceId, value: workspaceId },
      ],
      ...syncStaticDetails({ connectionId, name, workspaceId, webappUrl: 'http://localhost:8000' }, input),
    });
  };

  it('shows the steps of a pipeline, and says of each what it is for', async () => {
    await ui.workflow(pipeline);
    await ui.shows('Check the source');
    await ui.picture('pipeline', { height: 1060 });
    expect(shop.sync?.status).toBe('succeeded');
  });
});
