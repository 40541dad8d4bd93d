import { sleep } from '@temporalio/workflow';
import { airbyteCalls } from './activity-options';
import { failure, hasType, toWorkflowFailure } from './failures';

/** How long a check is retried: Airbyte may be restarting just then. */
const CHECK_MS = 5 * 60_000;
const RECHECK_MS = 10_000;

/** What a worker has found out about its Airbyte. */
export interface AirbyteCheck {
  /** The name of the first workspace that the credentials may read; null if this Airbyte does not list its workspaces. */
  workspace: string | null;
}

/**
 * Checks that the worker which runs it can work: its Airbyte is reachable and available, and its credentials may read a workspace,
 * as `doctor` checks it. The Temporal Worker Controller runs it on a new version before the version gets any work. It takes
 * no input and changes nothing.
 *
 * Fails with `AirbyteUnavailable`, `AirbyteUnauthorized`, `AirbyteNotFound` (no workspace) or another type of the worker's calls.
 */
export async function checkAirbyte(): Promise<AirbyteCheck> {
  try {
    await untilAvailable();
    return { workspace: await readableWorkspace() };
  } catch (error) {
    throw toWorkflowFailure(error);
  }
}

async function untilAvailable(): Promise<void> {
  const deadline = Date.now() + CHECK_MS;
  for (;;) {
    const { available } = await airbyteCalls(CHECK_MS, 'Check that Airbyte is available').checkHealth();
    if (available) return;
    if (Date.now() >= deadline) throw failure('AirbyteUnavailable', 'Airbyte responds, but is not available.');
    await sleep(RECHECK_MS);
  }
}

async function readableWorkspace(): Promise<string | null> {
  try {
    return (await airbyteCalls(CHECK_MS, 'Check that the credentials may read a workspace').findWorkspace({})).name;
  } catch (error) {
    if (hasType(error, 'AirbyteUnsupported')) return null;
    throw error;
  }
}
