import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { askForConfirmation } from '../../../../cli/follow/confirmation';

/** What the prompt returns when the user types this reply. */
async function replyWith(typed: string): Promise<boolean> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const confirmed = askForConfirmation('Delete 2 connections? [y/N] ', input, output);
  input.end(typed);
  const yes = await confirmed;
  expect(String(output.read())).toContain('Delete 2 connections? [y/N]');
  return yes;
}

describe('a confirmation', () => {
  it.each(['y\n', 'yes\n', ' Y \n'])('is given by %j', async (typed) => {
    expect(await replyWith(typed)).toBe(true);
  });

  it.each(['\n', 'n\n', 'yesterday\n', ''])('is not given by %j', async (typed) => {
    expect(await replyWith(typed)).toBe(false);
  });
});
