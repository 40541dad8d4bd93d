import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const ROOT = join(__dirname, '../../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

const rules = parse(read('deploy/prometheus/rules.yaml')) as {
  groups: { rules: { alert: string; annotations: { runbook: string } }[] }[];
};
const alerts = rules.groups.flatMap((group) => group.rules);

describe('each alert', () => {
  it('has a section in docs/operate.md, which it names, and tests', () => {
    const sections = [...read('docs/operate.md').matchAll(/^### (TemporalAirbyte\w+)$/gm)].map(([, title]) => title);
    expect(sections).toEqual(alerts.map(({ alert }) => alert));
    const tests = read('deploy/prometheus/rules.test.yaml');
    for (const { alert, annotations } of alerts) {
      expect(annotations.runbook).toBe(`docs/operate.md#${alert.toLowerCase()}`);
      expect(tests).toMatch(new RegExp(`alertname: ${alert}\\b`));
    }
  });
});

describe('docs/operate.md', () => {
  it('names each metric of this project', () => {
    const sources = ['worker/metrics/worker-metrics.ts', 'workflows/sync-metrics.ts'].map(read).join('\n');
    const names = new Set([...sources.matchAll(/'(temporal_airbyte_\w+)'/g)].map(([, name = '']) => name));
    expect(names.size).toBeGreaterThanOrEqual(20);
    const page = read('docs/operate.md');
    for (const name of names) expect(page).toMatch(new RegExp(`\`${name}(_total|_seconds)?\``));
  });
});
