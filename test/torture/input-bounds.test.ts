import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { assertResultSize } from '../../activities/activity-interceptor';
import { toFailure } from '../../activities/failures';
import { runCli } from '../../cli/program';
import { fleetInputSchema } from '../../src/contract/fleet-document';
import { pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import { pruneInputSchema } from '../../src/contract/pruning';
import { syncConnectionInputSchema } from '../../src/contract/sync-options';
import { findLimitViolation, MAXIMUM_INPUT_BYTES } from '../../src/contract/validation/input-limits';
import { describeZodError } from '../../src/contract/validation/schema-problems';
import { parsePipelineDocument } from '../../src/documents/parse-document';
import { ActivityBench } from '../unit/activities/activity-bench';
import { recordedTerminal } from '../unit/cli/recorded-terminal';

/** No failure of ours may come near what Temporal takes. */
const SMALL = 40_000;

function nested(levels: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
}
const manyKeys = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key${index}`, index]));
const stream = { name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'append' };
const document = (changes: object = {}) => ({
  name: 'shop',
  source: { name: 'shop', definition: 'Postgres', configuration: {} },
  destination: { name: 'lake', definition: 'S3', configuration: {} },
  connection: { streams: [stream] },
  ...changes,
});

const ENTRIES = {
  'a pipeline': (input: unknown) => pipelineDocumentSchema().safeParse(input),
  'a sync': (input: unknown) => syncConnectionInputSchema().safeParse(input),
  'a fleet': (input: unknown) => fleetInputSchema().safeParse(input),
  'the pruning': (input: unknown) => pruneInputSchema().safeParse(input),
};

describe.each(Object.entries(ENTRIES))('the input of %s', (_, parse) => {
  const rejectionOf = (input: unknown): string => {
    const { error } = parse(input);
    if (!error) throw new Error('It was taken');
    return describeZodError(error);
  };

  it('with 5,000 unknown keys is rejected with the first of them and how many more there are', () => {
    const said = rejectionOf(manyKeys);
    expect(said).toMatch(/^key0 is not a known key/m);
    expect(said).toMatch(/\nand [\d,]+ more$/);
    expect(said.length).toBeLessThan(SMALL);
  });

  it.each([3_000, 300_000])('with %d nested levels is rejected', (levels) => {
    expect(rejectionOf({ connectionId: nested(levels) })).toBe('connectionId.a.a is nested more than 100 levels deep');
  });

  it('with a cycle in it is rejected', () => {
    const cycle: Record<string, unknown> = {};
    cycle['itself'] = cycle;
    expect(rejectionOf(cycle)).toMatch(/nested more than 100 levels deep/);
  });

  it('with a long text is rejected without repeating it', () => {
    const said = rejectionOf({ connectionId: 'x'.repeat(100_000) });
    expect(said).toMatch(/^connectionId expected at most 10,000 characters/);
    expect(said.length).toBeLessThan(200);
  });

  it('with a long key is rejected without repeating it', () => {
    expect(rejectionOf({ ['k'.repeat(100_000)]: 1 })).toBe('has a key of more than 1000 characters');
  });

  it('that is larger than Temporal takes is rejected with what to do', () => {
    expect(rejectionOf({ list: Array.from({ length: 250 }, () => 'x'.repeat(9_000)) })).toMatch(
      /is larger than 2,000,000 bytes, Temporal's limit: select streams by pattern/,
    );
  });

  it('with more values than can be needed is rejected', () => {
    expect(rejectionOf({ list: Array.from({ length: 300_001 }, () => 1) })).toMatch(/more than 300,000 values/);
  });
});

describe('an input within the bounds', () => {
  it('may have thousands of streams', () => {
    const streams = Array.from({ length: 15_000 }, (_, index) => ({ ...stream, name: `table_${index}` }));
    expect(pipelineDocumentSchema().safeParse(document({ connection: { streams } })).success).toBe(true);
  });

  it('may have a configuration with a whole file in it, deep as those of low-code connectors are', () => {
    const configuration = { manifest: nested(60), text: 'x'.repeat(500_000) };
    const source = { name: 'shop', definition: 'REST API', configuration };
    expect(pipelineDocumentSchema().safeParse(document({ source })).success).toBe(true);
  });

  it('counts the bytes that JSON takes', () => {
    const text = (characters: number) => ({ configuration: { text: 'é"\n😀'.repeat(characters / 5) } });
    const bytes = Buffer.byteLength(JSON.stringify(text(100_000)));
    const largest = Math.floor((MAXIMUM_INPUT_BYTES / bytes) * 100_000) - 1_000;
    expect(findLimitViolation(text(largest))).toBeUndefined();
    expect(findLimitViolation(text(largest + 2_000))?.message).toMatch(/larger than/);
  });
});

describe('the id of a connection', () => {
  it('has at most 200 characters, since workflow ids are made of it', () => {
    const checked = syncConnectionInputSchema().safeParse({ connectionId: 'x'.repeat(201) });
    expect(checked.error && describeZodError(checked.error)).toMatch(
      /^connectionId expected the id .*at most 200 characters/,
    );
  });
});

describe('a document', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'documents-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function run(command: string, text: string) {
    const file = join(folder, 'document.yaml');
    await writeFile(file, text);
    const terminal = recordedTerminal({ env: { AIRBYTE_URL: 'http://127.0.0.1:9', TEMPORAL_ADDRESS: '127.0.0.1:9' } });
    const exitCode = await runCli([command, file], terminal);
    return { exitCode, said: terminal.stderr.text };
  }

  it.each([
    [
      'of 10 MB',
      `name: x\n${Array.from({ length: 500_000 }, (_, index) => `key${index}: ${'x'.repeat(10)}`).join('\n')}`,
    ],
    ['of 12 MB that is nearly all comments', '# nothing\n'.repeat(1_200_000)],
    ['of 30 MB', 'x'.repeat(30_000_000)],
  ])('%s is rejected immediately, with exit code 2 and what to do', async (_, text) => {
    const { exitCode, said } = await run('plan', text);
    expect(exitCode).toBe(2);
    expect(said).toMatch(/document\.yaml: is larger than 2,000,000 bytes.*select streams by pattern/);
    expect(said.length).toBeLessThan(1_000);
  });

  it.each(['plan', 'apply', 'run'])('with 5,000 unknown keys is rejected by %s with a few lines', async (command) => {
    const { exitCode, said } = await run(
      command,
      Object.keys(manyKeys)
        .map((key) => `${key}: 1`)
        .join('\n'),
    );
    expect(exitCode).toBe(2);
    expect(said).toMatch(/document\.yaml:1:1 key0: is not a known key/);
    expect(said.trimEnd()).toMatch(/and [\d,]+ more$/);
    expect(said.length).toBeLessThan(SMALL);
  });

  it.each([
    ['in brackets', `source: ${'['.repeat(3_000)}${']'.repeat(3_000)}`],
    ['as JSON', JSON.stringify({ source: nested(3_000) })],
    ['by indentation', Array.from({ length: 3_000 }, (_, index) => `${' '.repeat(index)}a:`).join('\n')],
  ])('with 3,000 nested levels %s is rejected', async (_, text) => {
    const { exitCode, said } = await run('plan', text);
    expect(exitCode).toBe(2);
    expect(said).toMatch(/nested (too deeply|more than 100 levels deep)/);
  });

  it('with aliases that stand for more than it can hold is rejected', () => {
    const bomb = `a: &a [${'x,'.repeat(1_000)}]\nb: &b [${'*a,'.repeat(50)}]\nc: &c [${'*b,'.repeat(50)}]\n`;
    expect(() => parsePipelineDocument(bomb)).toThrow(/aliases \(\*name\) that refer to themselves, or too many/);
  });

  it('with thousands of aliases is rejected before they are looked up', () => {
    expect(() => parsePipelineDocument(`a: &a x\nb: [${'*a,'.repeat(100_000)}]`)).toThrow(/too many of them/);
  });

  it('still has each key once', () => {
    expect(() => parsePipelineDocument('name: a\nsource:\n  name: x\n  name: y\n')).toThrow(
      /pipeline document:4:3: is a duplicate key/,
    );
  });
});

describe('a value on the command line', () => {
  it.each([
    [['sync', 'x'.repeat(100_000)], 'The argument 2 is longer than 5000 characters.'],
    [['sync', 'c', '--timeout', '1'.repeat(100_000)], 'The value of --timeout is longer than 5000 characters.'],
    [['schedule', 'create', 'c', '--cron', '*'.repeat(100_000)], 'The value of --cron is longer than'],
  ])('is rejected with exit code 2 when it is longer than any valid value', async (args, message) => {
    const terminal = recordedTerminal({ env: { AIRBYTE_URL: 'http://127.0.0.1:9' } });
    expect(await runCli(args, terminal)).toBe(2);
    expect(terminal.stderr.text).toContain(message);
    expect(terminal.stderr.text.length).toBeLessThan(500);
  });
});

describe('an activity', () => {
  let bench: ActivityBench;
  beforeEach(async () => {
    bench = await ActivityBench.start();
  });
  afterEach(() => bench.stop());

  it.each([
    ['nested', { sourceId: 's', name: 's', configuration: nested(3_000) as Record<string, unknown> }, /nested more/],
    ['large', { sourceId: 's', name: 's', configuration: { text: 'x'.repeat(3_000_000) } }, /larger than 2,000,000/],
    ['long', { sourceId: 'x'.repeat(100_000), name: 's', configuration: {} }, /sourceId expected at most/],
  ])('rejects as non-retryable what is too %s, before anything is sent', async (_, input, message) => {
    await expect(bench.run('updateSource', input)).rejects.toMatchObject({
      ...{ type: 'InvalidInput', nonRetryable: true, message: expect.stringMatching(message) },
    });
    expect(bench.airbyte.requests).toEqual([]);
  });

  it('fails with a non-retryable error for a result that Temporal would not take', () => {
    const failure = (() => {
      try {
        return assertResultSize('discoverSchema', { streams: ['x'.repeat(3_000_000)] });
      } catch (error) {
        return toFailure(error, { mask: (text) => text });
      }
    })();
    expect(failure).toMatchObject({
      type: 'InvalidInput',
      nonRetryable: true,
      message: expect.stringMatching(/^What discoverSchema has found takes 3,000,0\d\d bytes, and Temporal takes/),
    });
  });

  it('fails with a non-retryable error where a stack overflows', () => {
    const overflow = new RangeError('Maximum call stack size exceeded');
    expect(toFailure(overflow, { mask: (text) => text })).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
  });
});
