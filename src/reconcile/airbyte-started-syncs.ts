import type { AirbyteClient } from '../airbyte/client';
import { isTerminal } from '../airbyte/jobs';
import { ifSupported } from '../airbyte/lookup/optional-responses';
import type { DesiredConnection } from '../contract/connection';
import type { ObjectMemo } from '../contract/object-memo';
import { toAirbyteSchedule } from '../documents/connection-schedule';
import { newestJobs, runningJob } from '../jobs/job-search';
import type { ReconcilePorts } from './ports';

type DesiredActivity = Pick<DesiredConnection['connection'], 'status' | 'schedule'>;

/**
 * Whether Airbyte itself starts the first sync of a new connection. It starts one immediately for a basic schedule, and may
 * start one at any moment for a cron expression.
 */
export function startsSyncWhenCreated({ status, schedule }: DesiredActivity): boolean {
  return status === 'active' && toAirbyteSchedule(schedule).scheduleType !== 'manual';
}

/**
 * Whether Airbyte itself starts a sync that the pipeline should wait for: because of the pipeline's changes, or as the first
 * sync of a connection that an earlier run of the pipeline created.
 *
 * @param updates the fields that the pipeline is about to change
 */
export async function airbyteStartsSync(
  airbyte: AirbyteClient,
  runs: ReconcilePorts['runs'],
  connectionId: string,
  { connection, tellsFirstSync = false }: Pick<DesiredConnection, 'connection' | 'tellsFirstSync'>,
  updates: readonly string[],
): Promise<boolean> {
  if (await startsSyncWhenChanged(airbyte, connectionId, connection, updates)) return true;
  return tellsFirstSync && (await isFirstSyncPending(airbyte, runs, connectionId, connection));
}

/**
 * Whether Airbyte itself may start a sync because of a change. It does so for a basic schedule that is new or comes into force,
 * as soon as its interval has passed since the last job. While a job runs, the result is false: the job that runs after the change
 * is that one.
 */
async function startsSyncWhenChanged(
  airbyte: AirbyteClient,
  connectionId: string,
  desired: DesiredActivity,
  updates: readonly string[],
): Promise<boolean> {
  const takesEffect = updates.includes('schedule') || updates.includes('status');
  if (!takesEffect || desired.status !== 'active') return false;
  if (!hasBasicSchedule(airbyte, desired)) return false;
  return (await ifSupported(runningJob(airbyte, connectionId))) === undefined;
}

/**
 * Whether the first sync that Airbyte itself starts is still running, or is about to start: an earlier run of the pipeline gave
 * the connection its schedule and noted that, and the connection has had no other job.
 */
async function isFirstSyncPending(
  airbyte: AirbyteClient,
  runs: ReconcilePorts['runs'],
  connectionId: string,
  desired: DesiredActivity,
): Promise<boolean> {
  if (desired.status !== 'active' || !hasBasicSchedule(airbyte, desired)) return false;
  const [newest, earlier] = (await ifSupported(newestJobs(airbyte, connectionId, 2))) ?? [];
  if (earlier !== undefined || (newest !== undefined && isTerminal(newest.status))) return false;
  const startedFirstSync = ({ id, airbyteSyncs }: ObjectMemo) => id === connectionId && airbyteSyncs === true;
  return (await runs.findMemo('connection', startedFirstSync)) !== undefined;
}

/** The public API has no basic schedules. */
function hasBasicSchedule({ connections }: AirbyteClient, { schedule }: DesiredActivity): boolean {
  return connections.normalizeSchedule(toAirbyteSchedule(schedule)).scheduleType === 'basic';
}
