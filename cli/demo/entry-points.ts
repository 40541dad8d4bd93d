import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/text/package';

/** What `node` runs for this command line tool. */
export const CLI_ENTRY = join(PACKAGE_ROOT, 'bin', 'temporal-airbyte.js');

/** What `node` runs for the sandbox. Development only: nothing here imports it. */
export const SANDBOX_ENTRY = join(PACKAGE_ROOT, 'dist', 'sandbox', 'main.js');

/** Loaded into a child process before anything else, it ends the child when we end. */
export const END_WITH_PARENT = join(PACKAGE_ROOT, 'dist', 'src', 'cli', 'end-with-parent.js');
