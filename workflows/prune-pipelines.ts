import { type PruneInput, type PruneResult, pruneInputSchema } from '../src/contract/pruning';
import { airbyteCalls } from './activity-options';
import { parseInput, toWorkflowFailure } from './failures';

/** How long each step is retried while Airbyte is out of reach. */
const STEP_MS = 5 * 60_000;

/**
 * Deletes the connections that the user has confirmed, and nothing else. It keeps a connection with a running job, one that
 * was renamed, and one that another pipeline has too. It never deletes sources or destinations.
 */
export async function prunePipelines(input: PruneInput, ...others: undefined[]): Promise<PruneResult> {
  const { pipelines, keep, confirmed } = parseInput(pruneInputSchema(), input, others);
  const airbyte = (purpose: string) => airbyteCalls(STEP_MS, purpose);
  try {
    const found = await airbyte('Find the connections that no document names').findUnnamedConnections({
      pipelines,
      keep,
    });
    const connections: PruneResult['connections'] = [];
    for (const { staysBecause, ...connection } of found) {
      const isConfirmed = staysBecause === null && confirmed.includes(connection.connectionId);
      const pruned = isConfirmed
        ? await airbyte(`Delete the connection ${connection.name}`).deleteUnnamedConnection({ connection, pipelines })
        : { ...connection, staysBecause };
      connections.push({ ...pruned, deleted: isConfirmed && pruned.staysBecause === null });
    }
    return { connections };
  } catch (error) {
    throw toWorkflowFailure(error);
  }
}
