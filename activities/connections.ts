import type { Connection } from '../src/airbyte/schemas';
import type {
  AppliedConnection,
  ConnectionChanges,
  ConnectionSummary,
  ConnectionToPlan,
  DesiredConnection,
  PreparedConnection,
} from '../src/contract/connection';
import { DomainError } from '../src/contract/domain-error';
import type { PlannedConnection } from '../src/contract/pipeline-plan';
import { airbyteScheduleSchema } from '../src/contract/pipeline-schedule';
import type { Discoveries } from '../src/jobs/schema-discovery';
import { ConnectionPlanner, type SourceReader } from '../src/reconcile/connection-plan';
import { updateConnectionFields } from '../src/reconcile/connection-update';
import { ConnectionReconciler, type DiscoverSchema } from '../src/reconcile/connections';
import { listStreams } from '../src/reconcile/listing-limits';
import type { ReconcilePorts } from '../src/reconcile/ports';
import { readSyncCatalog } from '../src/reconcile/stream-selection';
import type { ActivityDependencies } from './dependencies';
import { planningPorts, reconcilePorts } from './reconcile-ports';

type ListedConnection = Omit<ConnectionSummary, 'streams' | 'moreStreams'>;

export function connectionActivities(
  { airbyte, secrets }: Pick<ActivityDependencies, 'airbyte' | 'secrets'>,
  discoveries: Discoveries,
) {
  const { connections } = airbyte;
  const discover: DiscoverSchema = (sourceId, isFresh) => discoveries.discover(sourceId, isFresh);
  const reader: SourceReader = {
    discover,
    discoverConfiguration: (input, signal) => discoveries.discoverConfiguration(input, signal),
  };
  const planner = (ports: ReconcilePorts) => new ConnectionPlanner(airbyte, reader, secrets, ports);
  const reconciler = () => new ConnectionReconciler(airbyte, discover, reconcilePorts());

  return {
    /** Finds the connection of a pipeline by its name, and creates it when there is none. */
    async createConnection(desired: DesiredConnection): Promise<ConnectionSummary & { created: boolean }> {
      const { connection, created } = await reconciler().findOrCreate(desired);
      return { ...summarise(connection), created };
    },

    async getConnection({ connectionId }: { connectionId: string }): Promise<ConnectionSummary> {
      return summarise(await connections.get(connectionId));
    },

    async listConnections({ workspaceId }: { workspaceId: string }): Promise<ListedConnection[]> {
      return (await connections.list(workspaceId)).map(summariseWithoutStreams);
    },

    /** @throws DomainError `InvalidInput` when a document could not have the schedule */
    async updateConnection({ connectionId, schedule, ...fields }: ConnectionChanges): Promise<ConnectionSummary> {
      const { error } = airbyteScheduleSchema().optional().safeParse(schedule);
      if (error) {
        const problems = error.issues.map(({ message }) => message).join('; ');
        throw new DomainError('InvalidInput', `schedule: ${problems}`);
      }
      return summarise(await updateConnectionFields(connections, connectionId, fields, schedule));
    },

    /** Finds, creates or changes the connection of a pipeline. */
    async applyConnection(desired: DesiredConnection): Promise<AppliedConnection> {
      return reconciler().apply(desired);
    },

    /** Finds out what `applyConnection` would do, and what else a user should know. It changes nothing. */
    async planConnection(desired: ConnectionToPlan): Promise<{ connection: PlannedConnection; notes: string[] }> {
      return planner(planningPorts(desired.pipeline)).plan(desired);
    },

    /** Finds out what the `applyConnection` that follows will do, and fails where that would fail. It changes nothing. */
    async prepareConnection(desired: ConnectionToPlan): Promise<PreparedConnection> {
      return planner(planningPorts(desired.pipeline)).prepare(desired);
    },
  };
}

function summarise(connection: Connection): ConnectionSummary {
  return { ...summariseWithoutStreams(connection), ...listStreams(readSyncCatalog(connection.syncCatalog)) };
}

function summariseWithoutStreams(connection: Connection): ListedConnection {
  const { connectionId, name, status, sourceId, destinationId } = connection;
  return { connectionId, name, status, sourceId, destinationId };
}
