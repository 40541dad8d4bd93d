import { z } from 'zod';
import { airbyteIdSchema } from './airbyte-id';
import { workflowNameSchema } from './pipeline-document';
import { inputSchema } from './validation/input-schema';
import { strictObject } from './validation/schema-problems';

const id = airbyteIdSchema('of a connection');

/** What `prunePipelines` takes. */
export const pruneInputSchema = inputSchema(
  strictObject({
    pipelines: z
      .array(workflowNameSchema())
      .min(1, 'expected the name of a pipeline')
      .describe('The names of the pipelines.'),
    keep: z.array(id).describe('The ids of the connections that their documents name.'),
    confirmed: z.array(id).default([]).describe('The ids that somebody has agreed to delete; none: only find.'),
  }),
);

export type PruneInput = z.input<ReturnType<typeof pruneInputSchema>>;

/** A connection that an earlier run of a pipeline has created, and that the pipeline's document names no more. */
export interface OrphanedConnection {
  connectionId: string;
  /** The name that it was created with. */
  name: string;
  /** The name of the pipeline. */
  pipeline: string;
}

/** The same with what may become of it. */
export interface PruneCandidate extends OrphanedConnection {
  /** Why it stays; null when nothing speaks against its deletion. */
  staysBecause: string | null;
}

export interface PruneResult {
  /** Everything that was found, what stays among it. */
  connections: (PruneCandidate & { deleted: boolean })[];
}
