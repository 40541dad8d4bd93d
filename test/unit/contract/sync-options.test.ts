import { describe, expect, it } from '@jest/globals';
import { syncConnectionInputSchema } from '../../../src/contract/sync-options';
import { toProblems } from '../../../src/contract/validation/schema-problems';

function problemsOf(input: unknown) {
  const checked = syncConnectionInputSchema().safeParse(input);
  return checked.success ? [] : toProblems(checked.error);
}

describe('the input of syncConnection', () => {
  it('needs nothing but the connection', () => {
    expect(syncConnectionInputSchema().parse({ connectionId: 'connection-id-789' })).toEqual({
      connectionId: 'connection-id-789',
      jobType: 'sync',
      onRunning: 'attach',
      timeout: '1h',
      onTimeout: 'cancel',
      maximumAttempts: 1,
      unmeasured: 'warn',
    });
  });

  it('is the same after a second check', () => {
    const once = syncConnectionInputSchema().parse({ connectionId: 'c', timeout: 90_000, minimumRecords: 0 });
    expect(syncConnectionInputSchema().parse(once)).toEqual(once);
  });

  it.each(['sync', 'reset', 'refresh', 'clear'])('takes the job type %s', (jobType) => {
    expect(problemsOf({ connectionId: 'c', jobType })).toEqual([]);
  });

  it('names the option that was probably meant', () => {
    expect(problemsOf({ connectionId: 'c', timeOut: '1h', max_attempts: 2 })).toEqual([
      { path: 'timeOut', message: 'is not a known key; did you mean timeout?' },
      { path: 'max_attempts', message: 'is not a known key; did you mean maximumAttempts?' },
    ]);
  });

  it('lists the options when none is near', () => {
    expect(problemsOf({ connectionId: 'c', verbose: true })).toEqual([
      {
        path: 'verbose',
        message:
          'is not a known key; the known keys are connectionId, jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured',
      },
    ]);
  });

  it.each([
    [{}, 'connectionId', 'is missing: expected a string (required)'],
    [{ connectionId: '' }, 'connectionId', 'expected the id of a connection'],
    [{ connectionId: 7 }, 'connectionId', 'expected a string, found a number'],
    [{ connectionId: 'c', jobType: 'full' }, 'jobType', 'expected one of sync, reset, refresh, clear'],
    [{ connectionId: 'c', onRunning: 'wait' }, 'onRunning', 'expected one of attach, queue, skip, fail'],
    [{ connectionId: 'c', timeout: '1 fortnight' }, 'timeout', expect.stringContaining('expected a duration')],
    [{ connectionId: 'c', timeout: '0h' }, 'timeout', 'expected a duration that is longer than zero'],
    [{ connectionId: 'c', timeout: 0 }, 'timeout', expect.stringContaining('a bare number means milliseconds')],
    [{ connectionId: 'c', timeout: 1800.5 }, 'timeout', expect.stringContaining('a bare number means milliseconds')],
    [{ connectionId: 'c', stallTimeout: '0m' }, 'stallTimeout', 'expected a duration that is longer than zero'],
    [{ connectionId: 'c', timeout: true }, 'timeout', expect.stringContaining('expected a duration')],
    [{ connectionId: 'c', maximumAttempts: 0 }, 'maximumAttempts', 'expected at least 1'],
    [{ connectionId: 'c', maximumAttempts: 1.5 }, 'maximumAttempts', expect.stringContaining('integer')],
    [{ connectionId: 'c', minimumRecords: -1 }, 'minimumRecords', 'expected at least 0'],
    ['connection-id-789', '', 'expected an object, found a string'],
    [undefined, '', 'is missing: expected an object (required)'],
    [null, '', 'is empty: expected an object'],
  ])('rejects %j', (input, path, message) => {
    expect(problemsOf(input)).toEqual([{ path, message }]);
  });
});
