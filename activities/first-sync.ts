import type { AirbyteClient } from '../src/airbyte/client';
import { ifSupported } from '../src/airbyte/if-found';
import { isTerminal } from '../src/airbyte/jobs';
import { toAirbyteSchedule } from '../src/contract/connection-schedule';
import type { PipelineDocument } from '../src/contract/pipeline-document';
import { idsOfRuns, type NotedObject, noteOfEarlierRun } from '../src/reconcile/earlier-run';
import { newestJobs, runningJob } from './job-search';

type WantedConnection = Pick<PipelineDocument['connection'], 'status' | 'schedule'>;

/**
 * Whether Airbyte itself starts the first sync of a new connection: it does so at once for a basic schedule, and at any
 * moment for a cron expression.
 */
export function syncsOnceCreated({ status, schedule }: WantedConnection): boolean {
  return status === 'active' && toAirbyteSchedule(schedule).scheduleType !== 'manual';
}

/**
 * Whether a sync that Airbyte itself starts is one that a pipeline is about: on account of its changes, or as the first one of
 * a connection that an earlier run of the pipeline has set up.
 *
 * @param updates the fields that are about to be changed
 */
export async function airbyteSyncsItself(
  airbyte: AirbyteClient,
  connectionId: string,
  { connection, tellsFirstSync = false }: { connection: WantedConnection; tellsFirstSync?: boolean },
  updates: readonly string[],
): Promise<boolean> {
  if (await syncsOnceChanged(airbyte, connectionId, connection, updates)) return true;
  return tellsFirstSync && (await firstSyncGoesOn(airbyte, connectionId, connection));
}

/**
 * Whether Airbyte itself may start a sync of a connection on account of a change: a basic schedule that is new, or that
 * comes into force, starts one as soon as its interval has passed since the last job. Not while a job runs: then what runs
 * after the change was there before it.
 *
 * @param updates the fields that are about to be changed
 */
async function syncsOnceChanged(
  airbyte: AirbyteClient,
  connectionId: string,
  wanted: WantedConnection,
  updates: readonly string[],
): Promise<boolean> {
  const comesIntoForce = updates.includes('schedule') || updates.includes('status');
  if (!comesIntoForce || wanted.status !== 'active') return false;
  if (!isBasic(airbyte, wanted)) return false;
  return (await ifSupported(runningJob(airbyte, connectionId))) === undefined;
}

/**
 * Whether the first sync that Airbyte itself starts of a connection still goes on, or is about to start: an earlier run of
 * the pipeline has given the connection its schedule and noted that, and the connection has had no other job.
 */
async function firstSyncGoesOn(
  airbyte: AirbyteClient,
  connectionId: string,
  wanted: WantedConnection,
): Promise<boolean> {
  if (wanted.status !== 'active' || !isBasic(airbyte, wanted)) return false;
  const [newest, earlier] = (await ifSupported(newestJobs(airbyte, connectionId, 2))) ?? [];
  if (earlier !== undefined || (newest !== undefined && isTerminal(newest.status))) return false;
  const workflowIds = idsOfRuns();
  if (workflowIds.length === 0) return false;
  const isItsStart = ({ id, airbyteSyncs }: NotedObject) => id === connectionId && airbyteSyncs === true;
  return (await noteOfEarlierRun(workflowIds, 'connection', isItsStart)) !== undefined;
}

/** The public API has no basic schedules. */
function isBasic({ connections }: AirbyteClient, { schedule }: WantedConnection): boolean {
  return connections.asKept(toAirbyteSchedule(schedule)).scheduleType === 'basic';
}
