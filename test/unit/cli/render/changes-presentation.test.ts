import { describe, expect, it } from '@jest/globals';
import { describePipeline, describePlan } from '../../../../cli/render/changes-presentation';
import type { Paint } from '../../../../cli/render/terminal';
import { pipelineDocumentSchema } from '../../../../src/contract/pipeline-document';
import type { PipelinePlan } from '../../../../src/contract/pipeline-plan';
import type { PipelineResult } from '../../../../src/contract/pipeline-result';

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
  counts: { create: 0, change: 3, delete: 0 },
  changes: true,
};
const plain: Paint = (_style, text) => text;

describe('a plan in words', () => {
  it('has a line for each thing, and what would change of it below', () => {
    expect(describePlan(plan, plain)).toEqual([
      "Pipeline 'shop': 0 to create, 3 to change, 0 to delete.",
      '    leave source shop (s)',
      '  ~ change destination lake (d)',
      '      ~ configuration.s3_bucket_path: "a" → "b"',
      '      + configuration.format: {"format_type":"Parquet"}',
      '  ~ change connection shop → lake (c)',
      '      ~ schedule: "manual" → {"every":"6h"}',
      '    ~ change stream public.orders',
      '      ~ syncMode: "full_refresh" → "incremental"',
      '    - remove stream logs',
      '      leave 1 stream',
      '  ~ change schedule in Temporal (airbyte-schedule:c)',
      '      ~ jitter: 0 → 1000',
      "  The source's schema has changed since the connection was set up:",
      '    orders: field note removed',
      '    and 2 more changes',
      '  Note: The streams are those of the source as it is now.',
    ]);
  });

  it('says in its first line that there is nothing to do, or only something that would fail', () => {
    expect(describePlan({ ...plan, changes: false }, plain)[0]).toBe("Pipeline 'shop': nothing to do.");
    const none = { create: 0, change: 0, delete: 0 };
    expect(describePlan({ ...plan, counts: none }, plain)[0]).toMatch('nothing to do, and apply would fail');
  });

  it('writes no control sequence from a name to the terminal', () => {
    const source = { ...plan.source, name: 'shop\u001b[2J\nPipeline' };
    expect(describePlan({ ...plan, source }, plain)[1]).toBe('    leave source shop Pipeline (s)');
  });

  it('has colours for what is created, changed and removed', () => {
    const paint: Paint = (style, text) => `<${String(style)}>${text}`;
    const lines = describePlan({ ...plan, source: { ...plan.source, action: 'create' } }, paint);
    expect(lines).toEqual(
      expect.arrayContaining(['  <green>+ create source shop (s)', '    <red>- remove stream logs']),
    );
    expect(lines).toContain('  <yellow>~ change destination lake (d)');
  });
});

describe('the result of a run in words', () => {
  it('says of each object what was done, field by field, and counts it', () => {
    const { source, destination, connection, schedule } = plan;
    const document = pipelineDocumentSchema().parse({
      name: 'shop',
      source: { name: 'shop', definition: 'Postgres', configuration: {} },
      destination: { name: 'lake', definition: 'S3', configuration: {} },
      connection: {
        schedule: { every: '6h', by: 'temporal' },
        streams: [{ name: 'orders', syncMode: 'incremental', destinationSyncMode: 'append' }],
      },
    });
    const [syncMode, destinationSyncMode] = ['incremental', 'append'];
    const streams = [{ name: 'orders', syncMode, destinationSyncMode, cursorField: ['id'], primaryKey: [] }];
    const result: PipelineResult = {
      ...{ workspaceId: 'w', sourceId: 's', destinationId: 'd', connectionId: 'c', streams, sync: null },
      created: { source: true, destination: false, connection: false },
      applied: {
        source: { ...source, action: 'create' },
        ...{ destination, connection, ...(schedule && { schedule }) },
        counts: { create: 1, change: 3, delete: 0 },
      },
      schedule: { by: 'temporal', outcome: 'updated', scheduleId: 'airbyte-schedule:c' },
    };
    expect(describePipeline(document, result, plain)).toEqual([
      "Pipeline 'shop' is in place: 1 created, 3 changed, 0 deleted.",
      '  workspace    w',
      '+ source       s  shop (created)',
      '~ destination  d  lake (changed)',
      '      ~ configuration.s3_bucket_path: "a" → "b"',
      '      + configuration.format: {"format_type":"Parquet"}',
      '~ connection   c  shop → lake (changed)',
      '      ~ schedule: "manual" → {"every":"6h"}',
      '    ~ change stream public.orders',
      '      ~ syncMode: "full_refresh" → "incremental"',
      '    - remove stream logs',
      '      leave 1 stream',
      '  streams      orders (incremental)',
      '~ schedule     airbyte-schedule:c  every 6h by Temporal  (updated)',
      '      ~ jitter: 0 → 1000',
    ]);
  });
});
