import { describe, expect, it } from '@jest/globals';
import { describeFailedFleet, type FleetConnectionResult, type FleetResult } from '../../../src/contract/fleet-result';

function result(...connections: Omit<FleetConnectionResult, 'connectionId'>[]): FleetResult {
  const count = (outcome: string) => connections.filter((each) => each.outcome === outcome).length;
  return {
    name: 'nightly',
    counts: {
      succeeded: count('succeeded'),
      failed: count('failed'),
      skipped: count('skipped'),
      cancelled: count('cancelled'),
    },
    recordsSynced: 0,
    bytesSynced: 0,
    connections: connections.map((each, index) => ({ connectionId: `id-${index}`, ...each })),
  };
}

describe('why a fleet has failed', () => {
  it('is nothing, when no connection failed or was cancelled', () => {
    expect(describeFailedFleet(result({ name: 'a', outcome: 'succeeded' }, { name: 'b', outcome: 'skipped' }))).toBe(
      undefined,
    );
  });

  it('names those that failed, with the first line of their reasons', () => {
    const message = describeFailedFleet(
      result(
        { name: 'crm', outcome: 'failed', type: 'AirbyteSyncFailed', message: 'The disk is full.\nLast log lines:\n…' },
        { name: 'shop', outcome: 'cancelled', message: 'Its sync was cancelled.' },
        { name: 'orders', outcome: 'skipped', message: "It depends on 'crm', which failed." },
        { name: 'billing', outcome: 'succeeded', jobId: 3 },
      ),
    );
    expect(message?.split('\n')).toEqual([
      "2 of the 4 connections of the fleet 'nightly' did not succeed, and 1 was skipped:",
      'crm: AirbyteSyncFailed: The disk is full.',
      'shop: cancelled: Its sync was cancelled.',
    ]);
  });

  it('names ten of many, and how many more there are', () => {
    const failed = Array.from({ length: 12 }, (_, index) => ({ name: `c${index}`, outcome: 'failed' as const }));
    expect(
      describeFailedFleet(result(...failed))
        ?.split('\n')
        .slice(-2),
    ).toEqual(['c9: failed', 'and 2 more']);
  });
});
