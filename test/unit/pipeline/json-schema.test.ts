import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { pipelineJsonSchema, pipelineJsonSchemaText } from '../../../src/pipeline/json-schema';
import { readPipelineDocument } from '../../../src/pipeline/parse';
import { findSecretReferences } from '../../../src/pipeline/secret-references';
import { documentWith, typicalDocument } from './typical-document';

const ROOT = join(__dirname, '..', '..', '..');
const EXAMPLES = join(ROOT, 'examples');
const examples = readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml'));

const validate = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(pipelineJsonSchema());

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

describe('the JSON Schema of a pipeline document', () => {
  it('is what pipeline.schema.json holds (npm run build && node scripts/write-json-schema.js)', () => {
    expect(readFileSync(join(ROOT, 'pipeline.schema.json'), 'utf8')).toBe(pipelineJsonSchemaText());
  });

  it('describes every field, for the hover texts of editors', () => {
    expect(undescribed(pipelineJsonSchema())).toEqual([]);
  });

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
  ])('refuses %s', (_, document) => {
    expect(validate(JSON.parse(JSON.stringify(document)))).toBe(false);
  });
});

describe('the examples', () => {
  it.each(examples)('%s is a pipeline document, to us and to editors', async (file) => {
    const document = await readPipelineDocument(join(EXAMPLES, file));
    expect(document.name).toBe(file.replace('.yaml', ''));
    const text = readFileSync(join(EXAMPLES, file), 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/pipeline\.schema\.json\n/);
    expect(validate(parse(text)) || validate.errors).toBe(true);
  });

  it('postgres-to-parquet.yaml needs one secret, the one that the demo sets', async () => {
    const document = await readPipelineDocument(join(EXAMPLES, 'postgres-to-parquet.yaml'));
    expect(findSecretReferences(document).map(({ name }) => name)).toEqual(['SECRET_SHOP_PASSWORD']);
  });
});
