import { z } from 'zod';
import { findDuplicates } from '../text/duplicates';
import { formatPath } from '../text/field-path';
import { findLiteralSecrets, secretReferenceAdvice } from '../text/secrets/literal-secrets';
import { findMalformedReferences, leavesOf, REFERENCE_GRAMMAR } from '../text/secrets/secret-references';
import { type PipelineSchedule, scheduleSchema } from './pipeline-schedule';
import type { SchemaChangesPolicy } from './schema-changes';
import { type SyncOptions, syncOptionsSchema } from './sync-options';
import { inputSchema } from './validation/input-schema';
import { schemaGetter } from './validation/schema-getter';
import { oneOf, strictObject } from './validation/schema-problems';

/** The modes of the Config API's `DestinationSyncMode`; not every destination supports every one. */
const DESTINATION_SYNC_MODES = [
  'append',
  'overwrite',
  'append_dedup',
  'overwrite_dedup',
  'update',
  'soft_delete',
] as const;

const SCHEMA_CHANGES_POLICIES = ['ignore', 'propagate', 'fail'] as const satisfies readonly SchemaChangesPolicy[];

/** A workflow's id is `airbyte-pipeline:<name>`, and Temporal takes at most 1,000 bytes of it. */
const NAME_LIMIT = 200;

/** Of a text that people write outside a configuration: the name of a stream, a namespace. */
const TEXT_LIMIT = 1_000;

/** Text outside a configuration. Secrets resolve in configurations only; elsewhere the reference would be the text. */
const plainText = z
  .string()
  .regex(/\S/, { error: 'must not be empty', abort: true })
  .max(TEXT_LIMIT, `expected at most ${TEXT_LIMIT} characters`)
  .refine((text) => !/\$\{(?:env|file):/i.test(text), {
    error: 'holds a reference to a secret; those resolve in configurations only',
  });

/** The name of something in Airbyte, which may be as long as any text. */
const name = plainText.refine((text) => text === text.trim(), {
  error: 'expected a name without blanks at either end',
});

/** Of what a workflow's id and queries of Temporal are made. */
const workflowName = name
  .max(NAME_LIMIT, `expected at most ${NAME_LIMIT} characters`)
  .refine((text) => !/\p{Cc}/u.test(text), {
    error: 'has a control character, which no name has',
  });

/** For other documents: text that people write, and the name of what a workflow's id is made of. */
export const plainTextSchema = schemaGetter(plainText);
export const workflowNameSchema = schemaGetter(workflowName);

/** A number that was rounded before it came here: another one than was written would reach the connector. */
const ROUNDED_NUMBER = 'is beyond 2^53, where whole numbers lose digits on their way; write it as text, in quotes';

/** A connector's configuration: any JSON object that names its secrets instead of holding them. */
const configuration = z.record(z.string(), z.unknown()).superRefine((fields, context) => {
  for (const path of findLiteralSecrets(fields)) {
    context.addIssue({ code: 'custom', path: [...path], message: secretReferenceAdvice(path) });
  }
  for (const path of findMalformedReferences(fields)) {
    context.addIssue({ code: 'custom', path: [...path], message: REFERENCE_GRAMMAR });
  }
  for (const { value, path } of leavesOf(fields, [])) {
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) continue;
    context.addIssue({ code: 'custom', path: [...path], message: ROUNDED_NUMBER });
  }
});

const configurationText =
  "The connector's own settings, in its own words. Secrets are named, not written: ${env:SECRET_NAME} or ${file:name}.";
const definitionText =
  'The connector: the id of its definition, its exact name, or a part of the name that only one has.';

const source = strictObject({
  name: name.describe('The name of the source in Airbyte. It is found by this name, and created when there is none.'),
  definition: plainText.describe(definitionText),
  configuration: configuration.describe(configurationText),
});

const destination = strictObject({
  name: name.describe('The name of the destination in Airbyte. It is found by it, and created when there is none.'),
  definition: plainText.describe(definitionText),
  configuration: configuration.describe(configurationText),
});

const fieldName = z
  .string()
  .min(1, 'expected the name of a field')
  .max(TEXT_LIMIT, `expected at most ${TEXT_LIMIT} characters`);

const stream = strictObject({
  name: plainText.describe(
    'The name of the stream: the table, the collection, the endpoint. With * for anything (order_*), it stands for every ' +
      'stream of the source that it fits and that is not listed by its name; of two patterns that fit, the first counts.',
  ),
  namespace: plainText
    .optional()
    .describe(
      'The namespace of the stream (a schema, in Postgres), or a pattern with * for several. Needed when two streams ' +
        'have the same name.',
    ),
  syncMode: oneOf(['full_refresh', 'incremental']).describe(
    'Read everything each time, or only what is new since the last sync.',
  ),
  destinationSyncMode: oneOf(DESTINATION_SYNC_MODES).describe('What becomes of the rows that are there already.'),
  cursorField: z
    .union([fieldName, z.array(fieldName).min(1, 'expected at least one name')], {
      error: 'expected the name of a field, or a list of names that leads to a nested one',
    })
    .optional()
    .describe('The field that tells new rows from old ones; a list leads to a nested field.'),
  primaryKey: z
    .union([z.array(fieldName).min(1), z.array(z.array(fieldName).min(1)).min(1)], {
      error: 'expected a list of field names ([id]), or of lists that lead to nested fields ([[account, id]])',
    })
    .optional()
    .describe('The fields that identify a row: [id]; a list in the list leads to a nested field.'),
});

