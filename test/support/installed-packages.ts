import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe } from '@jest/globals';

/**
 * Copies a project to a temporary folder, so that its build leaves nothing in this repository, and installs there what it needs.
 *
 * @returns the folder of the copy
 */
export function copyAndInstall(project: string, install: (copy: string) => void): string {
  const copy = mkdtempSync(join(tmpdir(), `${basename(project)}-`));
  try {
    cpSync(project, copy, { recursive: true });
    install(copy);
    return copy;
  } catch (error) {
    rmSync(copy, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Tests that need what the registries of other languages have. It is installed before the tests are named: where that fails, for
 * lack of a program or of the network, the tests are reported as skipped, and their name says why.
 *
 * @param needed what is installed
 * @param install returns the folder where it is
 */
export function describeIfInstalled(
  title: string,
  needed: string,
  install: () => string,
  tests: (folder: string) => void,
): void {
  let folder: string;
  try {
    folder = install();
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    const notTested = `NOT TESTED: ${needed} cannot be installed: ${reason}`;
    process.stderr.write(`\n${title}: ${notTested}\n\n`);
    describe.skip(`${title} (${notTested})`, () => tests(''));
    return;
  }
  describe(title, () => tests(folder));
}
