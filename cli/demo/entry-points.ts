import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/text/package';
import { CliError } from '../cli-error';

/** What `node` runs for this command line tool. */
export const CLI_ENTRY = join(PACKAGE_ROOT, 'bin', 'temporal-airbyte.js');

/**
 * What `node` runs for the sandbox. The sandbox is a package of its own, because only development needs its dependencies.
 *
 * @throws CliError if that package is not installed
 */
export function sandboxEntry(): string {
  const entry = installedSandbox();
  if (entry !== undefined) return entry;
  throw CliError.badInput(
    'This command needs the package temporal-airbyte-sandbox, which is not installed. Install it next to temporal-airbyte: npm install temporal-airbyte-sandbox',
  );
}

/** The same; undefined if that package is not installed, as in the image of the worker. */
export function installedSandbox(): string | undefined {
  try {
    return require.resolve('temporal-airbyte-sandbox/main');
  } catch {
    return undefined;
  }
}
