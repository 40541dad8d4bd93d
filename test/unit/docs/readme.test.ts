import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createProgram } from '../../../cli/program';
import { cliPage } from '../../../cli/reference-page';
import { configurationPage } from '../../../src/configuration/reference-page';
import { airbyteVariables } from '../../../src/configuration/variables';
import { searchAttributeKeys } from '../../../src/contract/search-attribute-keys';
import { syncConnectionInputSchema, syncOptionsSchema } from '../../../src/contract/sync-options';
import { parsePipelineDocument } from '../../../src/documents/parse-document';
import { recordedTerminal } from '../cli/recorded-terminal';

const ROOT = join(__dirname, '..', '..', '..');
// Without the blanks that line up the columns of tables.
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8').replace(/ +\|/g, ' |');

describe('the README', () => {
  it('shows a pipeline document that is one', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(parsePipelineDocument(yaml, 'README.md').name).toBe('postgres-to-minio');
  });

  it('names every command', () => {
    for (const file of readdirSync(join(ROOT, 'cli/commands'))) {
      expect(readme).toMatch(new RegExp(`^\\| .*\`${file.replace('.ts', '')}( [A-Z\\[\\]]+)?\``, 'm'));
    }
  });

  it('names every option of a sync with its default', () => {
    const defaults = syncConnectionInputSchema().parse({ connectionId: 'any' });
    for (const name of Object.keys(syncOptionsSchema().shape)) {
      const value = defaults[name as keyof typeof defaults];
      expect(readme).toContain(`| \`${name}\` | ${value === undefined ? '' : `\`${value}\` `}|`);
    }
  });

  it('names every search attribute', () => {
    for (const { name } of Object.values(searchAttributeKeys)) expect(readme).toContain(`\`${name}\``);
  });

  it('leads to the page that has every variable, which is the one that the schema gives', () => {
    const page = configurationPage();
    expect(readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8')).toBe(page);
    expect(readme).toContain('(docs/configuration.md)');
    const names = Object.keys(airbyteVariables.shape);
    expect(names.length).toBeGreaterThan(8);
    for (const name of names) expect(page).toContain(`| \`${name}\``);
  });

  it('leads to the page that has every command, which is the one that the program gives', () => {
    const page = cliPage(createProgram({ terminal: recordedTerminal() }));
    expect(readFileSync(join(ROOT, 'docs/cli.md'), 'utf8')).toBe(page);
    expect(readme).toContain('(docs/cli.md)');
  });

  it('and its page name every variable that the code reads', () => {
    const sources = ['src', 'worker', 'cli'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => readFileSync(join(ROOT, folder, file), 'utf8')),
    );
    const read = sources.flatMap((text) => [...text.matchAll(/(?:env|environment)\['(AIRBYTE_[A-Z_]+)'\]/g)]);
    for (const [, name = ''] of read) expect(configurationPage()).toContain(`\`${name}\``);
  });
});
