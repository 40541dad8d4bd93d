import { describe, expect, it } from '@jest/globals';
import type { FleetConnectionOutcome } from '../../../src/contract/fleet-result';
import { type FleetLimits, FleetPlan } from '../../../src/fleet/fleet-plan';

const SUCCEEDED: FleetConnectionOutcome = { outcome: 'succeeded', jobId: 1, recordsSynced: 10, bytesSynced: 100 };
const FAILED: FleetConnectionOutcome = { outcome: 'failed', type: 'AirbyteSyncFailed', message: 'The disk is full.' };

/** A plan of connections with one letter each, given with those they depend on: `b: 'a'`. */
function plan(order: Record<string, string>, limits: Partial<FleetLimits> = {}): FleetPlan {
  const names = Object.keys(order);
  const connections = Object.entries(order).map(([name, dependsOn]) => ({
    connectionId: `id-${name}`,
    name,
    dependsOn: [...dependsOn].map((other) => names.indexOf(other)),
  }));
  return new FleetPlan(connections, { maxConcurrent: 10, onFailure: 'continue', ...limits });
}

/** Lets those start that may, and gives their names. */
function start(fleet: FleetPlan): string {
  return fleet
    .next()
    .map((index) => fleet.connection(index).name)
    .join('');
}

function end(fleet: FleetPlan, name: string, how: FleetConnectionOutcome = SUCCEEDED): void {
  const size = fleet.progress().levels.flat().length;
  for (let index = 0; index < size; index++) if (fleet.connection(index).name === name) fleet.end(index, how);
}

/** How each stands, with why. */
function standing(fleet: FleetPlan): Record<string, string> {
  return Object.fromEntries(
    fleet
      .progress()
      .levels.flat()
      .map(({ name, phase, message }) => [name, [phase, message].filter(Boolean).join(': ')]),
  );
}

describe('a fleet', () => {
  it('starts all that depend on nothing, and each other one when all it depends on have succeeded', () => {
    const fleet = plan({ a: '', b: '', c: 'ab', d: 'c' });
    expect(start(fleet)).toBe('ab');
    end(fleet, 'a');
    expect(start(fleet)).toBe('');
    end(fleet, 'b');
    expect(start(fleet)).toBe('c');
    end(fleet, 'c');
    expect(start(fleet)).toBe('d');
    expect(fleet.isOver).toBe(false);
    end(fleet, 'd');
    expect(fleet.isOver).toBe(true);
  });

  it('runs at most as many in parallel as allowed, the first of the list first', () => {
    const fleet = plan({ a: '', b: '', c: '', d: '' }, { maxConcurrent: 2 });
    expect(start(fleet)).toBe('ab');
    expect(start(fleet)).toBe('');
    end(fleet, 'b');
    expect(start(fleet)).toBe('c');
    expect(fleet.running).toBe(2);
  });

  it('skips whatever depends on one that has failed, and continues with the others', () => {
    const fleet = plan({ a: '', b: '', c: 'a', d: 'c', e: 'b' });
    start(fleet);
    end(fleet, 'a', FAILED);
    expect(standing(fleet)).toEqual({
      a: 'failed: The disk is full.',
      b: 'running',
      c: "skipped: It depends on 'a', which failed.",
      d: "skipped: It depends on 'c', which was skipped.",
      e: 'waiting',
    });
    end(fleet, 'b');
    expect(start(fleet)).toBe('e');
  });

  it('skips what depends on one that was cancelled or skipped, too', () => {
    const fleet = plan({ a: '', b: '', c: 'a', d: 'b' });
    start(fleet);
    end(fleet, 'a', { outcome: 'cancelled' });
    end(fleet, 'b', { outcome: 'skipped', message: 'Job 7 was running on it already.' });
    expect(standing(fleet)).toMatchObject({
      c: "skipped: It depends on 'a', which was cancelled.",
      d: "skipped: It depends on 'b', which was skipped.",
    });
    expect(fleet.isOver).toBe(true);
  });

  it('with stop on failure, waits for running syncs, and starts no more', () => {
    const fleet = plan({ a: '', b: '', c: '', d: 'a' }, { maxConcurrent: 2, onFailure: 'stop' });
    start(fleet);
    end(fleet, 'a', FAILED);
    expect(start(fleet)).toBe('');
    expect(fleet.isOver).toBe(false);
    end(fleet, 'b');
    expect(fleet.isOver).toBe(true);
    expect(standing(fleet)).toEqual({
      a: 'failed: The disk is full.',
      b: 'succeeded',
      c: "skipped: The fleet stopped, because 'a' failed.",
      d: "skipped: It depends on 'a', which failed.",
    });
  });

  it('with stop on failure, does not stop for a skipped connection', () => {
    const fleet = plan({ a: '', b: '' }, { maxConcurrent: 1, onFailure: 'stop' });
    start(fleet);
    end(fleet, 'a', { outcome: 'skipped', message: 'Job 7 was running on it already.' });
    expect(start(fleet)).toBe('b');
  });

  it('counts how many stand how', () => {
    const fleet = plan({ a: '', b: '', c: '', d: 'a' }, { maxConcurrent: 2 });
    start(fleet);
    expect(fleet.counts).toEqual({ waiting: 2, running: 2, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 });
    end(fleet, 'a', FAILED);
    expect(fleet.counts).toEqual({ waiting: 1, running: 1, succeeded: 0, failed: 1, skipped: 1, cancelled: 0 });
    expect(fleet.ended).toBe(2);
  });

  it('rejects the end of a sync that does not run', () => {
    const fleet = plan({ a: '' });
    expect(() => end(fleet, 'a')).toThrow('is not running');
  });

  it('shows its connections by level, with what they wait for and the workflow that syncs them', () => {
    const fleet = plan({ a: 'b', b: '' });
    const [index = -1] = fleet.next();
    fleet.started(index, 'airbyte-sync:id-b');
    expect(fleet.progress().levels).toEqual([
      [{ connectionId: 'id-b', name: 'b', phase: 'running', dependsOn: [], syncWorkflowId: 'airbyte-sync:id-b' }],
      [{ connectionId: 'id-a', name: 'a', phase: 'waiting', dependsOn: ['id-b'] }],
    ]);
  });
});

