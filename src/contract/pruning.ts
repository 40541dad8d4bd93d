/** The input and the result of `prunePipelines`, which deletes connections that no document names any more. */
import { z } from 'zod';
import { airbyteIdSchema } from './airbyte-id';
import { workflowNameSchema } from './pipeline-document';
import { inputSchema } from './validation/input-schema';
import { strictObject } from './validation/schema-problems';

const id = airbyteIdSchema('of a connection');

/** The input of `prunePipelines`. */
export const pruneInputSchema = inputSchema(
  strictObject({
    pipelines: z
      .array(workflowNameSchema())
      .min(1, 'expected the name of at least one pipeline')
      .describe('The names of the pipelines.'),
    keep: z.array(id).describe('The ids of the connections that the documents of these pipelines still name.'),
    confirmed: z
      .array(id)
      .default([])
      .describe('The ids of the connections to delete. If it is empty, the workflow only finds the connections.'),
  }),
);

export type PruneInput = z.input<ReturnType<typeof pruneInputSchema>>;

/** A connection that an earlier run of a pipeline created, and that the pipeline's document no longer names. */
export interface OrphanedConnection {
  connectionId: string;
  /** The name of the connection when it was created. */
  name: string;
  /** The name of the pipeline. */
  pipeline: string;
}

/** A connection that no document names, and whether it can be deleted. */
export interface PruneCandidate extends OrphanedConnection {
  /** Why the connection is not deleted; null if it can be. */
  staysBecause: string | null;
}

export interface PruneResult {
  /** All connections that were found, also those that are not deleted. */
  connections: (PruneCandidate & { deleted: boolean })[];
}
