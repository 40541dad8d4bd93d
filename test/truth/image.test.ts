import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pollingIdentities } from '../../src/temporal/task-queue-workers';
import { Program } from '../support/child-program';
import { type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';

const ROOT = join(__dirname, '../..');

describe("the health check of the worker's image", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.stop());

  /** Runs the script as Docker does, in the environment of the worker's container. */
  async function check(taskQueue: string) {
    const environment = { PATH: process.env['PATH'], AIRBYTE_TASK_QUEUE: taskQueue };
    const script = join(ROOT, 'docker/worker-health.js');
    const health = new Program(process.execPath, [script], stack.temporal.environment(environment));
    return { exitCode: await health.exited, stderr: health.stderr };
  }

  it('passes while Temporal sees the worker of this machine take work', async () => {
    while ((await pollingIdentities(stack.temporal, stack.taskQueue)).length === 0);
    expect(await check(stack.taskQueue)).toEqual({ exitCode: 0, stderr: '' });
  });

  it('fails, and says why, while no worker of this machine takes work', async () => {
    const taskQueue = uniqueName('no-worker');
    expect(await check(taskQueue)).toEqual({
      exitCode: 1,
      stderr: `Temporal sees no worker of ${hostname()} on the task queue '${taskQueue}'.\n`,
    });
  });
});

describe('each script that runs on the build', () => {
  const scripts = ['docker', 'scripts'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((file) => file.endsWith('.js'))
      .map((file) => join(ROOT, folder, file)),
  );

  it('imports what is there', () => {
    const imports = scripts.flatMap((script) =>
      [
        ...readFileSync(script, 'utf8').matchAll(
          /const \{ (.+?) \} = require\('(\.\.\/dist\/.+?|temporal-airbyte-sandbox)'\)/g,
        ),
      ].map(([, names = '', module = '']) => ({
        names: names.split(', '),
        module: module.startsWith('.') ? join(ROOT, 'scripts', module) : module,
      })),
    );
    expect(imports.length).toBeGreaterThanOrEqual(10);
    const missing = `for (const { names, module } of ${JSON.stringify(imports)}) {
      for (const name of names) if (require(module)[name] === undefined) console.log(name, module);
    }`;
    expect(execFileSync(process.execPath, ['-e', missing], { cwd: ROOT, encoding: 'utf8' })).toBe('');
  });
});
