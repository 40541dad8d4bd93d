import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../tools/free-ports';
import { openMetricsEndpoint } from '../../worker/metrics/metrics-endpoint';
import type { Readiness } from '../../worker/metrics/worker-health';
import { Program } from '../support/child-program';

const ROOT = join(__dirname, '../..');

describe("the health check of the worker's image", () => {
  const problems: Readiness = { temporal: undefined, airbyte: 'Airbyte does not matter here' };
  let port: number;
  let close: () => Promise<void>;

  beforeAll(async () => {
    port = await freePort();
    const health = {
      reasonToRestart: undefined,
      readiness: async () => problems,
      check: async (dependency: keyof Readiness) => problems[dependency],
    };
    close = await openMetricsEndpoint({ address: { host: '0.0.0.0', port }, health, readMetrics: undefined });
  });
  afterAll(() => close?.());

  /** Runs the script as Docker does, in the environment of the worker's container. */
  async function check(address?: string) {
    const env = { PATH: process.env['PATH'], AIRBYTE_METRICS_ADDRESS: address };
    const health = new Program('bash', [join(ROOT, 'docker/worker-health.sh')], env);
    return { exitCode: await health.exited, stderr: health.stderr };
  }

  it('passes while the worker polls and Temporal responds, at each form of its address', async () => {
    for (const address of [String(port), `127.0.0.1:${port}`, `0.0.0.0:${port}`]) {
      expect(await check(address)).toEqual({ exitCode: 0, stderr: '' });
    }
  });

  it('fails, and says why, while Temporal does not respond', async () => {
    problems.temporal = 'Connection refused';
    expect(await check(String(port))).toEqual({ exitCode: 1, stderr: 'temporal: Connection refused\n' });
  });

  it('fails where nothing listens, and where the worker does not show its health', async () => {
    expect(await check(String(await freePort()))).toMatchObject({ exitCode: 1 });
    expect(await check()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('AIRBYTE_METRICS_ADDRESS') });
  });

  it('is given an address in the image', () => {
    expect(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')).toMatch(/^ENV AIRBYTE_METRICS_ADDRESS=127\.0\.0\.1:\d+$/m);
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
    expect(imports.length).toBeGreaterThanOrEqual(7);
    const missing = `for (const { names, module } of ${JSON.stringify(imports)}) {
      for (const name of names) if (require(module)[name] === undefined) console.log(name, module);
    }`;
    expect(execFileSync(process.execPath, ['-e', missing], { cwd: ROOT, encoding: 'utf8' })).toBe('');
  });
});
