/** `startTestSandbox`, as the test of a user's workflow uses it: see docs/testing.md. */
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { startTestSandbox, type TestSandbox } from '../../testing';
import { findExecutable } from '../../tools/executables';
import { AirbytePlugin } from '../../worker/airbyte-plugin';
import { parquetFilesIn } from '../support/parquet';
import { quietRuntime, workflowBundle } from '../support/temporal';

const TASK_QUEUE = 'test';

describe('a test of a workflow, with a sandbox and an environment of @temporalio/testing', () => {
  let environment: TestWorkflowEnvironment;
  let sandbox: TestSandbox;
  /** Where the sandbox keeps what it writes. */
  let folder: string;
  let worker: Worker;
  let running: Promise<void>;
  let api: Server;

  beforeAll(async () => {
    quietRuntime();
    folder = await mkdtemp(join(tmpdir(), 'test-sandbox-'));
    process.env['TMPDIR'] = folder;
    const path = await findExecutable('temporal');
    const server = { executable: { type: 'existing-path', path } } as const;
    [environment, sandbox] = await Promise.all([TestWorkflowEnvironment.createLocal({ server }), startTestSandbox()]);
    worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue: TASK_QUEUE,
      ...{ workflowBundle: await workflowBundle() },
      plugins: [new AirbytePlugin({ airbyte: { url: sandbox.url }, pollIntervalMs: 100 })],
    });
    running = worker.run();
    api = createServer((_request, response) => response.end(JSON.stringify([{ id: 1 }, { id: 2 }, { id: 3 }])));
    await once(api.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(async () => {
    api?.close();
    if (worker?.getState() === 'RUNNING') worker.shutdown();
    await running;
    await Promise.all([environment?.teardown(), sandbox?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const start = (type: string, input: object) =>
    environment.client.workflow.start(type, { taskQueue: TASK_QUEUE, workflowId: type, args: [input] });

  it('syncs a simulated connection as its configuration says', async () => {
    const connectionId = await sandbox.simulatedConnection({ records: 6, bytes: 60, duration_ms: 300 });
    const sync = await start('syncConnection', { connectionId });
    expect(await sync.result()).toMatchObject({ status: 'succeeded', recordsSynced: 6, bytesSynced: 60 });
  });

  it('moves the rows of a pipeline', async () => {
    const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/v1/customers`;
    const lake = { s3_bucket_name: 'lake', s3_bucket_path: 'api', s3_bucket_region: 'us-east-1' };
    const pipeline = await start('runPipeline', {
      name: 'rows',
      source: { name: 'api', definition: 'REST API', configuration: { url, method: 'GET' } },
      destination: {
        ...{ name: 'lake', definition: 'S3' },
        configuration: { ...lake, format: { format_type: 'Parquet', compression_codec: 'SNAPPY' } },
      },
      connection: { streams: [{ name: 'customers', syncMode: 'full_refresh', destinationSyncMode: 'append' }] },
    });
    expect(await pipeline.result()).toMatchObject({ sync: { status: 'succeeded', recordsSynced: 3 } });
    const [file] = await parquetFilesIn(folder);
    expect(file?.rows.map(({ id }) => Number(id))).toEqual([1, 2, 3]);
  });

  it('leaves no server and no file behind', async () => {
    worker.shutdown();
    await running;
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^airbyte-sandbox-/)]);
    await sandbox.stop();
    expect(await readdir(folder)).toEqual([]);
    await expect(fetch(sandbox.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});
