import type { Client, ScheduleClient } from '@temporalio/client';

/**
 * What activities ask of Temporal: the runs of a workflow, with what they have noted in their memo, the workflows of a
 * connection, and the schedules of connections.
 */
export function clientWithRuns(
  memos: readonly Record<string, unknown>[],
  schedule: ScheduleClient,
  workflowsOfConnections: Readonly<Record<string, string[]>> = {},
): Client {
  const list = async function* ({ query }: { query: string }) {
    const [, connectionId] = /AirbyteConnectionId = "(.*)"/.exec(query) ?? [];
    if (connectionId === undefined) for (const memo of memos) yield { memo };
    else for (const workflowId of workflowsOfConnections[connectionId] ?? []) yield { workflowId };
  };
  const withAbortSignal = (_signal: AbortSignal, run: () => unknown) => run();
  return { workflow: { list }, schedule, withAbortSignal } as unknown as Client;
}