const connection = strictObject({
  name: name.optional().describe('The name of the connection in Airbyte; left out: <source> → <destination>.'),
  namespaceDefinition: z
    .enum(['source', 'destination', 'customformat'])
    .default('destination')
    .describe('Where the rows go: the namespace they come from, the default of the destination, or namespaceFormat.'),
  namespaceFormat: z
    .string()
    .min(1, 'must not be empty')
    .optional()
    .describe('The namespace for customformat; ${SOURCE_NAMESPACE} stands for the one the rows come from.'),
  prefix: z.string().optional().describe('Put before the name of each stream in the destination.'),
  status: z.enum(['active', 'inactive']).default('active').describe('An inactive connection does not sync.'),
  schedule: scheduleSchema()
    .default('manual')
    .describe(
      'When syncs are started, by Airbyte or, with by: temporal, by Temporal; manual when somebody else starts them.',
    ),
  schemaChanges: z
    .enum(SCHEMA_CHANGES_POLICIES)
    .optional()
    .describe(
      "What becomes of changes of the source's schema: ignore shows them; propagate takes new, removed and changed " +
        'fields over; fail fails before anything is synced, and has Airbyte disable the connection when it finds one ' +
        'itself. Left out: what is set in Airbyte stays.',
    ),
  streams: z
    .array(stream)
    .min(1, 'expected at least one stream')
    .superRefine(rejectDuplicates)
    .describe('The streams to sync. Those that are not listed are not synced.'),
}).superRefine(({ namespaceDefinition, namespaceFormat }, context) => {
  if (namespaceDefinition === 'customformat' && namespaceFormat === undefined) {
    context.addIssue({ code: 'custom', path: ['namespaceFormat'], message: 'is missing: customformat needs it' });
  }
  if (namespaceDefinition !== 'customformat' && namespaceFormat !== undefined) {
    const message = 'has no effect: it is used with namespaceDefinition: customformat only';
    context.addIssue({ code: 'custom', path: ['namespaceFormat'], message });
  }
});

/** A pipeline as people write it: from a source to a destination, with what to sync and when. */
export const pipelineDocumentSchema = inputSchema(
  strictObject({
    $schema: z.string().optional().describe('The JSON Schema that an editor checks the document with. Not used.'),
    name: workflowName.describe('The name of the pipeline. Its workflow has the id airbyte-pipeline:<name>.'),
    workspace: plainText
      .optional()
      .describe('The Airbyte workspace, by id or name; left out: the only one there is, else the first.'),
    source: source.describe('Where the rows come from.'),
    destination: destination.describe('Where the rows go.'),
    connection: connection.describe('What is synced, how, and when.'),
    sync: z
      .union([syncOptionsSchema(), z.literal(false)], { error: 'expected the options of the sync, or false' })
      .prefault({})
      .describe('The options of the sync that follows; false: apply the document only.'),
  })
    .transform(({ $schema: _, ...document }) => ({
      ...document,
      connection: {
        ...document.connection,
        name: document.connection.name ?? `${document.source.name} → ${document.destination.name}`,
        schedule: withSyncOptions(document.connection.schedule, document.sync),
      },
    }))
    .describe('A pipeline from one Airbyte source to one destination.'),
);

/** A pipeline document as it is written: what has a default may be left out. */
export type PipelineDocumentInput = z.input<ReturnType<typeof pipelineDocumentSchema>>;
/** A checked pipeline document with its defaults applied. Checking it again changes nothing. */
export type PipelineDocument = z.output<ReturnType<typeof pipelineDocumentSchema>>;
export type PipelineStream = PipelineDocument['connection']['streams'][number];

/** A stream's cursor as Airbyte takes it: the path to the field. */
export function cursorPath({ cursorField }: PipelineStream): string[] | undefined {
  return typeof cursorField === 'string' ? [cursorField] : cursorField;
}

/** A stream's primary key as Airbyte takes it: a path for each of its fields. */
export function primaryKeyPaths({ primaryKey }: PipelineStream): string[][] | undefined {
  return primaryKey?.map((field) => (typeof field === 'string' ? [field] : field));
}

/** Who applies a document and syncs nothing sets its `sync` to false: the scheduled syncs keep the options all the same. */
function withSyncOptions(
  schedule: z.output<ReturnType<typeof scheduleSchema>>,
  sync: SyncOptions | false,
): PipelineSchedule {
  if (schedule === 'manual' || schedule.by !== 'temporal') return schedule;
  return { ...schedule, sync: schedule.sync ?? (sync === false ? syncOptionsSchema().parse({}) : sync) };
}

function rejectDuplicates(streams: readonly z.output<typeof stream>[], context: z.RefinementCtx): void {
  const keys = streams.map(({ name, namespace }) => JSON.stringify([namespace, name]));
  for (const { index, first } of findDuplicates(keys)) {
    const message = `is the same stream as ${formatPath(['connection', 'streams', first])}`;
    context.addIssue({ code: 'custom', path: [index], message });
  }
}
