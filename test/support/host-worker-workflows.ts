/** Workflows of a user's own worker. */
import { ApplicationFailure, ChildWorkflowFailure } from '@temporalio/workflow';
import { executeSyncChild, FAILURE_TYPES, type SyncConnectionInput } from '../../workflows';

export async function greet(name: string): Promise<string> {
  return `Hello ${name}`;
}

/** @param taskQueue left out: that of this workflow */
export async function syncAndCount(connectionId: string, taskQueue?: string): Promise<number | null> {
  return (await executeSyncChild({ connectionId }, taskQueue === undefined ? {} : { taskQueue })).recordsSynced;
}

/** Returns the type of the failure of a sync, which must be one of the public types. */
export async function failureTypeOf(input: SyncConnectionInput, taskQueue: string): Promise<string | undefined> {
  try {
    await executeSyncChild(input, { taskQueue });
    return undefined;
  } catch (error) {
    const cause = error instanceof ChildWorkflowFailure ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure)) throw error;
    return FAILURE_TYPES.find((type) => type === cause.type);
  }
}
