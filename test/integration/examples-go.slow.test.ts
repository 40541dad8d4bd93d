/** The program in `examples/go/`, with the Temporal SDK for Go. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { Program } from '../support/child-program';
import { copyAndInstall, describeIfInstalled } from '../support/installed-packages';
import { testCaller } from './caller-cases';

const FOLDER = join(__dirname, '../../examples/go');
const DOWNLOAD_TIMEOUT_MS = 5 * 60_000;

const copyWithModules = () =>
  copyAndInstall(FOLDER, (cwd) => {
    execFileSync('go', ['mod', 'download'], { cwd, stdio: 'pipe', timeout: DOWNLOAD_TIMEOUT_MS });
  });

describeIfInstalled('from Go', 'the modules of examples/go', copyWithModules, (folder) => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  testCaller(async () => {
    const file = join(folder, 'call-airbyte');
    const build = new Program('go', ['build', '-C', folder, '-mod=readonly', '-o', file, '.'], process.env);
    expect({ exitCode: await build.exited, stderr: build.stderr }).toMatchObject({ exitCode: 0 });
    return { file };
  });

  it('is formatted and vetted', async () => {
    const formatting = new Program('gofmt', ['-l', FOLDER], process.env);
    expect({ exitCode: await formatting.exited, files: formatting.stdout }).toEqual({ exitCode: 0, files: '' });
    const vetting = new Program('go', ['vet', '-C', folder, './...'], process.env);
    expect({ exitCode: await vetting.exited, stderr: vetting.stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
});
