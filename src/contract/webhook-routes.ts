/** The file of webhook routes: which workflows start when syncs have ended. */
import { z } from 'zod';
import type { JobIdentity, MovedCounts } from './job-outcome';
import { plainTextSchema } from './pipeline-document';
import { connectionIdSchema } from './sync-options';
import { inputSchema } from './validation/input-schema';
import { strictObject } from './validation/schema-problems';

const MAXIMUM_ROUTES = 1_000;

const plainText = plainTextSchema();

const route = strictObject({
  connection: connectionIdSchema().optional().describe('The id of the connection.'),
  namePattern: plainText.optional().describe('A pattern for the names of the connections; * stands for any text.'),
  tag: plainText
    .optional()
    .describe('The name of a tag that the connections have in Airbyte. Airbyte supports tags since 1.6.'),
  on: z
    .enum(['success', 'failure', 'end'])
    .default('success')
    .describe(
      'Whether the workflow starts after syncs that succeeded, that failed, or both. A cancelled sync starts none.',
    ),
  workflow: plainText.describe(
    'The type of the workflow to start. Its argument is a JSON object that describes the sync.',
  ),
  taskQueue: plainText.describe('The task queue of the workers that run it.'),
}).superRefine(({ connection, namePattern, tag }, context) => {
  if (connection === undefined && namePattern === undefined && tag === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['connection'],
      message: "is missing: expected connection, namePattern or tag (namePattern: '*' stands for every connection)",
    });
  }
});

/** The schema of the file of routes. */
export const webhookRoutesSchema = inputSchema(
  strictObject({
    $schema: z.string().optional().describe('The JSON Schema for editors. temporal-airbyte ignores it.'),
    routes: z
      .array(route)
      .min(1, 'expected at least one route')
      .max(MAXIMUM_ROUTES, `expected at most ${MAXIMUM_ROUTES} routes`)
      .describe('A sync that several routes match starts a workflow for each of them.'),
  }),
);

/** Which workflow starts when syncs of some connections have ended. All criteria that are given must match. */
export type WebhookRoute = z.output<ReturnType<typeof webhookRoutesSchema>>['routes'][number];

/** The argument of a workflow that a route starts. */
export interface EndedSync extends JobIdentity, MovedCounts {
  connectionId: string;
  /** Left out if no route needed it. */
  connectionName?: string;
  recordsRejected: number;
  /** ISO 8601; null if Airbyte does not report it. */
  startedAt: string | null;
  endedAt: string | null;
  /** Why the sync failed, if Airbyte reports a reason. */
  failure?: { origin?: string | undefined; type?: string | undefined; message: string };
}
