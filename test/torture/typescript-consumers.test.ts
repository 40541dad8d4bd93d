import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linkPackages, unpackPackage } from '../support/packed-package';

const ROOT = join(__dirname, '..', '..');

const CONSUMER = `
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { createNexusServiceClient, executeChild, proxyActivities, startChild } from '@temporalio/workflow';
import { AirbyteClient, createSecretResolver, JobWatcher } from 'temporal-airbyte';
import { type Activities, createActivities } from 'temporal-airbyte/activities';
import { airbyteService } from 'temporal-airbyte/nexus';
import { AirbytePlugin } from 'temporal-airbyte/plugin';
import { runPipeline, type SyncConnectionResult, syncConnection, syncFleet } from 'temporal-airbyte/workflows';

export async function worker(): Promise<Worker> {
  const airbyte = new AirbyteClient({ url: 'http://localhost:8001/api/v1' });
  const jobs = new JobWatcher({ airbyte, pollIntervalMs: 2_000, logger: console });
  const activities: Activities = createActivities({ airbyte, jobs, secrets: createSecretResolver() });
  await Worker.create({ taskQueue: 'other', activities });
  return Worker.create({ taskQueue: 'mine', workflowsPath: 'x', plugins: [new AirbytePlugin({ airbyte, jobs })] });
}

export async function workflow(connectionId: string): Promise<SyncConnectionResult> {
  const nexus = createNexusServiceClient({ endpoint: 'airbyte', service: airbyteService });
  await nexus.executeOperation('sync', { connectionId, timeout: '30m' });
  const child = await startChild(syncFleet, { args: [{ connections: [connectionId] }] });
  await child.result();
  await proxyActivities<Activities>({ startToCloseTimeout: '1m' }).getConnection({ connectionId });
  return executeChild(syncConnection, { workflowId: 'x', args: [{ connectionId }] });
}

export async function start(client: Client): Promise<string | undefined> {
  const stream = { name: 'a', syncMode: 'full_refresh', destinationSyncMode: 'append' } as const;
  const handle = await client.workflow.start(runPipeline, {
    taskQueue: 'airbyte',
    workflowId: 'x',
    args: [
      {
        name: 'shop',
        source: { name: 's', definition: 'Postgres', configuration: {} },
        destination: { name: 'd', definition: 'S3', configuration: {} },
        connection: { streams: [stream] },
      },
    ],
  });
  return (await handle.result()).sync?.status;
}

export async function readChangeUpdate(airbyte: AirbyteClient, id: string): Promise<void> {
  const connection = await airbyte.connections.get(id);
  if (connection.schedule) connection.schedule.units = 12;
  await airbyte.connections.update(connection);
}
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'consumer-'));
  unpackPackage(ROOT, folder);
  linkPackages(folder, /^temporal-airbyte$/);
  symlinkSync(join(folder, 'package'), join(folder, 'node_modules', 'temporal-airbyte'));
  writeFileSync(join(folder, 'consumer.ts'), CONSUMER);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** The errors of the compiler, except those in the files of other packages. */
function compilerErrorsOf(options: object): string[] {
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, target: 'es2022' },
    ...{ noEmit: true, esModuleInterop: true, lib: ['es2023'], types: ['node'], ...options },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], {
    ...{ cwd: folder, encoding: 'utf8' },
  });
  expect(stderr).toBe('');
  const errors = stdout.split('\n').filter((line) => / error TS\d+: /.test(line));
  return errors.filter((line) => !/node_modules\/(?!temporal-airbyte)/.test(line));
}

describe('a program in TypeScript', () => {
  it.each([
    ['nodenext, its libraries checked', { module: 'nodenext', moduleResolution: 'nodenext' }],
    ['bundler', { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true }],
  ])(
    'compiles with every export of the package under the strictest settings: %s',
    (_, options) => {
      expect(compilerErrorsOf(options)).toEqual([]);
    },
    240_000,
  );

  // TypeScript before 6 resolves modules this way by default and ignores `exports`. The compiler of this project cannot do so.
  it('finds the types of every export where its compiler resolves modules as node10', () => {
    const { exports: exported, typesVersions, types } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const modules = Object.entries<string>(exported).filter(([, file]) => file.endsWith('.js'));
    const typesOf = (name: string) => (name === '.' ? types : typesVersions['*'][name.slice(2)]?.[0]);
    expect(modules.map(([name]) => [name, typesOf(name)])).toEqual(
      modules.map(([name, file]) => [name, file.replace(/\.js$/, '.d.ts')]),
    );
    for (const [name] of modules) expect(existsSync(join(folder, 'package', typesOf(name)))).toBe(true);
  });
});
