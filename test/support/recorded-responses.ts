import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from '@jest/globals';

/** Responses that real Airbyte servers gave. They are not part of this repository: see {@link describeWithRecorded}. */
const DIRECTORY = process.env['AIRBYTE_RECORDED_DIR'] ?? path.resolve(__dirname, '../../../shared/recorded');

/** The files, named with their folder: `airflow-0.63/jobs_get.json`. */
export const recordedFiles: readonly string[] = existsSync(DIRECTORY)
  ? readdirSync(DIRECTORY, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map((entry) => path.relative(DIRECTORY, path.join(entry.parentPath, entry.name)))
      .sort()
  : [];

/** The response as it came, also one that is no JSON. */
export function recordedText(file: string): string {
  return readFileSync(path.join(DIRECTORY, file), 'utf8');
}

/** The tests that need the responses: where there are none, they are skipped, and the name of the skipped test says so. */
export function describeWithRecorded(name: string, tests: () => void): void {
  if (recordedFiles.length > 0) describe(name, tests);
  else
    describe(name, () =>
      test.skip('NOT TESTED: no recorded responses, and AIRBYTE_RECORDED_DIR names none', () => undefined),
    );
}
