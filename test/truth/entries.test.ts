import { describe, expect, it } from '@jest/globals';
import { fleetDocumentSchema, fleetInputSchema } from '../../src/contract/fleet-document';
import { parseFleetDocument, parsePipelineDocument } from '../../src/documents/parse-document';
import { failureOf } from '../support/stack';
import { NEW_PIPELINE } from '../workflow/scripted-pipeline';
import { ScriptedWorkflows } from './scripted-workflows';

/** As a Go struct of pointers, or a Java bean, is sent: with every field, most of them null. */
const STREAM = {
  ...{ name: 'orders', namespace: null, syncMode: 'full_refresh', destinationSyncMode: 'overwrite' },
  ...{ cursorField: null, primaryKey: null },
};
const SYNC = {
  ...{ jobType: null, onRunning: null, timeout: null, onTimeout: null, maximumAttempts: null, minimumRecords: null },
};
const PIPELINE = {
  ...{ $schema: null, name: 'shop', workspace: null },
  source: { name: 'shop', definition: 'Postgres', configuration: { host: 'db', ssl: null, tunnel: { port: null } } },
  destination: { name: 'lake', definition: 'S3', configuration: {} },
  connection: {
    ...{ name: null, namespaceDefinition: null, namespaceFormat: null, prefix: null, status: null },
    ...{ schedule: null, schemaChanges: null, streams: [STREAM] },
  },
  sync: SYNC,
};
const FLEET = {
  ...{ $schema: null, fleet: 'nightly', name: null, select: null, dependsOn: { crm: null }, maxConcurrent: null },
  ...{ connections: ['crm', { connection: 'shop', dependsOn: null }], onFailure: null, sync: SYNC },
};

