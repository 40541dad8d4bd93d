/** Workflows of a user's own worker. */
import { executeSyncChild } from '../../workflows';

export async function greet(name: string): Promise<string> {
  return `Hello ${name}`;
}

export async function syncAndCount(connectionId: string): Promise<number | null> {
  return (await executeSyncChild({ connectionId })).recordsSynced;
}
