import type { History } from '@temporalio/common/lib/proto-utils';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { WAIT_ACTIVITY } from '../../src/temporal/pending-activities';
import type { SandboxJob } from '../sandbox-process';
import type { SyncEnd } from './judge';

/**
 * How long after its job's end each wait ended that a second worker had, because the first one died or shut down, in
 * milliseconds.
 */
export function takeoverDelays(
  ends: readonly SyncEnd[],
  histories: ReadonlyMap<string, History>,
  jobs: readonly SandboxJob[],
): number[] {
  const endOfJob = new Map(jobs.map(({ connectionId, endedAtMs }) => [connectionId, endedAtMs]));
  return ends.flatMap(({ workflowId, connectionId }) => {
    const endedAtMs = endOfJob.get(connectionId);
    const history = histories.get(workflowId);
    if (endedAtMs === undefined || history === undefined) return [];
    return endsOfTakenOverWaits(history).map((atMs) => atMs - endedAtMs);
  });
}

/** When they ended, in milliseconds since 1970. */
function endsOfTakenOverWaits({ events }: History): number[] {
  const scheduled = new Set<string>();
  const takenOver = new Set<string>();
  const ends: number[] = [];
  for (const event of events ?? []) {
    const {
      activityTaskScheduledEventAttributes: schedule,
      activityTaskStartedEventAttributes: start,
      activityTaskCompletedEventAttributes: completion,
    } = event;
    if (schedule?.activityType?.name === WAIT_ACTIVITY) scheduled.add(String(event.eventId));
    if ((start?.attempt ?? 1) > 1) takenOver.add(String(start?.scheduledEventId));
    const id = String(completion?.scheduledEventId);
    const endedAtMs = optionalTsToMs(event.eventTime);
    if (endedAtMs !== undefined && scheduled.has(id) && takenOver.has(id)) ends.push(endedAtMs);
  }
  return ends;
}
