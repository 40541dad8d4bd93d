import { beforeEach, describe, expect, it } from '@jest/globals';
import { ProgressDisplay, type ProgressSnapshot } from '../../../../cli/render/progress-display';
import { recordedTerminal } from '../recorded-terminal';

const steps: ProgressSnapshot['steps'] = [
  { label: 'find the workspace', state: 'done', detail: 'ws-1' },
  { label: 'sync', state: 'running' },
  { label: 'rest', state: 'to do' },
];
const job = { jobId: 12, status: 'running', recordsSynced: 12_340, bytesSynced: 52_428_800 };

let nowMs = 0;
const now = () => nowMs;
beforeEach(() => {
  nowMs = 0;
});

describe('progress on a terminal', () => {
  it('is one block that is redrawn in place', () => {
    const terminal = recordedTerminal({ isTTY: true });
    const display = new ProgressDisplay(terminal, now);
    display.update({ steps });
    nowMs = 65_000;
    display.update({ steps, job });
    expect(terminal.stderr.screen).toEqual([
      '✓ find the workspace  ws-1',
      expect.stringMatching(/^[⠀-⣿] sync$/),
      '· rest',
      expect.stringMatching(/^[⠀-⣿] job 12 running · 12,340 records, 52.4 MB · 1m 05s$/),
    ]);
    expect(terminal.stdout.text).toBe('');
  });

  it('is not shown with --quiet, but notes are', () => {
    const terminal = { ...recordedTerminal({ isTTY: true }), logLevel: 'warn' as const };
    const display = new ProgressDisplay(terminal, now);
    display.update({ steps, job, notes: ['The job is queued.'] });
    display.redraw();
    display.note('Warning: the list may be incomplete.');
    display.finish('done');
    expect(terminal.stderr.text).toBe('Warning: the list may be incomplete.\n');
  });

  it('says why nothing moves', () => {
    const terminal = recordedTerminal({ isTTY: true });
    new ProgressDisplay(terminal, now).update({ steps: [], waitingFor: 'Airbyte does\nnot respond' });
    expect(terminal.stderr.screen.at(-1)).toBe('! Airbyte does not respond');
  });

  it.each([20, 40, 200])('has no line wider than a terminal of %d columns', (columns) => {
    const terminal = recordedTerminal({ isTTY: true, columns });
    new ProgressDisplay(terminal, now).update({ steps, job, waitingFor: 'x'.repeat(100) });
    expect(Math.max(...terminal.stderr.screen.map((line) => line.length))).toBeLessThan(columns);
  });

  it('puts what is said meanwhile above the block', () => {
    const terminal = recordedTerminal({ isTTY: true });
    const display = new ProgressDisplay(terminal, now);
    display.update({ steps: [], job });
    display.note('The worker was killed.');
    expect(terminal.stderr.screen).toEqual(['The worker was killed.', expect.stringContaining('job 12 running')]);
  });

  it('shows the notes of a pipeline above the block, each once', () => {
    const terminal = recordedTerminal({ isTTY: true });
    const display = new ProgressDisplay(terminal, now);
    display.update({ steps: [], notes: ['The source was not checked.'], job });
    display.update({ steps: [], notes: ['The source was not checked.', 'Nor was the destination.'], job });
    expect(terminal.stderr.screen).toEqual([
      'The source was not checked.',
      'Nor was the destination.',
      expect.stringContaining('job 12 running'),
    ]);
  });

  it('draws nothing while a question is asked', () => {
    const terminal = recordedTerminal({ isTTY: true });
    const display = new ProgressDisplay(terminal, now);
    display.update({ steps: [], job });
    display.suspend();
    display.update({ steps, job });
    display.redraw();
    expect(terminal.stderr.screen).toEqual([]);
    display.resume();
    display.redraw();
    expect(terminal.stderr.screen).toHaveLength(4);
  });

  it('leaves the steps as they ended', () => {
    const ended = (outcome: 'done' | 'failed' | 'left') => {
      const terminal = recordedTerminal({ isTTY: true });
      const display = new ProgressDisplay(terminal, now);
      display.update({ steps, job, waitingFor: 'something' });
      display.finish(outcome);
      return terminal.stderr.screen;
    };
    expect(ended('done')).toEqual(['✓ find the workspace  ws-1', '✓ sync', '✓ rest']);
    expect(ended('failed')).toEqual(['✓ find the workspace  ws-1', '✗ sync']);
    expect(ended('left')).toEqual(['✓ find the workspace  ws-1', '· sync']);
  });
});

