import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The package's own folder, from the compiled files as well as from the sources. */
export const PACKAGE_ROOT = findPackageRoot(__dirname);

/** What `node` runs for this command line tool. */
export const CLI_ENTRY = join(PACKAGE_ROOT, 'bin', 'temporal-airbyte.js');

/** What `node` runs for the sandbox. Development only: nothing here imports it. */
export const SANDBOX_ENTRY = join(PACKAGE_ROOT, 'dist', 'sandbox', 'main.js');

/** Loaded into a child process before anything else, it ends the child when we end. */
export const END_WITH_PARENT = join(PACKAGE_ROOT, 'dist', 'src', 'cli', 'end-with-parent.js');

function findPackageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findPackageRoot(dirname(folder));
}
