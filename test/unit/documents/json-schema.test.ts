import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { fleetJsonSchema, jsonSchemaFiles, pipelineJsonSchema } from '../../../src/documents/json-schema';
import { readPipelineDocument, readRunnableDocument } from '../../../src/documents/parse-document';
import { findSecretReferences } from '../../../src/text/secrets/secret-references';
import { documentWith, typicalDocument } from '../contract/typical-document';

const ROOT = join(__dirname, '..', '..', '..');
const EXAMPLES = join(ROOT, 'examples');
const examples = readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml'));

const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true });
const validate = ajv.compile(pipelineJsonSchema());
const validateFleet = ajv.compile(fleetJsonSchema());

interface Schema {
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
}

/** The paths of the properties that an editor could say nothing about. */
function undescribed(schema: Schema, path = ''): string[] {
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, property]) => [
      ...(property.description ? [] : [`${path}.${key}`]),
      ...undescribed(property, `${path}.${key}`),
    ]),
    ...[...(schema.items ? [schema.items] : []), ...(schema.anyOf ?? [])].flatMap((part) => undescribed(part, path)),
  ];
}

describe('the JSON Schemas of documents', () => {
  it.each(Object.entries(jsonSchemaFiles()))('are what %s holds (npm run schema)', (name, text) => {
    expect(readFileSync(join(ROOT, name), 'utf8')).toBe(text);
  });

  it('describe every field, for the hover texts of editors', () => {
    expect([...undescribed(pipelineJsonSchema()), ...undescribed(fleetJsonSchema())]).toEqual([]);
  });
});

describe('the JSON Schema of a fleet document', () => {
  it.each([
    ['of ids and names', { fleet: 'f', connections: ['a', { connection: 'b', dependsOn: 'a' }] }],
    ['of an order in a map', { fleet: 'f', connections: ['a', 'b'], dependsOn: { b: ['a'] } }],
    ['of a selection', { fleet: 'f', select: { namePattern: 'crm *', tags: ['nightly'] }, sync: { timeout: '6h' } }],
  ])('accepts one %s', (_, document) => {
    expect(validateFleet(document) || validateFleet.errors).toBe(true);
  });

  it.each([
    ['an unknown key', { fleet: 'f', connections: ['a'], concurrency: 3 }],
    ['an unknown choice', { fleet: 'f', connections: ['a'], onFailure: 'retry' }],
    ['more in parallel than allowed', { fleet: 'f', connections: ['a'], maxConcurrent: 501 }],
    ['no name', { connections: ['a'] }],
  ])('rejects %s', (_, document) => {
    expect(validateFleet(document)).toBe(false);
  });
});

describe('the JSON Schema of a pipeline document', () => {
  it.each([
    ['complete', typicalDocument()],
    ['without a sync', documentWith({ sync: false })],
    ['that names its schema', documentWith({ $schema: '../pipeline.schema.json' })],
    ['with a timeout in milliseconds', documentWith({ sync: { timeout: 90_000 } })],
  ])('accepts a document that is %s', (_, document) => {
    expect(validate(document) || validate.errors).toBe(true);
  });

  it.each([
    ['an unknown key', documentWith({ soruce: {} })],
    ['a name that is missing', documentWith({ name: undefined })],
    ['a timeout that is none', documentWith({ sync: { timeout: 'soon' } })],
    ['no streams', documentWith({ connection: { streams: [] } })],
    [
      'an unknown sync mode',
      documentWith({ connection: { streams: [{ name: 'a', syncMode: 'x', destinationSyncMode: 'append' }] } }),
    ],
  ])('rejects %s', (_, document) => {
    expect(validate(JSON.parse(JSON.stringify(document)))).toBe(false);
  });
});

describe('the examples', () => {
  it.each(examples)('%s is a document that can be run, to us and to editors', async (file) => {
    const { kind, document } = await readRunnableDocument(join(EXAMPLES, file));
    expect(document.name).toBe(file.replace('.yaml', ''));
    const text = readFileSync(join(EXAMPLES, file), 'utf8');
    expect(text).toMatch(new RegExp(`^# yaml-language-server: \\$schema=\\.\\./${kind}\\.schema\\.json\n`));
    const validator = kind === 'fleet' ? validateFleet : validate;
    expect(validator(parse(text)) || validator.errors).toBe(true);
  });

  it('postgres-to-parquet.yaml needs one secret, the one that the demo sets', async () => {
    const document = await readPipelineDocument(join(EXAMPLES, 'postgres-to-parquet.yaml'));
    expect(findSecretReferences(document).map(({ name }) => name)).toEqual(['SECRET_SHOP_PASSWORD']);
  });
});
