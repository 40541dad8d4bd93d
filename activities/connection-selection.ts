import { log } from '@temporalio/activity';
import type { FoundConnection } from '../src/contract/connection';
import type { FleetSelection } from '../src/contract/fleet-document';
import { ConnectionSelection } from '../src/reconcile/lookup/connection-selection';
import type { ActivityDependencies } from './dependencies';

export function connectionSelectionActivities({ airbyte }: Pick<ActivityDependencies, 'airbyte'>) {
  const selection = new ConnectionSelection(airbyte, log);
  return {
    /** Finds the connections that a fleet lists by id or exact name, in the order of the list. */
    async findConnections({ connections }: { connections: string[] }): Promise<FoundConnection[]> {
      return selection.find(connections);
    },

    /** Selects the active connections of a workspace by name and tags, for a fleet. */
    async selectConnections(fleetSelection: FleetSelection): Promise<FoundConnection[]> {
      return selection.select(fleetSelection);
    },
  };
}
