import { describe, expect, it } from '@jest/globals';
import { SyncHarness } from '../workflow/sync-harness';

const sync = new SyncHarness();

function nested(levels: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
}

describe('a workflow', () => {
  it.each<[string, object]>([
    ['20,000 unknown keys', Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key${index}`, index]))],
    ['3,000 nested levels', { minimumRecords: nested(3_000) }],
    ['a connection id of 100 kB', { connectionId: 'x'.repeat(100_000) }],
  ])('that is started with %s fails immediately with a small failure', async (_, input) => {
    const failure = await sync.failureOf(input);
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(failure.message.length).toBeLessThan(40_000);
    expect(sync.airbyte.calls).toEqual([]);
  });
});
