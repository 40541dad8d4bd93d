import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const ROOT = join(__dirname, '..', '..', '..');
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

let house: string;

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), 'airbyte-house-'));
});

afterEach(() => {
  rmSync(house, { recursive: true });
});

/** Checks a house of these files with the rules of `npm run check`. */
function check(files: Record<string, string>): { status: number | null; report: string } {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    writeFileSync(join(house, file), text);
  }
  const args = [CRUISER, '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'err', '.'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: house, encoding: 'utf8' });
  return { status, report: `${stdout}${stderr}` };
}

const CLIENT = {
  'src/airbyte/client.ts': "import { shorten } from '../text/shorten';\nexport const client = shorten;\n",
};
const TEXT = { 'src/text/shorten.ts': 'export const shorten = 1;\nexport interface Text {}\n' };

describe('the rules of imports', () => {
  it('let a folder import from one below it', () => {
    expect(check({ ...CLIENT, ...TEXT })).toMatchObject({ status: 0 });
  });

  it('fail on an import that points up, of a value or a type, on a cycle, and on imports of the sandbox and of the tests', () => {
    const { status, report } = check({
      'src/airbyte/client.ts': 'export const client = 1;\n',
      'src/text/value.ts': "import { client } from '../airbyte/client';\nexport const value = client;\n",
      'src/text/type.ts': "import type { client } from '../airbyte/client';\nexport type Type = typeof client;\n",
      'src/text/one.ts': "import { other } from './other';\nexport const one = () => other;\n",
      'src/text/other.ts': "import { one } from './one';\nexport const other = () => one;\n",
      'cli/demo.ts': "import { sandbox } from '../sandbox/server';\nexport const demo = sandbox;\n",
      'sandbox/server.ts': "import { helper } from '../test/support/helper';\nexport const sandbox = helper;\n",
      'test/support/helper.ts': 'export const helper = 1;\n',
    });
    expect(status).not.toBe(0);
    const found = [...report.matchAll(/^ *error (.+?):? *$/gm)].map(([, violation]) => violation);
    expect(found.sort()).toEqual([
      'cli imports from worker, tools, workflows, activities, src: cli/demo.ts → sandbox/server.ts',
      expect.stringMatching(/^no import cycles: src\/text\/(?:one|other)\.ts →/),
      'sandbox imports from no other folder: sandbox/server.ts → test/support/helper.ts',
      'src/text imports from no other folder: src/text/type.ts → src/airbyte/client.ts',
      'src/text imports from no other folder: src/text/value.ts → src/airbyte/client.ts',
    ]);
  });
});
