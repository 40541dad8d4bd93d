import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const ROOT = join(__dirname, '../../..');

/** Starts a program as Node.js of another version would, and returns its exit code and what it says. */
function startedBy(version: string, program: string): Promise<{ exitCode: unknown; stderr: string }> {
  const script = `
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });
    process.argv.splice(1, 1, '${program}', '--version');
    require('${program}');
  `;
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', script], (error, _, stderr) => resolve({ exitCode: error?.code ?? 0, stderr }));
  });
}

it.each(['bin/temporal-airbyte.js', 'sandbox/bin/temporal-airbyte-sandbox.js'])(
  '%s says which version of Node.js it needs, instead of failing somewhere with an older one',
  async (file) => {
    const program = join(ROOT, file);
    const { exitCode, stderr } = await startedBy('18.20.4', program);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^temporal-airbyte\S* needs Node\.js 20\.19 or later, and this is 18\.20\.4\. .*\n$/);
    expect(await startedBy('20.18.0', program)).toMatchObject({ exitCode: 2 });
  },
);

it('starts with the version that it needs', async () => {
  expect(await startedBy('20.19.0', join(ROOT, 'bin/temporal-airbyte.js'))).toEqual({ exitCode: 0, stderr: '' });
});
