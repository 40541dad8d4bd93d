import { describe, expect, it } from '@jest/globals';
import { WaitingLines } from '../../../../cli/render/waiting-lines';

/** What a log gets when the reason is read each second. */
function linesOf(seconds: number, reasonAt: (second: number) => string | undefined): string[] {
  const lines = new WaitingLines();
  return [...Array(seconds).keys()].flatMap((second) => lines.next(reasonAt(second), second * 1_000) ?? []);
}

/** The countdown to the next attempt, which then runs for two seconds. */
const retrying = (second: number) => {
  const [attempt, left] = [Math.floor(second / 10) + 1, 10 - (second % 10)];
  return left > 8 ? undefined : `Retrying: 502 Bad Gateway (attempt ${attempt}, next in ${left}s)`;
};

describe('what a log says about a wait', () => {
  it('is one line when it begins, and one when it is over', () => {
    const reason = (second: number) =>
      second < 3 || second > 6 ? undefined : `Retrying: lost (next in ${9 - second}s)`;
    expect(linesOf(20, reason)).toEqual(['! Retrying: lost (next in 6s)', '· It continues, after 3.0s.']);
  });

  it('is under twenty lines in half an hour of failing attempts, at doubling intervals', () => {
    const lines = linesOf(1_800, retrying);
    expect(lines).toHaveLength(8);
    expect(lines[0]).toBe('! Retrying: 502 Bad Gateway (attempt 1, next in 8s)');
    expect(lines.map((line) => / for (.*) now$/.exec(line)?.[1])).toEqual([
      undefined,
      ...['10s', '30s', '1m 10s', '2m 30s', '5m 10s', '10m 30s', '21m 10s'],
    ]);
  });

  it('names other reasons of the same wait as soon as they appear, but not without end', () => {
    const reasons = linesOf(9, (second) => `Retrying: reason ${'x'.repeat(second)}`);
    expect(reasons).toHaveLength(4);
  });

  it('is nothing while nothing waits', () => {
    expect(linesOf(100, () => undefined)).toEqual([]);
  });
});
