import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from '@jest/globals';
import { cacheFolder } from '../../src/temporal/executables';

/** What the first installation of a package may take, over a slow line. */
export const INSTALL_TIMEOUT_MS = 5 * 60_000;

const run = promisify(execFile);
const hasPython = spawnSync('python3', ['--version']).status === 0;

/** Tests that need python3. Without it they are reported as skipped, never as passed. */
export const describeWithPython = hasPython ? describe : describe.skip;

/**
 * The programs of a package of PyPI, in a virtual environment that is made once, in the user's cache folder; that needs,
 * the first time, a way to PyPI.
 *
 * @returns the folder with `python` and the package's own programs
 */
export async function pypiPrograms(name: string, project: string, version: string): Promise<string> {
  const environment = join(cacheFolder(), `${name}-${version}`);
  const programs = join(environment, 'bin');
  // Written last: without it an installation was broken off.
  const complete = join(environment, 'complete');
  if (!existsSync(complete)) {
    await rm(environment, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', environment]);
    const pip = join(programs, 'pip');
    await run(pip, ['install', '--quiet', '--disable-pip-version-check', `${project}==${version}`]);
    await writeFile(complete, '');
  }
  return programs;
}
