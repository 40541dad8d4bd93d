import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { toJsonLine, toLine } from '../../../worker/log-lines';

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
    expect(lineOf('Activity failed', { error: new TypeError('x is undefined') })).toContain('log-lines.test.ts');
  });
});

describe('an entry of the worker’s log in JSON', () => {
  function documentOf(message: string, meta: Record<string, unknown>): Record<string, unknown> {
    const line = toJsonLine({ level: 'WARN', timestampNanos: 1_767_225_600_000_000_000n, message, meta });
    expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    return JSON.parse(line);
  }

  it('is one object with standard names, the ids of the SDK’s entries included', () => {
    const meta = { taskToken: 'CiQw', workflowId: 'airbyte-sync:c1@queue', workflowRunId: 'r', jobId: 7, attempt: 2 };
    const document = documentOf('Job 7\nsucceeded \u202e', meta);
    expect(document).toEqual({
      ...{ time: '2026-01-01T00:00:00.000Z', level: 'warn', message: 'Job 7\nsucceeded \u202e' },
      ...{ connectionId: 'c1', workflowId: 'airbyte-sync:c1@queue', runId: 'r', jobId: 7, attempt: 2 },
    });
    expect(Object.keys(document).slice(0, 3)).toEqual(['time', 'level', 'message']);
  });

  it('lets no field replace the time, the level or the message', () => {
    expect(documentOf('the message', { message: 'another', level: 'x', time: 1 })).toMatchObject({
      ...{ time: '2026-01-01T00:00:00.000Z', level: 'warn', message: 'the message' },
    });
  });

  it('has the type and the message of a typed failure, and the stack of anything unexpected', () => {
    const failure = ApplicationFailure.nonRetryable('no such host', 'AirbyteCheckFailed');
    expect(documentOf('Failed', { error: failure })['error']).toEqual({
      type: 'AirbyteCheckFailed',
      message: 'no such host',
    });
    const unexpected = documentOf('Failed', { error: new TypeError('odd', { cause: new Error('deep') }) })['error'];
    expect(unexpected).toMatchObject({ type: 'TypeError', message: 'odd', cause: { type: 'Error', message: 'deep' } });
    expect(unexpected).toHaveProperty('stack', expect.stringContaining('log-lines.test.ts'));
  });

  it('has the message of a failure from the workflow thread, and no type that it does not know', () => {
    const failure = ApplicationFailure.nonRetryable('no disk', 'AirbyteSyncFailed');
    failure.stack = '';
    expect(documentOf('Workflow failed', { error: structuredClone(failure) })['error']).toEqual({ message: 'no disk' });
  });

  it('has the type of a failure from the workflow thread, where its interceptor has added it', () => {
    const failure = ApplicationFailure.nonRetryable('no disk', 'AirbyteSyncFailed');
    failure.stack = '';
    const meta = { failureType: 'AirbyteSyncFailed', error: structuredClone(failure) };
    const document = documentOf('Workflow failed', meta);
    expect(document['error']).toEqual({ type: 'AirbyteSyncFailed', message: 'no disk' });
    expect(document).not.toHaveProperty('failureType');
    expect(lineOf('Workflow failed', meta)).toMatch(/ Workflow failed error=AirbyteSyncFailed: "no disk"$/);
  });

  it('writes what JSON cannot: big numbers and cycles', () => {
    const cycle: Record<string, unknown> = { big: 1n };
    expect(documentOf('x', { ...cycle })['big']).toBe('1');
    cycle['self'] = cycle;
    expect(documentOf('x', { cycle })['cycle']).toContain('Circular');
  });
});
