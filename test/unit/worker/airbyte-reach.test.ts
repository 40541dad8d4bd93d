import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AirbyteReach } from '../../../worker/airbyte-reach';

describe('whether a worker reaches its Airbyte', () => {
  let problem: string | undefined;
  let checks: number;
  let log: string[];
  let reach: AirbyteReach;

  beforeEach(() => {
    jest.useFakeTimers();
    [problem, checks, log] = [undefined, 0, []];
    const health = async () => {
      checks += 1;
      if (problem !== undefined) throw new Error(problem);
      return { available: true };
    };
    const logger = {
      info: (message: string) => void log.push(`INFO ${message}`),
      warn: (message: string) => void log.push(`WARN ${message}`),
    };
    reach = new AirbyteReach({ airbyte: { health }, name: 'http://airbyte (production)', logger });
  });
  afterEach(() => reach.end());

  const pass = (ms = 0) => jest.advanceTimersByTimeAsync(ms);

  it('is asked once where Airbyte responds, and not again while polls succeed', async () => {
    reach.start();
    await pass(60 * 60_000);
    for (let poll = 0; poll < 10; poll++) reach.notePoll(true);
    await pass(60 * 60_000);
    expect([checks, reach.isReached, reach.lostForMs, log]).toEqual([1, true, 0, []]);
  });

  it('is asked until Airbyte responds, ever more rarely; the log says once that it does not, and once that it does', async () => {
    problem = 'connect ECONNREFUSED.';
    reach.start();
    await pass(10 * 60_000);
    expect(checks).toBeLessThan(30);
    expect([reach.isReached, reach.lostForMs]).toEqual([false, Number.POSITIVE_INFINITY]);
    problem = undefined;
    await pass(30_000);
    expect([reach.isReached, reach.lostForMs]).toEqual([true, 0]);
    const asked = checks;
    await pass(60 * 60_000);
    expect(checks).toBe(asked);
    expect(log).toEqual([
      'WARN Cannot reach the Airbyte at http://airbyte (production), retrying: connect ECONNREFUSED. Until it does, syncs wait for their jobs on other workers of the task queue, if these reach it.',
      'INFO Reaches the Airbyte at http://airbyte (production)',
    ]);
  });

  it('is asked again when polls have failed for some seconds, not because of a single one', async () => {
    reach.start();
    await pass();
    problem = 'reset';
    reach.notePoll(false);
    await pass(60_000);
    reach.notePoll(true);
    reach.notePoll(false);
    await pass(9_000);
    reach.notePoll(false);
    await pass();
    expect([checks, reach.isReached]).toEqual([1, true]);
    await pass(1_000);
    reach.notePoll(false);
    await pass();
    expect(reach.isReached).toBe(false);
    await pass(7_000);
    expect(reach.lostForMs).toBe(7_000);
    reach.notePoll(true);
    expect(reach.isReached).toBe(true);
  });
});
