/** The pipeline document, which is also the input of `runPipeline`: a source, a destination, what to sync, and when. */
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
import { requiredEnum, strictObject } from './validation/schema-problems';

/** The values of the Config API's `DestinationSyncMode`. A destination may support only some of them. */
const DESTINATION_SYNC_MODES = [
  'append',
  'overwrite',
  'append_dedup',
  'overwrite_dedup',
  'update',
  'soft_delete',
] as const;

const SCHEMA_CHANGES_POLICIES = ['ignore', 'propagate', 'fail'] as const satisfies readonly SchemaChangesPolicy[];

/** The name becomes part of the workflow id `airbyte-pipeline:<name>`, for which Temporal's limit is 1,000 bytes. */
const NAME_LIMIT = 200;

/** The limit of texts outside of configurations, such as the name of a stream or a namespace. */
const TEXT_LIMIT = 1_000;

/** A text outside of configurations. References to secrets resolve only in configurations, so the schema rejects them here. */
const plainText = z
  .string()
  .regex(/\S/, { error: 'must not be empty', abort: true })
  .max(TEXT_LIMIT, `expected at most ${TEXT_LIMIT} characters`)
  .refine((text) => !/\$\{(?:env|file):/i.test(text), {
    error: 'contains a reference to a secret; references resolve only in configurations',
  });

/** The name of an object in Airbyte. */
const name = plainText.refine((text) => text === text.trim(), {
  error: 'expected a name without blanks at the beginning and the end',
});

/** A name that becomes part of workflow ids and of queries to Temporal. */
const workflowName = name
  .max(NAME_LIMIT, `expected at most ${NAME_LIMIT} characters`)
  .refine((text) => !/\p{Cc}/u.test(text), {
    error: 'contains a control character; remove it',
  });

/** The same schemas for other documents. */
export const plainTextSchema = schemaGetter(plainText);
export const workflowNameSchema = schemaGetter(workflowName);

/** JSON parsers round such a number, so the connector would get another one than the document has. */
const ROUNDED_NUMBER = 'is beyond 2^53, where whole numbers lose digits; write it in quotes';

/** A connector's configuration: any JSON object whose secrets are references, not literals. */
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
  "The connector's settings, with the connector's own keys. Write references in place of secrets: ${env:SECRET_NAME} or ${file:name}.";
const definitionText =
  'The connector definition: its id, its exact name, or a part of the name that no other definition contains.';

const source = strictObject({
  name: name.describe('The name of the source in Airbyte. If the workspace has no source of this name, it is created.'),
  definition: plainText.describe(definitionText),
  configuration: configuration.describe(configurationText),
});

const destination = strictObject({
  name: name.describe(
    'The name of the destination in Airbyte. If the workspace has no destination of this name, it is created.',
  ),
  definition: plainText.describe(definitionText),
  configuration: configuration.describe(configurationText),
});

const fieldName = z
  .string()
  .min(1, 'expected the name of a field')
  .max(TEXT_LIMIT, `expected at most ${TEXT_LIMIT} characters`);

const stream = strictObject({
  name: plainText.describe(
    'The name of the stream: a table, a collection, an endpoint. With * for any text (order_*), it is a pattern for every ' +
      'stream of the source that matches and is not listed by its name. If two patterns match, the first one applies.',
  ),
  namespace: plainText
    .optional()
    .describe(
      'The namespace of the stream (in Postgres, the schema), or a pattern with *. It is required if two streams have ' +
        'the same name.',
    ),
  syncMode: requiredEnum(['full_refresh', 'incremental']).describe(
    'full_refresh reads all records in each sync; incremental reads only records that are new since the last sync.',
  ),
  destinationSyncMode: requiredEnum(DESTINATION_SYNC_MODES).describe(
    'What a sync does with the rows that are already in the destination.',
  ),
  cursorField: z
    .union([fieldName, z.array(fieldName).min(1, 'expected at least one name')], {
      error: 'expected the name of a field, or the path of a nested field as a list of names',
    })
    .optional()
    .describe(
      'The field by which an incremental sync finds new records. A list of names is the path of a nested field.',
    ),
  primaryKey: z
    .union([z.array(fieldName).min(1), z.array(z.array(fieldName).min(1)).min(1)], {
      error: 'expected a list of field names ([id]), or of paths of nested fields ([[account, id]])',
    })
    .optional()
    .describe('The fields that identify a record: [id]. A list within the list is the path of a nested field.'),
});

const connection = strictObject({
  name: name.optional().describe('The name of the connection in Airbyte. If left out: <source> → <destination>.'),
  namespaceDefinition: z
    .enum(['source', 'destination', 'customformat'])
    .default('destination')
    .describe(
      'The namespace in the destination: that of the source, the default of the destination, or namespaceFormat.',
    ),
  namespaceFormat: z
    .string()
    .min(1, 'must not be empty')
    .optional()
    .describe('The namespace for customformat; ${SOURCE_NAMESPACE} stands for the namespace of the source.'),
  prefix: z.string().optional().describe('A prefix for the name of each stream in the destination.'),
  status: z.enum(['active', 'inactive']).default('active').describe('An inactive connection does not sync.'),
  schedule: scheduleSchema()
    .default('manual')
    .describe('When syncs start. Airbyte starts them or, with by: temporal, Temporal. manual: only on request.'),
  schemaChanges: z
    .enum(SCHEMA_CHANGES_POLICIES)
    .optional()
    .describe(
      "What to do when the source's schema has changed. ignore only reports the changes. propagate applies new, removed and " +
        'changed fields to the connection. fail fails before the sync, and makes Airbyte disable the connection when ' +
        "Airbyte detects a change. If left out, Airbyte's setting stays.",
    ),
  streams: z
    .array(stream)
    .min(1, 'expected at least one stream')
    .superRefine(rejectDuplicates)
    .describe('The streams to sync. Other streams are not synced.'),
}).superRefine(({ namespaceDefinition, namespaceFormat }, context) => {
  if (namespaceDefinition === 'customformat' && namespaceFormat === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['namespaceFormat'],
      message: 'is missing: namespaceDefinition: customformat requires it',
    });
  }
  if (namespaceDefinition !== 'customformat' && namespaceFormat !== undefined) {
    const message =
      'has an effect only with namespaceDefinition: customformat; remove it, or change namespaceDefinition';
    context.addIssue({ code: 'custom', path: ['namespaceFormat'], message });
  }
});

