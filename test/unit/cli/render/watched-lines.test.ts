import { describe, expect, it } from '@jest/globals';
import { WatchedLines } from '../../../../cli/render/watched-lines';
import { recordedTerminal } from '../recorded-terminal';

const HEADING = ['JOB  STATUS  RECORDS'];
const job = (id: number, state: string, records: number) => ({
  key: String(id),
  state,
  text: `${id}  ${state}  ${records}`,
});

describe('a watched result', () => {
  it('is redrawn in place on a terminal, no higher than it', () => {
    const terminal = recordedTerminal({ isTTY: true });
    terminal.stdout.rows = 4;
    const lines = new WatchedLines(terminal);
    lines.show(HEADING, [job(1, 'running', 5)]);
    lines.show(HEADING, [job(3, 'running', 1), job(2, 'succeeded', 7), job(1, 'succeeded', 9)]);
    expect(terminal.stdout.screen).toEqual([...HEADING, '3  running  1', '2  succeeded  7']);
  });

  it('is a line for each new state elsewhere, and counts that grow are written only after some time', () => {
    let nowMs = 0;
    const terminal = recordedTerminal();
    const lines = new WatchedLines(terminal, () => nowMs);
    lines.show(HEADING, [job(1, 'succeeded', 9), job(2, 'running', 5)]);
    lines.show(HEADING, [job(1, 'succeeded', 9), job(2, 'running', 6)]);
    nowMs = 10_000;
    lines.show(HEADING, [job(1, 'succeeded', 9), job(2, 'running', 7)]);
    lines.show(HEADING, [job(1, 'succeeded', 9), { ...job(2, 'succeeded', 8), text: '2  succeeded    8' }]);
    lines.show(HEADING, [job(1, 'succeeded', 9), job(2, 'succeeded', 8)]);
    expect(terminal.stdout.lines).toEqual([
      ...HEADING,
      '1  succeeded  9',
      '2  running  5',
      '2  running  7',
      '2  succeeded    8',
    ]);
  });

  it('says on one line of a terminal why it cannot be read, also where the lines do not fit', () => {
    const terminal = recordedTerminal({ isTTY: true, columns: 20 });
    terminal.stdout.rows = 4;
    const lines = new WatchedLines(terminal);
    const jobs = [job(3, 'running', 1), job(2, 'running', 7), job(1, 'running', 9)];
    lines.show(HEADING, jobs);
    lines.show(HEADING, jobs, 'Airbyte responded to jobs/list with 502 Bad Gateway');
    expect(terminal.stdout.screen).toEqual([...HEADING, '3  running  1', '! Airbyte responded…']);
    lines.show(HEADING, jobs);
    expect(terminal.stdout.screen).toEqual([...HEADING, '3  running  1', '2  running  7']);
  });

  it('says elsewhere in under twenty lines that it cannot be read for half an hour, and when it can again', () => {
    let nowMs = 0;
    const terminal = recordedTerminal();
    const lines = new WatchedLines(terminal, () => nowMs);
    const jobs = [job(1, 'running', 9)];
    for (; nowMs < 1_800_000; nowMs += 2_000) {
      const reason = nowMs % 20_000 === 0 ? 'connect ECONNREFUSED' : `502 Bad Gateway (request ${nowMs})`;
      lines.show(HEADING, jobs, reason);
    }
    for (; nowMs < 1_820_000; nowMs += 2_000) lines.show(HEADING, jobs);
    const written = terminal.stdout.lines.filter((line) => !HEADING.includes(line) && !line.startsWith('1 '));
    expect(written[0]).toBe('! connect ECONNREFUSED');
    expect(written[1]).toMatch(/^! 502 Bad Gateway/);
    expect(written.at(-1)).toBe('· It continues, after 29m 58s.');
    expect(written).toHaveLength(10);
    // A second wait is said as well.
    lines.show(HEADING, jobs, 'connect ECONNREFUSED');
    expect(terminal.stdout.lines.at(-1)).toBe('! connect ECONNREFUSED');
  });
});
