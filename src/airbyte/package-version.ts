import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version of this package, found from the sources and from the build alike. */
export function packageVersion(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const description = readIfThere(join(folder, 'package.json'));
    if (description?.name === 'temporal-airbyte') {
      return description.version;
    }
  }
  return 'unknown';
}

function readIfThere(file: string): { name?: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
