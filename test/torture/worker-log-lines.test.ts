import { describe, expect, it } from '@jest/globals';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { toLine } from '../../worker/log-lines';

/** What makes a new line somewhere, moves the cursor, sets a title, rings a bell or turns the text's direction. */
const CONTROLS =
  '\n\r\t\v\f\u0007\b\u001b[2J\u001b]0;title\u0007\u009b31m\u0085\u007f\u2028\u2029\u202e\u2066\u200f\u0000';

function lineOf(message: string, meta: Record<string, unknown> = {}): string {
  return toLine({ level: 'INFO', timestampNanos: 1_767_225_600_000_000_000n, message, meta });
}

describe('an entry of the worker’s log', () => {
  it.each([
    ['in a message', () => lineOf(`Created the source '${CONTROLS}'`)],
    ['in a field', () => lineOf('Created', { name: CONTROLS })],
    ['in the name of a field', () => lineOf('Created', { [CONTROLS]: 1 })],
    ['in an object', () => lineOf('Created', { source: { name: CONTROLS, [CONTROLS]: [CONTROLS] } })],
    [
      'in a failure',
      () => lineOf('Failed', { error: ApplicationFailure.nonRetryable(CONTROLS, 'AirbyteCheckFailed') }),
    ],
    ['in the message of an unexpected error', () => lineOf('Failed', { error: new TypeError(CONTROLS) })],
  ])('is one line without control characters, also where they stand %s', (_, line) => {
    expect(line()).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
  });

  it('cannot be forged by a name that holds a line break, which shows as an escape', () => {
    expect(lineOf("Created the source 'a\n2026-01-01T00:00:00.000Z ERROR all is lost'")).toBe(
      "2026-01-01T00:00:00.000Z INFO Created the source 'a\\n2026-01-01T00:00:00.000Z ERROR all is lost'",
    );
  });

  it('shows control sequences of terminals as text', () => {
    expect(lineOf('\u001b[31mred\u0007\u202e')).toContain('\\u001b[31mred\\u0007\\u202e');
  });

  it('keeps the stack of an unexpected error, on its line', () => {
    const line = lineOf('Failed', { error: new TypeError('x is undefined') });
    expect(line).toContain('worker-log-lines.test.ts');
  });

  it('says why a workflow failed whose failure came from the server without a stack', () => {
    const cause = withoutStack(ApplicationFailure.nonRetryable('no such host', 'AirbyteCheckFailed'));
    expect(lineOf('Workflow failed', { error: structuredClone(cause) })).toMatch(/ error="no such host"$/);
    const failure = new ActivityFailure('Activity task failed', 'checkSource', '1', 'NON_RETRYABLE_FAILURE', '', cause);
    expect(lineOf('Workflow failed', { error: structuredClone(withoutStack(failure)) })).toMatch(
      / error="Activity task failed: no such host"$/,
    );
  });
});

function withoutStack<T extends Error>(error: T): T {
  error.stack = '';
  return error;
}
