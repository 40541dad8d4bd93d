import type { Client, ScheduleClient } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defaultDataConverter, toPayloads } from '@temporalio/common';

/**
 * What activities ask of Temporal: the runs of a workflow, with what they have noted in their memo, the workflows of a
 * connection, the schedules of connections, and the locks of creations.
 *
 * @param locks the ids of the locks that are taken, with their owners
 * @param documents what each of the runs was started with
 */
export function clientWithRuns(
  memos: readonly Record<string, unknown>[],
  schedule: ScheduleClient,
  workflowsOfConnections: Readonly<Record<string, string[]>> = {},
  locks = new Map<string, unknown>(),
  heartbeat: (taskToken: Uint8Array, details: unknown) => Promise<void> = async () => undefined,
  documents: readonly unknown[] = [],
): Client {
  const list = async function* ({ query }: { query: string }) {
    const [, connectionId] = /AirbyteConnectionId (?:= |IN \()'([^']*)'/.exec(query) ?? [];
    const [, ownId] = /WorkflowId IN \('([^']*)'/.exec(query) ?? [];
    const [, taskQueue] = /TaskQueue = '([^']*)'/.exec(query) ?? [];
    if (connectionId === undefined)
      for (const [index, memo] of memos.entries()) yield { workflowId: ownId, taskQueue, memo, runId: `run-${index}` };
    else for (const workflowId of workflowsOfConnections[connectionId] ?? []) yield { workflowId, taskQueue };
  };
  const start = async (type: string, { workflowId, memo }: { workflowId: string; memo: { owner: unknown } }) => {
    if (locks.has(workflowId)) throw new WorkflowExecutionAlreadyStartedError('is taken', workflowId, type);
    locks.set(workflowId, memo.owner);
    return { firstExecutionRunId: 'run' };
  };
  const getHandle = (workflowId: string) => ({
    signal: async () => locks.delete(workflowId),
    describe: async () => ({
      status: { name: locks.has(workflowId) ? 'RUNNING' : 'COMPLETED' },
      memo: { owner: locks.get(workflowId) },
      runId: 'run',
    }),
    result: async () => undefined,
  });
  const getWorkflowExecutionHistory = async ({ execution }: { execution: { runId: string } }) => {
    const document = documents[Number(execution.runId.replace('run-', ''))];
    const payloads = document === undefined ? [] : toPayloads(defaultDataConverter.payloadConverter, document);
    return { history: { events: [{ workflowExecutionStartedEventAttributes: { input: { payloads } } }] } };
  };
  const withAbortSignal = (_signal: AbortSignal, run: () => unknown) => run();
  const activity = { heartbeat };
  return {
    ...{ workflow: { list, start, getHandle }, schedule, activity, withAbortSignal },
    ...{ workflowService: { getWorkflowExecutionHistory } },
    options: { namespace: 'default', loadedDataConverter: defaultDataConverter },
  } as unknown as Client;
}
