import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { EndedSync, WebhookRoute } from '../../src/contract/webhook-routes';
import { routedWorkflowId } from '../../src/contract/workflow-ids';
import { RPC_TIMEOUT_MS, withTimeout } from '../../src/temporal/call-timeout';

export interface RouteStarterOptions {
  /** Returns the worker's current client. */
  client(): Client;
  /** The task queue of the workers for this Airbyte. */
  taskQueue: string;
  logger: Pick<Console, 'info'>;
}

/**
 * Makes a function that starts the workflow of a route for a sync that has ended. The workflow's id contains the job's, and
 * Temporal rejects an id that it knows: so each job starts it once, however many workers try.
 */
export function routeStarter({ client, taskQueue, logger }: RouteStarterOptions) {
  return async (route: WebhookRoute, sync: EndedSync): Promise<void> => {
    const workflowId = routedWorkflowId(sync, route.workflow, taskQueue);
    const { workflow, connection } = client();
    try {
      await withTimeout(connection, RPC_TIMEOUT_MS, () =>
        workflow.start(route.workflow, {
          workflowId,
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          taskQueue: route.taskQueue,
          args: [sync],
          staticSummary: `After job ${sync.jobId} of connection ${sync.connectionId}, which has ${sync.status}`,
        }),
      );
      logger.info(`Started ${route.workflow} after job ${sync.jobId} (${workflowId})`);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  };
}
