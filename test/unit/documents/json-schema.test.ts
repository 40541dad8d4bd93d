import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import {
  fleetJsonSchema,
  jsonSchemaFiles,
  pipelineJsonSchema,
  workflowJsonSchemas,
} from '../../../src/documents/json-schema';
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

  it.each(Object.entries(jsonSchemaFiles()))('say by their $id where %s is hosted, in this version', (name, text) => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(JSON.parse(text).$id).toBe(`https://unpkg.com/temporal-airbyte@${version}/${name}`);
    expect(() => new Ajv({ strict: true, allowUnionTypes: true }).compile(JSON.parse(text))).not.toThrow();
  });

  it('describe every field, for the hover texts of editors', () => {
    expect([...undescribed(pipelineJsonSchema()), ...undescribed(fleetJsonSchema())]).toEqual([]);
  });
});

/** The types of what each workflow takes and gives, and of the details of its failure. */
const WORKFLOW_TYPES: Record<string, { input?: string; result: string; details?: string }> = {
  checkAirbyte: { result: 'AirbyteCheck' },
  syncConnection: { input: 'SyncConnectionInput', result: 'SyncConnectionResult', details: 'JobOutcome' },
  runPipeline: { input: 'PipelineDocument', result: 'PipelineResult', details: 'JobOutcome' },
  syncFleet: { input: 'FleetInput', result: 'FleetResult', details: 'FleetResult' },
};

/** The failures that have the job, or the result of the fleet, in their details. */
const OF_A_JOB = ['AirbyteSyncFailed', 'AirbyteSyncTimedOut', 'AirbyteJobCancelled'];

/** Histories of releases whose pipelines had less in their results. */
const WITH_LESS_RESULT = /^pipeline-.*-before-checks\.json$/;

interface Payload {
  data: string;
}

/** The part of a recorded history that has payloads. */
interface History {
  events: {
    workflowExecutionStartedEventAttributes?: { workflowType: { name: string }; input: { payloads: Payload[] } };
    workflowExecutionCompletedEventAttributes?: { result: { payloads: Payload[] } };
    workflowExecutionFailedEventAttributes?: {
      failure: { applicationFailureInfo?: { type: string; details?: { payloads?: Payload[] } } };
    };
  }[];
}

describe('the JSON Schemas of workflows', () => {
  const histories = readdirSync(join(ROOT, 'test/replay/histories'));
  const validators = {
    ...Object.fromEntries(Object.entries(workflowJsonSchemas()).map(([name, schema]) => [name, ajv.compile(schema)])),
    PipelineDocument: validate,
  } as Record<string, typeof validate>;
  const decoded = ({ data }: Payload): unknown => JSON.parse(Buffer.from(data, 'base64').toString());
  const checked = new Set<string>();

  it.each(histories)('describe what a workflow has taken and given: %s', (name) => {
    const { events } = JSON.parse(readFileSync(join(ROOT, 'test/replay/histories', name), 'utf8')) as History;
    const types = WORKFLOW_TYPES[events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name ?? ''];
    const found = events.flatMap((event): [part: 'input' | 'result' | 'details', payload: Payload][] => {
      const {
        workflowExecutionStartedEventAttributes: started,
        workflowExecutionCompletedEventAttributes: completed,
        workflowExecutionFailedEventAttributes: failed,
      } = event;
      const { type = '', details } = failed?.failure.applicationFailureInfo ?? {};
      return [
        ...(started?.input.payloads ?? []).map((payload): ['input', Payload] => ['input', payload]),
        ...(WITH_LESS_RESULT.test(name) ? [] : (completed?.result.payloads ?? [])).map(
          (payload): ['result', Payload] => ['result', payload],
        ),
        ...(OF_A_JOB.includes(type) ? (details?.payloads ?? []) : []).map((payload): ['details', Payload] => [
          'details',
          payload,
        ]),
      ];
    });
    expect(found.some(([part]) => part === 'input')).toBe(types?.input !== undefined);
    for (const [part, payload] of found) {
      const type = types?.[part] ?? '';
      const validator = validators[type];
      expect({ type, errors: validator?.(decoded(payload)) || validator?.errors }).toEqual({ type, errors: true });
      checked.add(type);
    }
  });

  it('are each one of a workflow, a query or a Nexus operation, and reject what is not such', () => {
    expect([...checked].sort()).toEqual(
      [...new Set(Object.values(WORKFLOW_TYPES).flatMap((types) => Object.values(types)))].sort(),
    );
    for (const [name, { title }] of Object.entries(workflowJsonSchemas())) {
      expect({ name, title }).toEqual({ name, title: name });
      expect({ name, accepted: validators[name]?.({ connectionId: 7, connections: 7, workspace: 7 }) }).toEqual({
        name,
        accepted: false,
      });
    }
  });

  it('allow fields that a later release may add to a result, but none that an input does not have', () => {
    const result = { connectionId: 'c', workflowIds: [] };
    expect(validators['CancelledSyncs']?.({ ...result, later: 1 })).toBe(true);
    expect(validators['SyncConnectionInput']?.({ connectionId: 'c', later: 1 })).toBe(false);
    expect(validators['SyncConnectionInput']?.({ connectionId: 'c', timeout: '30m' })).toBe(true);
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
