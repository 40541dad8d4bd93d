import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { searchAttributeKeys } from '../../../src/contract/search-attribute-keys';
import { syncConnectionInputSchema, syncOptionsSchema } from '../../../src/contract/sync-options';
import { parsePipelineDocument } from '../../../src/documents/parse-document';

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

  it('names every search attribute, and every variable that is read', () => {
    for (const { name } of Object.values(searchAttributeKeys)) expect(readme).toContain(`\`${name}\``);
    const sources = [
      'src/configuration/client-options.ts',
      'src/configuration/worker-settings.ts',
      'src/secrets/secret-resolver.ts',
    ];
    const text = sources.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
    const variables = new Set([...text.matchAll(/'(AIRBYTE_[A-Z_]+)'/g)].map(([, name = '']) => name));
    expect(variables.size).toBeGreaterThan(8);
    for (const name of variables) expect(readme).toContain(`\`${name}\``);
  });
});
