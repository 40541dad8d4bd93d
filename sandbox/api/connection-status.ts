import { z } from 'zod';
import type { AirbyteBehaviour } from '../state/airbyte-versions';
import { isTerminal, type Job } from '../state/job';
import type { Connection } from '../state/resources';
import { type ApiCalls, defineCall, uuid } from './call';
import { seconds, toJobRead } from './job-read';

/** `connections/status`: the status of several connections in one call. */
export const connectionStatusCalls: ApiCalls = {
  'connections/status': defineCall(
    z.looseObject({ connectionIds: z.array(uuid) }),
    ({ connectionIds }, { store, behaviour }) =>
      connectionIds.map((connectionId) => toStatusRead(store.connection(connectionId), behaviour)),
  ),
};

function toStatusRead(connection: Connection, behaviour: AirbyteBehaviour): object {
  const { connectionId, jobs } = connection;
  const last = jobs.at(-1);
  const active = last === undefined || isTerminal(last) ? undefined : last;
  const lastEnded = jobs.findLast((job) => isTerminal(job) && job.status !== 'cancelled');
  const lastSuccess = jobs.findLast(({ status }) => status === 'succeeded');
  const lastAttempt = lastEnded?.attempts.at(-1);
  const failureReason = lastEnded?.status === 'failed' ? lastAttempt?.failures[0] : undefined;
  const common = {
    connectionId,
    ...(lastSuccess === undefined ? {} : { lastSuccessfulSync: seconds(lastSuccess.updatedAtMs) }),
    ...(lastEnded === undefined ? {} : { lastSyncJobId: lastEnded.id }),
    ...(lastAttempt === undefined ? {} : { lastSyncAttemptNumber: lastAttempt.attemptNumber }),
    ...(failureReason === undefined ? {} : { failureReason }),
  };
  if (!behaviour.has('connectionSyncStatus')) {
    return {
      ...common,
      ...(lastEnded === undefined ? {} : { lastSyncJobStatus: lastEnded.status }),
      isRunning: active !== undefined,
      isLastCompletedJobReset: lastEnded?.configType === 'reset_connection',
    };
  }
  const { scheduleData } = connection.settings;
  return {
    ...common,
    connectionSyncStatus: syncStatus(connection, active, lastEnded),
    ...(scheduleData === undefined ? {} : { scheduleData }),
    ...(active === undefined ? {} : { activeJob: toJobRead(active, behaviour) }),
    ...(lastEnded === undefined ? {} : { lastSyncJobCreatedAt: seconds(lastEnded.createdAtMs) }),
  };
}

/** Returns the first status that applies, in the order of Airbyte's document. */
function syncStatus({ status }: Connection, active: Job | undefined, lastEnded: Job | undefined): string {
  if (active !== undefined) return active.status === 'queued' ? 'queued' : 'running';
  const failures = lastEnded?.status === 'failed' ? (lastEnded.attempts.at(-1)?.failures ?? []) : [];
  if (failures.some(({ failureType }) => failureType === 'config_error')) return 'failed';
  if (status !== 'active') return 'paused';
  if (lastEnded === undefined || lastEnded.configType === 'reset_connection') return 'pending';
  return lastEnded.status === 'failed' ? 'incomplete' : 'synced';
}