describe('a caller of any language', () => {
  const workflows = new ScriptedWorkflows();

  async function rejectionOf(workflowType: string, ...args: unknown[]) {
    const failure = await failureOf(await workflows.start(workflowType, ...args));
    expect(failure.type).toBe('InvalidInput');
    return failure.message;
  }

  it.each([
    ['syncConnection', { connectionId: 'crm', ...SYNC }, { status: 'succeeded' }],
    ['runPipeline', PIPELINE, { connectionId: 'orders', sync: { status: 'succeeded' } }],
    ['syncFleet', FLEET, { name: 'nightly', counts: { succeeded: 2 } }],
    ['prunePipelines', { pipelines: ['shop'], keep: [], confirmed: null }, { connections: [] }],
  ])('may send null to %s for what is left out', async (workflowType, input, result) => {
    workflows.jobs.ends.set('any', { status: 'succeeded' });
    expect(await (await workflows.start(workflowType, input)).result()).toMatchObject(result);
  });

  it('may send a schedule whose fields are null', async () => {
    const schedules: unknown[] = [];
    workflows.pipeline = {
      applySchedule: async ({ schedule }) => {
        schedules.push(schedule);
        return { scheduleId: 'schedule', outcome: 'created', changed: [] };
      },
    };
    const schedule = { by: 'temporal', every: '6h', jitter: null, overlap: null, catchUpWindow: null, sync: null };
    const document = { ...PIPELINE, connection: { ...PIPELINE.connection, schedule }, sync: false };
    await (await workflows.start('runPipeline', document)).result();
    expect(schedules).toMatchObject([{ by: 'temporal', every: '6h', overlap: 'skip', catchUpWindow: '365 days' }]);
  });

  it('keeps the nulls of a configuration, which are values of the connector', async () => {
    const configurations: unknown[] = [];
    workflows.pipeline = {
      ...NEW_PIPELINE,
      applySource: async ({ configuration }) => {
        configurations.push(configuration);
        return { actorId: 'source', created: true, updated: false };
      },
    };
    await (await workflows.start('runPipeline', { ...PIPELINE, sync: false })).result();
    expect(configurations).toEqual([{ host: 'db', ssl: null, tunnel: { port: null } }]);
  });

  it.each([
    ['syncConnection', { connectionId: null }, 'connectionId is missing: expected a string (required)'],
    ['planPipeline', { ...PIPELINE, source: null }, 'source is missing: expected an object (required)'],
    [
      'runPipeline',
      { ...PIPELINE, connection: { streams: [{ ...STREAM, syncMode: null }] } },
      'connection.streams[0].syncMode is missing: expected one of full_refresh, incremental (required)',
    ],
    [
      'syncFleet',
      { connections: [{ connection: null }] },
      'connections[0].connection is missing: expected a string (required)',
    ],
    ['prunePipelines', { pipelines: null, keep: [] }, 'pipelines is missing: expected a list (required)'],
  ])('learns from %s which null field is required', async (workflowType, input, message) => {
    expect(await rejectionOf(workflowType, input)).toBe(message);
  });

  it.each(['syncConnection', 'runPipeline', 'planPipeline', 'prunePipelines', 'syncFleet'])(
    'that starts %s with a second argument learns that it takes one object',
    async (workflowType) => {
      const message = `${workflowType} takes one object, with every option as a field of it, but was started with 2 arguments.`;
      expect(await rejectionOf(workflowType, 'crm', { timeout: '5m' })).toBe(message);
      expect(await rejectionOf(workflowType, { connectionId: 'crm' }, {})).toBe(message);
    },
  );

  it('may send nulls behind the input', async () => {
    workflows.jobs.ends.set('any', { status: 'succeeded' });
    const sync = await workflows.start('syncConnection', { connectionId: 'crm' }, null);
    expect(await sync.result()).toMatchObject({ status: 'succeeded' });
  });

  it('gives syncFleet the document of a fleet as it is written', async () => {
    workflows.jobs.ends.set('any', { status: 'succeeded' });
    const document = { $schema: 'fleet.schema.json', fleet: 'nightly', connections: ['crm'] };
    expect(await (await workflows.start('syncFleet', document)).result()).toMatchObject({ name: 'nightly' });
    expect(await rejectionOf('syncFleet', { ...document, name: 'daily' })).toBe(
      'fleet differs from name; remove one of them',
    );
  });
});

describe('a document', () => {
  const pipeline = (text: string) => `name: shop
source: { name: shop, definition: Postgres, configuration: { ssl: } }
destination: { name: lake, definition: S3, configuration: {} }
connection:
  streams: [{ name: orders, syncMode: full_refresh, destinationSyncMode: overwrite }]
${text}`;

  it('may have a key without a value', () => {
    const document = parsePipelineDocument(pipeline('workspace:\nsync:\n  timeout:\n  jobType: ~\n'));
    expect(document).not.toHaveProperty('workspace');
    expect(document.sync).toMatchObject({ timeout: '1h', jobType: 'sync' });
    expect(document.source.configuration).toEqual({ ssl: null });
    const fleet = parseFleetDocument('fleet: nightly\nconnections: [crm]\nselect:\nmaxConcurrent:\n');
    expect(fleet).toMatchObject({ name: 'nightly', maxConcurrent: 10 });
  });

  it('is rejected where a required key has no value', () => {
    expect(() => parsePipelineDocument(pipeline('').replace('name: lake', 'name:'), 'shop.yaml')).toThrow(
      'shop.yaml:3:16 destination.name: is missing: expected a string (required)',
    );
    expect(() => parseFleetDocument('fleet:\nconnections: [crm]\n', 'nightly.yaml')).toThrow(
      'nightly.yaml:1:1 fleet: is missing: expected a string (required)',
    );
  });

  it('of a fleet is the same to the command line and to syncFleet', () => {
    const document = { fleet: 'nightly', connections: ['crm'], sync: { timeout: '2h' } };
    expect(fleetInputSchema().parse(document)).toEqual(fleetDocumentSchema().parse(document));
  });
});
