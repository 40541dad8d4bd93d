import type { AirbyteClient } from '../src/airbyte/client';
import { isTerminal } from '../src/airbyte/jobs';
import { ifSupported } from '../src/airbyte/lookup/optional-responses';
import type { ObjectMemo } from '../src/contract/object-memo';
import type { PipelineDocument } from '../src/contract/pipeline-document';
import { toAirbyteSchedule } from '../src/documents/connection-schedule';
import { newestJobs, runningJob } from '../src/jobs/job-search';
import { findObjectMemo, pipelineWorkflowIds } from '../src/reconcile/earlier-pipeline-runs';

type DesiredConnection = Pick<PipelineDocument['connection'], 'status' | 'schedule'>;

/**
 * Whether Airbyte itself starts the first sync of a new connection: it does so at once for a basic schedule, and at any
 * moment for a cron expression.
 */
export function startsSyncWhenCreated({ status, schedule }: DesiredConnection): boolean {
  return status === 'active' && toAirbyteSchedule(schedule).scheduleType !== 'manual';
}

/**
 * Whether a sync that Airbyte itself starts is one that a pipeline is about: on account of its changes, or as the first one of
 * a connection that an earlier run of the pipeline has set up.
 *
 * @param updates the fields that are about to be changed
 */
export async function airbyteStartsSync(
  airbyte: AirbyteClient,
  connectionId: string,
  { connection, tellsFirstSync = false }: { connection: DesiredConnection; tellsFirstSync?: boolean },
  updates: readonly string[],
): Promise<boolean> {
  if (await startsSyncWhenChanged(airbyte, connectionId, connection, updates)) return true;
  return tellsFirstSync && (await isFirstSyncPending(airbyte, connectionId, connection));
}

/**
 * Whether Airbyte itself may start a sync of a connection on account of a change: a basic schedule that is new, or that
 * comes into force, starts one as soon as its interval has passed since the last job. Not while a job runs: then what runs
 * after the change was there before it.
 *
 * @param updates the fields that are about to be changed
 */
async function startsSyncWhenChanged(
  airbyte: AirbyteClient,
  connectionId: string,
  wanted: DesiredConnection,
  updates: readonly string[],
): Promise<boolean> {
  const takesEffect = updates.includes('schedule') || updates.includes('status');
  if (!takesEffect || wanted.status !== 'active') return false;
  if (!hasBasicSchedule(airbyte, wanted)) return false;
  return (await ifSupported(runningJob(airbyte, connectionId))) === undefined;
}

/**
 * Whether the first sync that Airbyte itself starts of a connection still goes on, or is about to start: an earlier run of
 * the pipeline has given the connection its schedule and noted that, and the connection has had no other job.
 */
async function isFirstSyncPending(
  airbyte: AirbyteClient,
  connectionId: string,
  wanted: DesiredConnection,
): Promise<boolean> {
  if (wanted.status !== 'active' || !hasBasicSchedule(airbyte, wanted)) return false;
  const [newest, earlier] = (await ifSupported(newestJobs(airbyte, connectionId, 2))) ?? [];
  if (earlier !== undefined || (newest !== undefined && isTerminal(newest.status))) return false;
  const workflowIds = pipelineWorkflowIds();
  if (workflowIds.length === 0) return false;
  const startedFirstSync = ({ id, airbyteSyncs }: ObjectMemo) => id === connectionId && airbyteSyncs === true;
  return (await findObjectMemo(workflowIds, 'connection', startedFirstSync)) !== undefined;
}

/** The public API has no basic schedules. */
function hasBasicSchedule({ connections }: AirbyteClient, { schedule }: DesiredConnection): boolean {
  return connections.normalizeSchedule(toAirbyteSchedule(schedule)).scheduleType === 'basic';
}
