import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { toLine } from '../../../worker/logger';

function lineOf(message: string, meta: Record<string, unknown>): string {
  return toLine({ level: 'INFO', timestampNanos: 1_767_225_600_000_000_000n, message, meta });
}

describe('a line of the worker’s log', () => {
  it('says when, what, and which workflow, without the SDK’s own ids', () => {
    const meta = {
      taskToken: 'CiQw',
      sdkComponent: 'activity',
      workflowId: 'airbyte-sync:c',
      jobId: 7,
      gone: undefined,
    };
    expect(lineOf('Job 7 succeeded', meta)).toBe(
      '2026-01-01T00:00:00.000Z INFO Job 7 succeeded workflowId=airbyte-sync:c jobId=7',
    );
  });

  it('writes a typed failure as one line: its type and its message', () => {
    const error = ApplicationFailure.nonRetryable('the source failed:\nno such host', 'AirbyteCheckFailed');
    expect(lineOf('Workflow failed', { error })).toBe(
      '2026-01-01T00:00:00.000Z INFO Workflow failed error=AirbyteCheckFailed: "the source failed:\\nno such host"',
    );
  });

  it('writes a typed failure from the workflow thread as one line', () => {
    const copy = new Error('job 7 failed:\nno disk');
    copy.stack = `ApplicationFailure: ${copy.message}\n    at syncConnection (workflows/sync-connection.ts:1:1)`;
    expect(lineOf('Workflow failed', { error: copy })).toMatch(/ error="job 7 failed:\\nno disk"$/);
  });

  it('shows where anything unexpected comes from', () => {
    expect(lineOf('Activity failed', { error: new TypeError('x is undefined') })).toContain('logger.test.ts');
  });
});
