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
});
