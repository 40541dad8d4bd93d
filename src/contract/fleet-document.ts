/** The document of a fleet, and the input of `syncFleet`: many connections, their dependencies and limits. */
import { z } from 'zod';
import { duplicateProblems, parseDependencies } from './fleet-dependencies';
import { plainTextSchema, workflowNameSchema } from './pipeline-document';
import { syncOptionsSchema } from './sync-options';
import { fleetScheduleSchema } from './temporal-schedule';
import { inputSchema } from './validation/input-schema';
import { strictObject } from './validation/schema-problems';

/** The outcomes of all connections must fit into one result of at most 2 MB, Temporal's limit. */
export const MAXIMUM_CONNECTIONS = 5_000;
/** The dependencies must fit into the progress, which has the same limit. */
const MAXIMUM_DEPENDENCIES = 10_000;
/** When a fleet's history is long, its running syncs must end before it reaches Temporal's limit. So many add few enough events. */
const MAXIMUM_CONCURRENT = 500;

const plainText = plainTextSchema();

const dependencies = z
  .union([plainText, z.array(plainText)], { error: 'expected a connection, or a list of connections' })
  .transform((given) => [given].flat());

const member = z
  .union(
    [
      plainText,
      strictObject({
        connection: plainText.describe('The id or name of the connection.'),
        dependsOn: dependencies
          .default([])
          .describe(
            'The connections that must succeed before this one starts, each by the id or name that this document uses.',
          ),
      }),
    ],
    { error: 'expected the id or name of a connection, or { connection, dependsOn }' },
  )
  .transform((given) => (typeof given === 'string' ? { connection: given, dependsOn: [] } : given));

const select = strictObject({
  workspace: plainText
    .optional()
    .describe('The Airbyte workspace, by id or name. If left out: the only one, or the first of several.'),
  namePattern: plainText
    .optional()
    .describe('A pattern for the names of the connections; * stands for any text. If left out, every name matches.'),
  tags: z
    .array(plainText)
    .min(1, 'expected at least one tag')
    .optional()
    .describe(
      'The names of tags in Airbyte: a connection must have at least one of them. Airbyte supports tags since 1.6.',
    ),
});

const fields = {
  connections: z
    .array(member)
    .min(1, 'expected at least one connection')
    .max(MAXIMUM_CONNECTIONS, `expected at most ${MAXIMUM_CONNECTIONS} connections; split them into several fleets`)
    .optional()
    .describe('The connections to sync, each by its id or name.'),
  select: select
    .optional()
    .describe('Which active connections of a workspace to sync, instead of a list: all, or those that match.'),
  dependsOn: z
    .record(z.string(), dependencies)
    .default({})
    .describe(
      'For each connection, the connections that must succeed before it starts, by the ids or names that this document uses.',
    ),
  maxConcurrent: z
    .int()
    .min(1, 'expected at least 1')
    .max(MAXIMUM_CONCURRENT, `expected at most ${MAXIMUM_CONCURRENT}`)
    .default(10)
    .describe('How many connections may sync at the same time.'),
  onFailure: z
    .enum(['continue', 'stop'])
    .default('continue')
    .describe(
      'What happens to the other connections when one fails. continue: those that do not depend on it still run. stop: running syncs finish, and no more start.',
    ),
  sync: syncOptionsSchema().prefault({}).describe('The options of each sync.'),
};

type Fields = z.output<z.ZodObject<typeof fields>>;

function check({ connections, select, dependsOn }: Fields, context: z.RefinementCtx): void {
  const add = (path: readonly PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path: [...path], message });
  if (connections !== undefined && select !== undefined)
    add(['select'], 'cannot be combined with connections; remove one of them');
  if (connections === undefined && select === undefined) {
    add(['connections'], 'is missing: expected a list of connections, or select');
  }
  const declared = [...Object.values(dependsOn), ...(connections ?? []).map((each) => each.dependsOn)];
  if (declared.reduce((count, list) => count + list.length, 0) > MAXIMUM_DEPENDENCIES) {
    add(['dependsOn'], `expected at most ${MAXIMUM_DEPENDENCIES} dependencies`);
    return;
  }
  // Only the worker knows which connections a selection matches.
  if (connections === undefined || select !== undefined) return;
  const names = connections.map(({ connection }) => connection);
  const duplicates = duplicateProblems(names);
  const order =
    duplicates.length > 0
      ? []
      : parseDependencies(
          { connections, dependsOn },
          names.map((name) => [name]),
        ).problems;
  for (const { path, message } of [...duplicates, ...order]) add(path, message);
}

const $schema = z.string().optional().describe('The JSON Schema for editors. temporal-airbyte ignores it.');

/** The input of `syncFleet`: a fleet's document, in which `name` may stand for `fleet`. */
export const fleetInputSchema = inputSchema(
  strictObject({
    $schema,
    name: workflowNameSchema()
      .optional()
      .describe('The name of the fleet. If left out, the fleet has the name of its workflow.'),
    fleet: workflowNameSchema().optional().describe('The same as name; documents use this key.'),
    ...fields,
    schedule: fleetScheduleSchema()
      .optional()
      .describe(
        'When Temporal starts the fleet. The workflow ignores it: `temporal-airbyte apply` and `run` set up the schedule.',
      ),
  })
    .superRefine(check)
    .superRefine(({ name, fleet }, context) => {
      if (name === undefined || fleet === undefined || name === fleet) return;
      context.addIssue({
        code: 'custom',
        path: ['fleet'],
        message: 'differs from name; remove one of them',
      });
    })
    .transform(({ $schema: _, schedule: __, fleet, name = fleet, ...options }) => ({
      ...(name !== undefined && { name }),
      ...options,
    })),
);

/** The document of a fleet: its connections, their dependencies, and how many may sync at the same time. */
export const fleetDocumentSchema = inputSchema(
  strictObject({
    $schema,
    fleet: workflowNameSchema().describe('The name of the fleet. Its workflow has the id airbyte-fleet:<name>.'),
    ...fields,
    schedule: fleetScheduleSchema()
      .optional()
      .describe('When Temporal starts the fleet. If left out, only its users and other workflows start it.'),
  })
    .superRefine(check)
    .transform(({ $schema: _, fleet, ...document }) => ({ name: fleet, ...document }))
    .describe('Many connections that sync together, in the order of their dependencies.'),
);

/** The input of `syncFleet` as a caller writes it: fields with a default may be left out. */
export type FleetInput = z.input<ReturnType<typeof fleetInputSchema>>;
/** The input of `syncFleet` with the defaults applied. */
export type FleetOptions = z.output<ReturnType<typeof fleetInputSchema>>;
/** A checked fleet document with its defaults applied, as `syncFleet` accepts it. `syncFleet` ignores the schedule. */
export type FleetDocument = z.output<ReturnType<typeof fleetDocumentSchema>>;
export type FleetSelection = NonNullable<FleetOptions['select']>;
