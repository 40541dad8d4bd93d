/** The package as npm installs it without any optional package: what works, and what is said of that which does not. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Program } from '../support/child-program';
import { describeIfInstalled } from '../support/installed-packages';
import { packPackage } from '../support/packed-package';
import { type Stack, startStack } from '../support/stack';

const ROOT = join(__dirname, '../..');
const INSTALL_TIMEOUT_MS = 5 * 60_000;
const MESSAGE = /needs the package temporal-airbyte-sandbox, which is not installed.*npm install /;

/** An empty folder in which the package is installed as an operator would do it for a server. */
function installMinimally(): string {
  const folder = mkdtempSync(join(tmpdir(), 'minimal-install-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const options = ['--omit=dev', '--omit=optional', '--no-audit', '--no-fund', '--loglevel=error'];
    const shell = process.platform === 'win32';
    const file = packPackage(ROOT, folder);
    execFileSync('npm', ['install', ...options, file], {
      ...{ cwd: folder, stdio: 'pipe', timeout: INSTALL_TIMEOUT_MS, shell },
    });
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

describeIfInstalled('the package without any optional package', 'it', installMinimally, (folder) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ worker: false });
  });
  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (...args: string[]) =>
    new Program(join(folder, 'node_modules', '.bin', 'temporal-airbyte'), args, stack.environment());

  it.each([[['demo']], [['demo', '--keep']], [['sandbox']], [['sandbox', '--help']], [['sandbox', '--port', '0']]])(
    'says for %j what is missing and how to add it, and nothing else',
    async (args) => {
      const command = run(...args);
      expect({ exitCode: await command.exited, stdout: command.stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(command.stderr.trim().split('\n')).toEqual([expect.stringMatching(MESSAGE)]);
    },
  );

  it.each(['demo', 'sandbox'])('says so of `%s --json` in the document', async (name) => {
    const command = run(name, '--json');
    expect(await command.exited).toBe(2);
    const { error } = command.document;
    expect(error).toEqual({ type: 'InvalidInput', message: expect.stringMatching(MESSAGE), exitCode: 2 });
  });

  it('says so to a test that starts a sandbox', async () => {
    const file = join(folder, 'test.js');
    writeFileSync(
      file,
      "require('temporal-airbyte/testing').startTestSandbox().catch(({ message }) => console.log(message));\n",
    );
    const test = new Program(process.execPath, [file], process.env);
    expect({ exitCode: await test.exited, stderr: test.stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(test.stdout).toMatch(MESSAGE);
  });

  it('runs a worker, whose sync a command waits for', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 4 });
    const worker = run('worker');
    try {
      const sync = run('sync', connectionId, '--wait', '--json');
      expect({ exitCode: await sync.exited, stderr: sync.stderr }).toMatchObject({ exitCode: 0 });
      expect(sync.document).toMatchObject({ status: 'succeeded', recordsSynced: 4 });
    } finally {
      worker.kill('SIGTERM');
    }
    expect(await worker.exited).toBe(0);
  });
});