describe('the result of a fleet', () => {
  it('lists every outcome in the order of the document, and sums up what was moved', () => {
    const fleet = plan({ a: '', b: '', c: 'b' });
    start(fleet);
    end(fleet, 'b', FAILED);
    end(fleet, 'a');
    expect(fleet.result('nightly')).toEqual({
      name: 'nightly',
      counts: { succeeded: 1, failed: 1, skipped: 1, cancelled: 0 },
      recordsSynced: 10,
      bytesSynced: 100,
      connections: [
        { connectionId: 'id-a', name: 'a', ...SUCCEEDED },
        { connectionId: 'id-b', name: 'b', ...FAILED },
        { connectionId: 'id-c', name: 'c', outcome: 'skipped', message: "It depends on 'b', which failed." },
      ],
    });
  });

  it('is not there before all have ended', () => {
    expect(() => plan({ a: '' }).result('nightly')).toThrow('a has not ended');
  });

  it('counts the connections that were not measured, and leaves them out of the sum', () => {
    const unmeasured = { outcome: 'succeeded', jobId: 7, recordsSynced: null, bytesSynced: null } as const;
    const ended = (ends: FleetConnectionOutcome[]) => {
      const fleet = plan(Object.fromEntries(ends.map((_, index) => [`c${index}`, ''])));
      start(fleet);
      for (const [index, each] of ends.entries()) fleet.end(index, each);
      const { recordsSynced, bytesSynced, unmeasured: count } = fleet.result('nightly');
      return { recordsSynced, bytesSynced, count };
    };
    expect(ended([unmeasured, SUCCEEDED])).toEqual({ recordsSynced: 10, bytesSynced: 100, count: 1 });
    expect(ended([unmeasured, FAILED])).toEqual({ recordsSynced: null, bytesSynced: null, count: 1 });
    expect(ended([FAILED])).toEqual({ recordsSynced: 0, bytesSynced: 0, count: undefined });
  });
});

describe('a fleet that continues as new', () => {
  it('knows what had ended, and starts no connection again', () => {
    const limits = { maxConcurrent: 1, onFailure: 'continue' } as const;
    const before = plan({ a: '', b: '', c: 'b', d: 'a' }, limits);
    start(before);
    end(before, 'a');
    start(before);
    end(before, 'b', FAILED);
    const { connections, ends } = JSON.parse(JSON.stringify(before.snapshot()));
    const after = new FleetPlan(connections, limits, ends);
    expect(after.progress()).toEqual(before.progress());
    expect(start(after)).toBe('d');
    end(after, 'd');
    expect(after.isOver).toBe(true);
    expect(after.result('nightly').counts).toEqual({ succeeded: 2, failed: 1, skipped: 1, cancelled: 0 });
  });

  it('rejects to lose one that runs', () => {
    const fleet = plan({ a: '' });
    start(fleet);
    expect(() => fleet.snapshot()).toThrow('a is running');
  });
});

describe('the texts of the largest fleet', () => {
  /** Temporal's limit of a payload, in bytes. */
  const PAYLOAD_LIMIT = 2 * 1024 * 1024;
  const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

  it('fit into one payload, whatever Airbyte has to say', () => {
    const connections = Array.from({ length: 5_000 }, (_, index) => ({
      connectionId: `e1f7a2c0-0000-4000-8000-${String(index).padStart(12, '0')}`,
      name: 'ü'.repeat(200),
      workspaceId: 'e1f7a2c0-0000-4000-8000-000000000001',
      dependsOn: index < 100 ? [] : [index - 100, index - 99],
    }));
    const fleet = new FleetPlan(connections, { maxConcurrent: 5_000, onFailure: 'continue' });
    const message = 'The disk is full. '.repeat(500);
    for (const index of fleet.next()) fleet.end(index, { outcome: 'failed', type: 'AirbyteSyncFailed', message });
    expect(fleet.isOver).toBe(true);
    expect(bytesOf(fleet.result('nightly'))).toBeLessThan(PAYLOAD_LIMIT);
    expect(bytesOf(fleet.progress())).toBeLessThan(PAYLOAD_LIMIT);
    expect(bytesOf(fleet.snapshot())).toBeLessThan(PAYLOAD_LIMIT);
  });
});
