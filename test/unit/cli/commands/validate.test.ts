import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../../cli/program';
import { recordedTerminal } from '../recorded-terminal';

const EXAMPLES = join(__dirname, '..', '..', '..', '..', 'examples');

let folder: string;
let broken: string;
let routes: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'validate-'));
  broken = join(folder, 'broken.yaml');
  routes = join(folder, 'routes.yaml');
  await writeFile(broken, 'fleet: nightly\nconnections: [crm]\nmaxConcurent: 3\nonFailure: never\n');
  await writeFile(routes, 'routes:\n  - { tag: nightly, workflow: buildModels, taskQueue: dbt }\n');
});
afterAll(() => rm(folder, { recursive: true }));

async function validate(...args: string[]) {
  const terminal = recordedTerminal();
  const exitCode = await runCli(['validate', ...args], terminal);
  return { exitCode, lines: terminal.stdout.lines, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
}

describe('validate', () => {
  it('accepts every example, and says what each is, without any setting of Temporal or Airbyte', async () => {
    const examples = (await readdir(EXAMPLES))
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => join(EXAMPLES, file));
    const { exitCode, lines, stderr } = await validate(...examples, routes);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(lines).toHaveLength(examples.length + 1);
    expect(lines).toContain(`✓ ${join(EXAMPLES, 'postgres-to-minio.yaml')}: pipeline 'postgres-to-minio'`);
    expect(lines).toContain(`✓ ${join(EXAMPLES, 'nightly.yaml')}: fleet 'nightly'`);
    expect(lines).toContain(`✓ ${routes}: webhook routes`);
  });

  it('names file, line and field of each problem, with exit code 2', async () => {
    const missing = join(folder, 'none.yaml');
    const { exitCode, lines, stderr } = await validate(broken, routes, missing);
    expect(lines).toEqual([
      expect.stringMatching(`^✗ ${broken}:3:1 maxConcurent: .*maxConcurrent`),
      expect.stringMatching(`^✗ ${broken}:4:1 onFailure: .*continue`),
      `✓ ${routes}: webhook routes`,
      `✗ ${missing}: the file does not exist`,
    ]);
    expect(stderr).toBe(`Error: 2 of 3 documents cannot be used: ${broken}, ${missing}.\n`);
    expect(exitCode).toBe(2);
  });

  it('prints one JSON document with the problems', async () => {
    const { exitCode, stdout } = await validate(broken, routes, '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      valid: false,
      files: [
        {
          file: broken,
          valid: false,
          problems: [
            { path: 'maxConcurent', message: expect.any(String), line: 3, column: 1 },
            { path: 'onFailure', message: expect.any(String), line: 4, column: 1 },
          ],
        },
        { file: routes, valid: true, kind: 'webhook routes' },
      ],
    });
  });
});