/** The schema of a pipeline document. */
export const pipelineDocumentSchema = inputSchema(
  strictObject({
    $schema: z.string().optional().describe('The JSON Schema for editors. temporal-airbyte ignores it.'),
    name: workflowName.describe('The name of the pipeline. Its workflow has the id airbyte-pipeline:<name>.'),
    workspace: plainText
      .optional()
      .describe('The Airbyte workspace, by id or name. If left out: the only one, or the first of several.'),
    source: source.describe('The source.'),
    destination: destination.describe('The destination.'),
    connection: connection.describe('The connection: what to sync, how, and when.'),
    sync: z
      .union([syncOptionsSchema(), z.literal(false)], { error: 'expected the options of the sync, or false' })
      .prefault({})
      .describe('The options of the sync that follows. false: only apply the document.'),
    takeOver: z
      .boolean()
      .optional()
      .describe(
        'Whether this pipeline takes over the objects that it would change and that another pipeline manages. If left out, the run fails instead.',
      ),
  })
    .transform(({ $schema: _, ...document }) => ({
      ...document,
      connection: {
        ...document.connection,
        name: document.connection.name ?? `${document.source.name} → ${document.destination.name}`,
        schedule: withScheduleSyncOptions(document.connection.schedule, document.sync),
      },
    }))
    .describe('A pipeline from one Airbyte source to one destination.'),
);

/** A pipeline document as it is written: fields with a default may be left out. */
export type PipelineDocumentInput = z.input<ReturnType<typeof pipelineDocumentSchema>>;
/** A checked pipeline document with its defaults applied. Checking it again changes nothing. */
export type PipelineDocument = z.output<ReturnType<typeof pipelineDocumentSchema>>;
export type PipelineStream = PipelineDocument['connection']['streams'][number];

/** A stream's cursor as Airbyte's API expects it: the path of the field. */
export function cursorPath({ cursorField }: PipelineStream): string[] | undefined {
  return typeof cursorField === 'string' ? [cursorField] : cursorField;
}

/** A stream's primary key as Airbyte's API expects it: the path of each of its fields. */
export function primaryKeyPaths({ primaryKey }: PipelineStream): string[][] | undefined {
  return primaryKey?.map((field) => (typeof field === 'string' ? [field] : field));
}

/** Gives a Temporal schedule the sync options of its document, or the defaults if the document's `sync` is false. */
function withScheduleSyncOptions(
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
