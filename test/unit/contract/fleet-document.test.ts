import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fleetInputSchema } from '../../../src/contract/fleet-document';
import { toProblems } from '../../../src/contract/validation/schema-problems';
import { PipelineDocumentError } from '../../../src/documents/document-error';
import { parseFleetDocument, parsePipelineDocument, readRunnableDocument } from '../../../src/documents/parse-document';
import { typicalDocument } from './typical-document';

const YAML = `\
fleet: nightly
connections:
  - crm
  - shop
  - { connection: orders, dependsOn: shop }
dependsOn:
  shop: [crm]
maxConcurrent: 3
`;

/** The lines of what is wrong with a text. */
function messagesOf(text: string, parse: (text: string, name: string) => unknown = parseFleetDocument): string[] {
  try {
    parse(text, 'nightly.yaml');
  } catch (error) {
    if (error instanceof PipelineDocumentError) return error.message.split('\n');
    throw error;
  }
  throw new Error('the document was accepted');
}

describe('a fleet document', () => {
  it('is read from YAML, with its defaults', () => {
    expect(parseFleetDocument(YAML)).toEqual({
      name: 'nightly',
      connections: [
        { connection: 'crm', dependsOn: [] },
        { connection: 'shop', dependsOn: [] },
        { connection: 'orders', dependsOn: ['shop'] },
      ],
      dependsOn: { shop: ['crm'] },
      maxConcurrent: 3,
      onFailure: 'continue',
      sync: {
        jobType: 'sync',
        onRunning: 'attach',
        timeout: '1h',
        onTimeout: 'cancel',
        maximumAttempts: 1,
        unmeasured: 'warn',
      },
    });
  });

  it('is what syncFleet takes, and checking it again changes nothing', () => {
    const document = parseFleetDocument(YAML);
    expect(fleetInputSchema().parse(document)).toEqual(document);
    const selecting = parseFleetDocument('{ fleet: all, select: { namePattern: "crm *", tags: [nightly] } }');
    expect(fleetInputSchema().parse(selecting)).toEqual(selecting);
  });

  it('has a schedule of Temporal, in the words of a pipeline, which syncFleet ignores', () => {
    const text = `${YAML}schedule: { cron: '0 3 * * *', timeZone: Europe/Paris, jitter: 5m, pauseOnFailure: true }\n`;
    const { schedule, ...rest } = parseFleetDocument(text);
    expect(schedule).toEqual({
      ...{ by: 'temporal', cron: '0 3 * * *', timeZone: 'Europe/Paris', jitter: '5m' },
      ...{ overlap: 'skip', catchUpWindow: '365 days', pauseOnFailure: true },
    });
    expect(fleetInputSchema().parse({ ...rest, schedule })).toEqual(rest);
    expect(parseFleetDocument(`${YAML}schedule: { by: temporal, every: 6h }`).schedule).toMatchObject({ every: '6h' });
  });

  it.each([
    ['schedule: { every: 6h, by: airbyte }', 'nightly.yaml:9:24 schedule.by: expected temporal'],
    ["schedule: { cron: '0 0 */6 * * ?' }", 'nightly.yaml:9:13 schedule.cron: '],
    ['schedule: { every: 6h, timeZone: UTC }', 'nightly.yaml:9:24 schedule.timeZone: is not a known key'],
    ['schedule: { every: 6h, sync: { timeout: 1h } }', 'nightly.yaml:9:24 schedule.sync: is not a known key'],
    ['schedule: { every: 6h, overlap: allowAll, pauseOnFailure: true }', 'schedule.pauseOnFailure: has no effect'],
    ['schedule: manual', 'nightly.yaml:9:1 schedule: expected { every: 6h } or'],
    ['concurrency: 3', 'nightly.yaml:9:1 concurrency: is not a known key'],
    ['onFailure: retry', 'nightly.yaml:9:1 onFailure: expected one of continue, stop'],
    ['select: {}', 'nightly.yaml:9:1 select: cannot be combined with connections'],
    ['sync: { timeout: soon }', 'nightly.yaml:9:9 sync.timeout: expected a duration'],
  ])('rejects %s, with the position', (line, message) => {
    expect(messagesOf(`${YAML}${line}\n`)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ['shop: [crm]', 'shop: [cmr]', "nightly.yaml:7:10 dependsOn.shop[0]: is not one of the fleet's connections"],
    ['shop: [crm]', 'crm: [orders, shop]\n  shop: crm', 'nightly.yaml:8:3 dependsOn.shop[0]: makes a cycle'],
    ['dependsOn: shop', 'dependsOn: [ship]', 'nightly.yaml:5:39 connections[2].dependsOn[0]: is not one of'],
    ['- shop', '- crm', 'nightly.yaml:4:5 connections[1]: is the same connection as connections[0]'],
    ['- shop', '- 7', 'nightly.yaml:4:5 connections[1]: expected the id or name of a connection, or'],
    ['dependsOn: shop', 'after: shop', 'nightly.yaml:5:27 connections[2].after: is not a known key'],
    ['maxConcurrent: 3', 'maxConcurrent: 0', 'nightly.yaml:8:1 maxConcurrent: expected at least 1'],
    ['maxConcurrent: 3', 'maxConcurrent: 501', 'nightly.yaml:8:1 maxConcurrent: expected at most 500'],
  ])('with %j made into %j is rejected with the path and the problem', (found, replacement, message) => {
    expect(YAML).toContain(found);
    expect(messagesOf(YAML.replace(found, replacement))[0]).toContain(message);
  });

  it('needs connections, or select', () => {
    expect(messagesOf('fleet: nightly')).toEqual([
      'nightly.yaml:1:1 connections: is missing: expected a list of connections, or select',
    ]);
  });

  it('has at most 5,000 connections and 10,000 dependencies', () => {
    const connections = Array.from({ length: 5_001 }, (_, place) => `c${place}`);
    expect(messagesOf(JSON.stringify({ fleet: 'f', connections }))[0]).toContain('expected at most 5000 connections');
    const dependsOn = Object.fromEntries(connections.slice(1, 102).map((name) => [name, Array(100).fill('c0')]));
    expect(messagesOf(JSON.stringify({ fleet: 'f', connections: connections.slice(1), dependsOn }))[0]).toContain(
      'dependsOn: expected at most 10000 dependencies',
    );
  });

  it('as an input, is rejected with the paths of all that is wrong', () => {
    const { error } = fleetInputSchema().safeParse({ connections: ['a'], dependsOn: { a: ['b'] }, maxconcurrent: 2 });
    expect(error && toProblems(error).map(({ path }) => path)).toEqual(['maxconcurrent', 'dependsOn.a[0]']);
  });
});

describe('a file that can be run', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'runnable-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const read = (text: string) => {
    const file = join(folder, 'document.yaml');
    writeFileSync(file, text);
    return readRunnableDocument(file);
  };

  it('is a fleet by its key fleet, and else a pipeline', async () => {
    expect(await read(YAML)).toMatchObject({ kind: 'fleet', document: { name: 'nightly' } });
    expect(await read(JSON.stringify(typicalDocument()))).toMatchObject({
      kind: 'pipeline',
      document: { name: 'postgres-to-minio' },
    });
  });

  it('is checked as what it is', async () => {
    await expect(read('fleet: nightly\nname: nightly\n')).rejects.toThrow(/name: is not a known key/);
    await expect(read('name: nightly\n')).rejects.toThrow(/source: is missing/);
  });

  it('that is a fleet is no pipeline where only a pipeline is accepted', () => {
    expect(messagesOf(YAML, parsePipelineDocument)).toEqual([
      expect.stringMatching(/^nightly\.yaml:1:1 fleet: makes this the document of a fleet.*temporal-airbyte run/),
    ]);
  });
});
