/** The folder and version of this package, from its package.json. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const { root, version } = findPackage(__dirname);

/** The folder of this package, whether the compiled files or the sources run. */
export const PACKAGE_ROOT: string = root;
export const PACKAGE_VERSION: string = version;

function findPackage(start: string): { root: string; version: string } {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    const description = readPackageJson(join(folder, 'package.json'));
    if (description?.name === 'temporal-airbyte') return { root: folder, version: description.version };
  }
  // This file is part of a bundle of another program.
  return { root: start, version: 'unknown' };
}

function readPackageJson(file: string): { name?: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
