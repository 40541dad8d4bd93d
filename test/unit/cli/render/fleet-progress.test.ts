import { describe, expect, it } from '@jest/globals';
import { describeCounts, fleetSnapshot } from '../../../../cli/render/fleet-progress';
import { ProgressDisplay } from '../../../../cli/render/progress-display';
import type { FleetConnectionProgress, FleetPhase, FleetProgress } from '../../../../src/contract/fleet-progress';
import { recordedTerminal } from '../recorded-terminal';

function progressOf(phases: Record<string, FleetPhase>, rest: Partial<FleetProgress> = {}): FleetProgress {
  const counts = { waiting: 0, running: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 };
  for (const phase of Object.values(phases)) counts[phase] += 1;
  const connections = Object.entries(phases).map(
    ([name, phase]): FleetConnectionProgress => ({
      ...{ connectionId: `id-${name}`, name, phase, dependsOn: [] },
      ...(phase === 'succeeded' && { jobId: 7, recordsSynced: 10, bytesSynced: 100 }),
      ...(phase === 'failed' && { type: 'AirbyteSyncFailed', message: 'The disk is full.' }),
    }),
  );
  return { name: 'nightly', phase: 'syncing', maxConcurrent: 4, counts, levels: [connections], ...rest };
}

const jobs = new Map([['id-b', { jobId: 8, status: 'running', recordsSynced: 1_000, bytesSynced: 2_000 }]]);
const PHASES = { a: 'succeeded', b: 'running', c: 'failed', d: 'waiting', e: 'skipped' } as const;

describe('the progress of a fleet', () => {
  it('counts how many are done, and what became of them', () => {
    expect(describeCounts(progressOf(PHASES))).toBe('3 of 5 done, 1 running, 1 failed, 1 skipped');
  });

  it('on a terminal is a line for each connection, with what its job has moved so far, and the counts', () => {
    const terminal = recordedTerminal({ isTTY: true });
    new ProgressDisplay(terminal, () => 0).update(fleetSnapshot({ progress: progressOf(PHASES), jobs }));
    expect(terminal.stderr.screen).toEqual([
      '✓ a  job 7 · 10 records, 100 B',
      expect.stringMatching(/^[⠀-⣿] b {2}job 8 running · 1,000 records, 2\.0 kB$/),
      '✗ c  AirbyteSyncFailed: The disk is full.',
      '· d  waiting',
      '· e  skipped:',
      expect.stringMatching(/^[⠀-⣿] 3 of 5 done, 1 running, 1 failed, 1 skipped · 0\.0s$/),
    ]);
  });

  it('in a file or a pipe is a line for each change, and none for counts that only grow', () => {
    const terminal = recordedTerminal();
    const display = new ProgressDisplay(terminal, () => 0);
    display.update(fleetSnapshot({ progress: progressOf({ a: 'running', b: 'waiting' }), jobs: new Map() }));
    display.update(fleetSnapshot({ progress: progressOf({ a: 'succeeded', b: 'running' }), jobs }));
    display.update(fleetSnapshot({ progress: progressOf({ a: 'succeeded', b: 'running' }), jobs: new Map() }));
    display.update(fleetSnapshot({ progress: progressOf({ a: 'succeeded', b: 'failed' }), jobs: new Map() }));
    expect(terminal.stderr.lines).toEqual([
      '· a: running',
      '✓ a: job 7 · 10 records, 100 B',
      '· b: running',
      '✗ b: AirbyteSyncFailed: The disk is full.',
    ]);
  });

  it('of many connections fits on a terminal: those that run and have failed come first', () => {
    const terminal = recordedTerminal({ isTTY: true });
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, place) => [`c${place}`, 'succeeded' as FleetPhase]),
    );
    const progress = progressOf({ ...many, c50: 'running', c98: 'failed' });
    new ProgressDisplay(terminal, () => 0).update(fleetSnapshot({ progress, jobs: new Map() }));
    expect(terminal.stderr.screen).toHaveLength(16);
    expect(terminal.stderr.screen.join('\n')).toContain('c50  running');
    expect(terminal.stderr.screen.join('\n')).toContain('c98  AirbyteSyncFailed');
    expect(terminal.stderr.screen.at(-2)).toBe('· and 86 more');
  });

  it('says that it pauses, and why', () => {
    const progress = progressOf({ a: 'running', b: 'waiting' }, { phase: 'pausing' });
    expect(fleetSnapshot({ progress, jobs: new Map() }).waitingFor).toContain('continues in a new run');
  });

  it('says that it is finding its connections, as long as it does', () => {
    const progress = progressOf({}, { phase: 'selecting', levels: [] });
    expect(fleetSnapshot({ progress, jobs: new Map() })).toMatchObject({
      steps: [],
      summary: 'finding the connections',
    });
  });
});