describe('progress in a file or a pipe', () => {
  it('has no escape sequences, also not on a terminal that cannot redraw', () => {
    for (const terminal of [recordedTerminal(), recordedTerminal({ isTTY: true, env: { TERM: 'dumb' } })]) {
      const display = new ProgressDisplay(terminal, now);
      display.update({ steps, job });
      display.note('something');
      display.redraw();
      display.finish('done');
      expect(display.frameMs).toBeUndefined();
      expect(terminal.stderr.text).not.toContain('\u001b');
    }
  });

  it('says only what has changed', () => {
    const terminal = recordedTerminal();
    const display = new ProgressDisplay(terminal, now);
    display.update({ steps, job: { jobId: 12, status: 'pending' } });
    display.update({ steps, job: { jobId: 12, status: 'pending' } });
    display.update({ steps, job: { jobId: 12, status: 'running' }, waitingFor: 'Airbyte restarts' });
    display.update({ steps, job: { jobId: 12, status: 'running' }, waitingFor: 'Airbyte restarts' });
    expect(terminal.stderr.lines).toEqual([
      '✓ find the workspace: ws-1',
      '· sync',
      '· job 12 pending',
      '· job 12 running',
      '! Airbyte restarts',
    ]);
  });

  it('writes growing counts at intervals, and a new status immediately', () => {
    const terminal = recordedTerminal();
    const display = new ProgressDisplay(terminal, now);
    for (let second = 0; second <= 20; second += 1) {
      nowMs = second * 1_000;
      display.update({ steps: [], job: { jobId: 12, status: 'running', recordsSynced: second * 100 } });
    }
    display.update({ steps: [], job: { jobId: 12, status: 'succeeded', recordsSynced: 2_000 } });
    expect(terminal.stderr.lines).toEqual([
      '· job 12 running · 0 records',
      '· job 12 running · 1,000 records',
      '· job 12 running · 2,000 records',
      '· job 12 succeeded · 2,000 records',
    ]);
  });
});

describe('half an hour of an Airbyte that responds with 502', () => {
  it('takes under twenty lines on a pipe, with the steps before it and the sync after it', () => {
    const terminal = recordedTerminal();
    const display = new ProgressDisplay(terminal, now);
    for (let attempt = 1; nowMs < 1_800_000; attempt++) {
      // Temporal doubles the delay between attempts up to half a minute; the CLI reads twice a second.
      const delayMs = Math.min(2 ** (attempt - 1), 30) * 1_000;
      for (const end = nowMs + delayMs; nowMs < end; nowMs += 500) {
        const next = Math.ceil((end - nowMs) / 1_000);
        display.update({ steps, waitingFor: `Retrying: 502 Bad Gateway (attempt ${attempt}, next in ${next}s)` });
      }
      // While an attempt runs, nothing seems to be wrong for a moment.
      display.update({ steps });
    }
    for (const end = nowMs + 10_000; nowMs < end; nowMs += 500) display.update({ steps, job });
    const { lines } = terminal.stderr;
    expect(lines.length).toBeLessThan(20);
    expect(lines.filter((line) => line.startsWith('! '))).toHaveLength(8);
    expect(lines.at(-1)).toMatch(/^· It continues, after 30m/);
  });
});
