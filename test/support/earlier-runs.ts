import type { Client, ScheduleClient } from '@temporalio/client';

/**
 * What activities ask of Temporal: the runs of their workflow, with what they have noted in their memo, and the schedules
 * of connections.
 */
export function clientWithRuns(memos: readonly Record<string, unknown>[], schedule: ScheduleClient): Client {
  const list = async function* () {
    for (const memo of memos) yield { memo };
  };
  const withAbortSignal = (_signal: AbortSignal, run: () => unknown) => run();
  return { workflow: { list }, schedule, withAbortSignal } as unknown as Client;
}
