import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = join(__dirname, '..', '..', '..');
const FILES = ['python/airbyte_types.py', 'go/airbyte/types.go', 'java/src/main/java/airbyte/AirbyteTypes.java'];

describe('the types of the callers in examples/', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'caller-types-'));
    const script = join(ROOT, 'scripts', 'write-caller-types.js');
    const { status, stderr } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(FILES)('are what the JSON Schemas say: %s (npm run schema)', (file) => {
    expect(readFileSync(join(ROOT, 'examples', file), 'utf8')).toBe(readFileSync(join(folder, file), 'utf8'));
  });

  it('are in these files only', () => {
    const written = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(written).toHaveLength(FILES.length);
  });

  it('have every field of a schema', () => {
    const { properties } = JSON.parse(readFileSync(join(ROOT, 'schemas/SyncConnectionResult.json'), 'utf8'));
    const [python = '', go = '', java = ''] = FILES.map((file) => readFileSync(join(folder, file), 'utf8'));
    for (const field of Object.keys(properties)) {
      expect(/class SyncConnectionResult\(TypedDict\):.*?\n\n\n/s.exec(python)?.[0]).toContain(`    ${field}: `);
      expect(/type SyncConnectionResult struct \{.*?\n\}/s.exec(go)?.[0]).toMatch(new RegExp(`json:"${field}[",]`));
      expect(/record SyncConnectionResult\(.*?\{/s.exec(java)?.[0]).toMatch(new RegExp(` ${field}(,|\\n|\\))`));
    }
  });
});
