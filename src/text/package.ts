import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const { root, version } = findPackage(__dirname);

/** This package's own folder, from the compiled files as well as from the sources. */
export const PACKAGE_ROOT: string = root;
export const PACKAGE_VERSION: string = version;

function findPackage(start: string): { root: string; version: string } {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    const description = readPackageJson(join(folder, 'package.json'));
    if (description?.name === 'temporal-airbyte') return { root: folder, version: description.version };
  }
  // Only where somebody has bundled this file into a program of their own.
  return { root: start, version: 'unknown' };
}

function readPackageJson(file: string): { name?: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
