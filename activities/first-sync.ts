import type { AirbyteClient } from '../src/airbyte/client';
import { ifListed } from '../src/airbyte/if-found';
import type { PipelineDocument } from '../src/pipeline/document';
import { toAirbyteSchedule } from '../src/pipeline/schedule';
import { runningJob } from './job-search';

type WantedConnection = Pick<PipelineDocument['connection'], 'status' | 'schedule'>;

/**
 * Whether Airbyte itself starts the first sync of a new connection: it does so at once for a basic schedule, and at any
 * moment for a cron expression.
 */
export function syncsOnceCreated({ status, schedule }: WantedConnection): boolean {
  return status === 'active' && toAirbyteSchedule(schedule).scheduleType !== 'manual';
}

/**
 * Whether Airbyte itself may start a sync of a connection on account of a change: a basic schedule that is new, or that
 * comes into force, starts one as soon as its interval has passed since the last job. Not while a job runs: then what runs
 * after the change was there before it.
 *
 * @param updates the fields that are about to be changed
 */
export async function syncsOnceChanged(
  airbyte: AirbyteClient,
  connectionId: string,
  wanted: WantedConnection,
  updates: readonly string[],
): Promise<boolean> {
  const comesIntoForce = updates.includes('schedule') || updates.includes('status');
  if (!comesIntoForce || wanted.status !== 'active') return false;
  // The public API has no basic schedules.
  if (airbyte.connections.asKept(toAirbyteSchedule(wanted.schedule)).scheduleType !== 'basic') return false;
  return (await ifListed(runningJob(airbyte, connectionId))) === undefined;
}
