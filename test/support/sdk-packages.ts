import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../tools/executables';
import { describeIfInstalled } from './installed-packages';

const PACKAGES = ['activity', 'client', 'common', 'envconfig', 'nexus', 'testing', 'worker', 'workflow'];
const INSTALL_TIMEOUT_MS = 5 * 60_000;

/**
 * Tests with a release of the Temporal SDK, which is installed before the tests are named, once in the user's cache
 * folder. Where it cannot be installed, the tests are reported as skipped, and their name says why.
 *
 * @param tests given the folder with the installed packages
 */
export function describeWithSdk(title: string, version: string, tests: (modules: string) => void): void {
  describeIfInstalled(title, `version ${version} of the SDK`, () => install(version), tests);
}

function install(version: string): string {
  const folder = join(cacheFolder(), `temporal-sdk-${version}`);
  // Written last: without it the installation did not finish.
  const complete = join(folder, 'complete');
  if (!existsSync(complete)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const packages = PACKAGES.map((name) => `@temporalio/${name}@${version}`);
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], {
      ...{ cwd: folder, stdio: 'pipe', timeout: INSTALL_TIMEOUT_MS, shell: process.platform === 'win32' },
    });
    writeFileSync(complete, '');
  }
  return join(folder, 'node_modules');
}
