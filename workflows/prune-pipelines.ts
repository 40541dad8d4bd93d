import { type PruneInput, type PruneResult, pruneInputSchema } from '../src/contract/pruning';
import { airbyteCalls } from './activity-options';
import { parseInput, toWorkflowFailure } from './failures';

/** How long an Airbyte that is out of reach is waited for, at each step. */
const STEP_MS = 5 * 60_000;

/**
 * Deletes the connections that were asked about before and agreed to, and nothing else. One with a running job stays, and
 * so does one that somebody has renamed or that another pipeline has too. Sources and destinations stay in any case.
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
      const wanted = staysBecause === null && confirmed.includes(connection.connectionId);
      const judged = wanted
        ? await airbyte(`Delete the connection ${connection.name}`).deleteUnnamedConnection({ connection, pipelines })
        : { ...connection, staysBecause };
      connections.push({ ...judged, deleted: wanted && judged.staysBecause === null });
    }
    return { connections };
  } catch (error) {
    throw toWorkflowFailure(error);
  }
}
