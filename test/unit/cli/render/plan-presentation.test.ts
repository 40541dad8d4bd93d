import { describe, expect, it } from '@jest/globals';
import { describePlan } from '../../../../cli/render/plan-presentation';
import type { PipelinePlan } from '../../../../src/contract/pipeline-plan';

const left = { action: 'leave' as const, changes: [] };
const plan: PipelinePlan = {
  name: 'shop',
  workspaceId: 'w',
  source: { ...left, name: 'shop', id: 's' },
  destination: {
    action: 'change',
    name: 'lake',
    id: 'd',
    changes: [
      { field: 'configuration.s3_bucket_path', from: 'a', to: 'b' },
      { field: 'configuration.format', to: { format_type: 'Parquet' } },
    ],
  },
  connection: {
    ...{ action: 'change', name: 'shop → lake', id: 'c' },
    changes: [{ field: 'schedule', from: 'manual', to: { every: '6h' } }],
    streams: [
      { ...left, name: 'customers' },
      {
        name: 'orders',
        namespace: 'public',
        action: 'change',
        changes: [{ field: 'syncMode', from: 'full_refresh', to: 'incremental' }],
      },
      { name: 'logs', action: 'remove', changes: [] },
    ],
    schemaDrift: { changes: [{ stream: 'orders', kind: 'field removed', field: 'note' }], moreChanges: 2 },
  },
  schedule: { action: 'change', id: 'airbyte-schedule:c', changes: [{ field: 'jitter', from: 0, to: 1000 }] },
  notes: ['The streams are those of the source as it is now.'],
  changes: true,
};

describe('a plan in words', () => {
  it('has a line for each thing, and what would change of it below', () => {
    expect(describePlan(plan)).toEqual([
      "Pipeline 'shop': there is something to do.",
      '  leave source shop (s)',
      '  change destination lake (d)',
      '      configuration.s3_bucket_path: "a" → "b"',
      '      configuration.format: (nothing) → {"format_type":"Parquet"}',
      '  change connection shop → lake (c)',
      '      schedule: "manual" → {"every":"6h"}',
      '    change stream public.orders',
      '      syncMode: "full_refresh" → "incremental"',
      '    remove stream logs',
      '    leave 1 stream',
      '  change schedule in Temporal (airbyte-schedule:c)',
      '      jitter: 0 → 1000',
      "  The source's schema has changed since the connection was set up:",
      '    orders: field note removed',
      '    and 2 more changes',
      '  Note: The streams are those of the source as it is now.',
    ]);
  });

  it('says in its first line that there is nothing to do', () => {
    expect(describePlan({ ...plan, changes: false })[0]).toBe("Pipeline 'shop': nothing to do.");
  });

  it('writes no control sequence from a name to the terminal', () => {
    const source = { ...plan.source, name: 'shop\u001b[2J\nPipeline' };
    expect(describePlan({ ...plan, source })[1]).toBe('  leave source shop Pipeline (s)');
  });
});
