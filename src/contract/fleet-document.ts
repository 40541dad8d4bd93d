import { z } from 'zod';
import { duplicateProblems, parseDependencies } from './fleet-dependencies';
import { plainTextSchema, workflowNameSchema } from './pipeline-document';
import { syncOptionsSchema } from './sync-options';
import { inputSchema } from './validation/input-schema';
import { strictObject } from './validation/schema-problems';

/** What is told of each has to fit into one result, of which Temporal takes 2 MB. */
export const MAXIMUM_CONNECTIONS = 5_000;
/** The same for what is told of the order. */
const MAXIMUM_DEPENDENCIES = 10_000;
/** What still runs when a fleet's history has become long has to end before that has become too long. */
const MAXIMUM_CONCURRENT = 500;

const plainText = plainTextSchema();

const dependencies = z
  .union([plainText, z.array(plainText)], { error: 'expected a connection, or a list of them' })
  .transform((given) => [given].flat());

const member = z
  .union(
    [
      plainText,
      strictObject({
        connection: plainText.describe('The id or name of the connection.'),
        dependsOn: dependencies
          .default([])
          .describe('The connections that have to have succeeded before this one starts, as they are called here.'),
      }),
    ],
    { error: 'expected the id or name of a connection, or { connection, dependsOn }' },
  )
  .transform((given) => (typeof given === 'string' ? { connection: given, dependsOn: [] } : given));

const select = strictObject({
  workspace: plainText
    .optional()
    .describe('The Airbyte workspace, by id or name; left out: the only one there is, else the first.'),
  namePattern: plainText
    .optional()
    .describe('Which names the connections have; * stands for any text, all else for itself. Left out: any name.'),
  tags: z
    .array(plainText)
    .min(1, 'expected at least one tag')
    .optional()
    .describe('The names of tags in Airbyte: a connection has to have one of them. Airbyte has tags since 1.6.'),
});

const fields = {
  connections: z
    .array(member)
    .min(1, 'expected at least one connection')
    .max(MAXIMUM_CONNECTIONS, `expected at most ${MAXIMUM_CONNECTIONS} connections; make several fleets of them`)
    .optional()
    .describe('The connections to sync, each by its id or name.'),
  select: select
    .optional()
    .describe('Which connections of a workspace to sync, instead of a list of them: the active ones, all or some.'),
  dependsOn: z
    .record(z.string(), dependencies)
    .default({})
    .describe('For a connection those that have to have succeeded before it starts, each as it is called elsewhere.'),
  maxConcurrent: z
    .int()
    .min(1, 'expected at least 1')
    .max(MAXIMUM_CONCURRENT, `expected at most ${MAXIMUM_CONCURRENT}`)
    .default(10)
    .describe('How many connections are synced at once, at most.'),
  onFailure: z
    .enum(['continue', 'stop'])
    .default('continue')
    .describe(
      'What becomes of the others when one fails: those that do not depend on it go on, or those that run are waited for and no more are started.',
    ),
  sync: syncOptionsSchema().prefault({}).describe('The options of each sync.'),
};

type Fields = z.output<z.ZodObject<typeof fields>>;

function check({ connections, select, dependsOn }: Fields, context: z.RefinementCtx): void {
  const add = (path: readonly PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path: [...path], message });
  if (connections !== undefined && select !== undefined) add(['select'], 'cannot stand beside connections');
  if (connections === undefined && select === undefined) {
    add(['connections'], 'is missing: expected a list of connections, or select');
  }
  const written = [...Object.values(dependsOn), ...(connections ?? []).map((each) => each.dependsOn)];
  if (written.reduce((count, list) => count + list.length, 0) > MAXIMUM_DEPENDENCIES) {
    add(['dependsOn'], `expected at most ${MAXIMUM_DEPENDENCIES} dependencies`);
    return;
  }
  // What a selection comes to, only the worker finds out.
  if (connections === undefined || select !== undefined) return;
  const names = connections.map(({ connection }) => connection);
  const twice = duplicateProblems(names);
  const order =
    twice.length > 0
      ? []
      : parseDependencies(
          { connections, dependsOn },
          names.map((name) => [name]),
        ).problems;
  for (const { path, message } of [...twice, ...order]) add(path, message);
}

const $schema = z.string().optional().describe('The JSON Schema that an editor checks the document with. Not used.');

/** What `syncFleet` takes: a fleet's document as it is written, or with `name` for its `fleet`. */
export const fleetInputSchema = inputSchema(
  strictObject({
    $schema,
    name: workflowNameSchema().optional().describe('What the fleet is called; left out: as its workflow.'),
    fleet: workflowNameSchema().optional().describe('The same, as a document calls it.'),
    ...fields,
  })
    .superRefine(check)
    .superRefine(({ name, fleet }, context) => {
      if (name === undefined || fleet === undefined || name === fleet) return;
      context.addIssue({
        code: 'custom',
        path: ['fleet'],
        message: 'is another name than that of name; give one of them',
      });
    })
    .transform(({ $schema: _, fleet, name = fleet, ...options }) => ({
      ...(name !== undefined && { name }),
      ...options,
    })),
);

/** A fleet as people write it: many connections, an order among them, and how many at once. */
export const fleetDocumentSchema = inputSchema(
  strictObject({
    $schema,
    fleet: workflowNameSchema().describe('The name of the fleet. Its workflow has the id airbyte-fleet:<name>.'),
    ...fields,
  })
    .superRefine(check)
    .transform(({ $schema: _, fleet, ...document }) => ({ name: fleet, ...document }))
    .describe('Many connections that are synced together, in an order.'),
);

/** What a caller of `syncFleet` writes: what has a default may be left out. */
export type FleetInput = z.input<ReturnType<typeof fleetInputSchema>>;
/** The input of `syncFleet` with the defaults applied. */
export type FleetOptions = z.output<ReturnType<typeof fleetInputSchema>>;
/** A checked fleet document, as `syncFleet` takes it. */
export type FleetDocument = z.output<ReturnType<typeof fleetDocumentSchema>>;
export type FleetSelection = NonNullable<FleetOptions['select']>;
