import { describe, expect, it } from '@jest/globals';
import { fleetTree } from '../../../../cli/render/fleet-tree';
import type { FleetConnectionProgress, FleetPhase } from '../../../../src/contract/fleet-progress';

function connection(
  name: string,
  phase: FleetPhase,
  dependsOn: string[] = [],
  rest: Partial<FleetConnectionProgress> = {},
): FleetConnectionProgress {
  return { connectionId: `id-${name}`, name, phase, dependsOn: dependsOn.map((other) => `id-${other}`), ...rest };
}

const LEVELS = [
  [
    connection('crm', 'succeeded', [], { jobId: 12, recordsSynced: 1_234, bytesSynced: 5_600 }),
    connection('shop', 'running', [], { syncWorkflowId: 'airbyte-sync:id-shop' }),
    connection('billing', 'failed', [], { type: 'AirbyteSyncFailed', message: 'The disk is full.\nLast log lines:' }),
  ],
  [connection('leads', 'waiting', ['crm']), connection('orders', 'waiting', ['crm', 'shop'])],
  [connection('reports', 'skipped', ['billing', 'orders'], { message: "It depends on 'billing', which failed." })],
];
const jobs = new Map([['id-shop', { jobId: 13, status: 'running', recordsSynced: 10, bytesSynced: 100 }]]);
const plain = { jobs, columns: Number.POSITIVE_INFINITY, paint: (_: unknown, text: string) => text };

describe('a fleet as a tree', () => {
  it('has each connection once, below the one that it waits for the longest', () => {
    expect(fleetTree({ levels: LEVELS }, plain)).toEqual([
      '├─ ✓ crm            job 12 · 1,234 records, 5.6 kB',
      '│  ├─ · leads       waiting',
      '│  └─ · orders      waiting (also after shop)',
      "│     └─ - reports  skipped: It depends on 'billing', which failed. (also after billing)",
      '├─ ▸ shop           job 13 running · 10 records, 100 B',
      '└─ ✗ billing        AirbyteSyncFailed: The disk is full.',
    ]);
  });

  it('has no line wider than the terminal', () => {
    const lines = fleetTree({ levels: LEVELS }, { ...plain, columns: 30 });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(30);
    expect(lines).toHaveLength(6);
  });

  it('distinguishes two of one name by their ids', () => {
    const levels = [[connection('crm', 'waiting'), { ...connection('crm', 'waiting'), connectionId: 'id-2' }]];
    expect(fleetTree({ levels }, plain)).toEqual(['├─ · crm (id-crm)  waiting', '└─ · crm (id-2)    waiting']);
  });

  it('can be thousands of connections deep', () => {
    const levels = Array.from({ length: 5_000 }, (_, depth) => [
      connection(`c${depth}`, 'waiting', depth === 0 ? [] : [`c${depth - 1}`]),
    ]);
    expect(fleetTree({ levels }, { ...plain, columns: 80 })).toHaveLength(5_000);
  });
});
