import { randomUUID } from 'node:crypto';
import type { PruneInput, PruneResult } from '../../src/contract/pruning';
import { pruneWorkflowId } from '../../src/contract/workflow-ids';
import { formatCount } from '../../src/text/formatting';
import { CliError } from '../cli-error';
import { withTemporal } from '../command-context';
import type { Output } from '../render/output';
import { askForConfirmation } from './confirmation';
import { runShortWorkflow } from './run-short-workflow';

/** @throws CliError when the user must confirm the deletion but there is no terminal to ask on */
export function requireConfirmation({ terminal }: Output, yes: boolean): void {
  if (yes || terminal.canAsk) return;
  throw CliError.badInput(
    '--prune deletes connections, and there is no terminal here to ask on. Add --yes to delete without asking.',
  );
}

/**
 * Deletes the connections that earlier runs of the pipelines created and that the documents no longer name. Lists them and
 * asks first.
 *
 * @param yes delete without asking
 */
export async function prune(
  output: Output,
  input: Omit<PruneInput, 'confirmed'>,
  yes: boolean,
): Promise<PruneResult['connections']> {
  return withTemporal(output.terminal.env, async (temporal) => {
    const run = (pruneInput: PruneInput) =>
      runShortWorkflow<PruneInput, PruneResult>(temporal, output, {
        workflowType: 'prunePipelines',
        workflowIdOn: (taskQueue) => pruneWorkflowId(randomUUID(), taskQueue),
        input: pruneInput,
        kind: 'prune',
        summary: `Connections that no document names any longer: ${input.pipelines.join(', ')}`,
      });
    const { connections } = await run(input);
    const prunable = connections.filter(({ staysBecause }) => staysBecause === null);
    for (const connection of connections) output.note(describeFound(connection));
    if (prunable.length === 0) {
      output.note('There is nothing to prune.');
      return connections;
    }
    const question = `Delete ${formatCount(prunable.length, 'connection')} in Airbyte? The data that they have synced stays in the destination. [y/N] `;
    if (!yes && !(await askForConfirmation(question))) {
      output.note('Nothing was deleted.');
      return connections;
    }
    return (await run({ ...input, confirmed: prunable.map(({ connectionId }) => connectionId) })).connections;
  });
}

/** `deleted the connection 'orders → lake' (id)`, one line for each connection. */
export function describePruned(connections: PruneResult['connections']): string[] {
  return connections.map(({ deleted, name, connectionId, staysBecause }) => {
    const why = staysBecause === null ? '' : `: ${staysBecause}`;
    return `${deleted ? 'deleted' : 'left'} the connection '${name}' (${connectionId})${why}`;
  });
}

function describeFound({ name, connectionId, pipeline, staysBecause }: PruneResult['connections'][number]): string {
  const which = `the connection '${name}' (${connectionId}), created by an earlier run of the pipeline '${pipeline}'`;
  return staysBecause === null ? `Will be deleted: ${which}.` : `Not deleted: ${which}: ${staysBecause}.`;
}
