import { randomUUID } from 'node:crypto';
import { postToWebhook } from '../http/webhook-request';
import type { AirbyteBehaviour } from '../state/airbyte-versions';
import type { Job } from '../state/job';
import { webhookOf } from '../state/notification-settings';
import type { Store } from '../state/store';

/** Sends a notification and waits for the response, however long that takes. The signal ends the wait. */
export type SendNotification = (signal: AbortSignal) => Promise<void>;

/** An object in a notification. */
interface Named {
  id: string;
  name: string;
}

interface Summary {
  workspace: Named;
  connection: Named;
  source: Named;
  destination: Named;
  jobId: number;
  success: boolean;
  startedAtMs: number;
  finishedAtMs: number;
  counts: { bytesEmitted: number; bytesCommitted: number; recordsEmitted: number; recordsCommitted: number };
  error?: { errorMessage: string; errorType: string; errorOrigin: string | undefined };
}

/**
 * The notifications about ended jobs. Airbyte sends them for syncs that succeeded or failed: not for cancelled ones, and not
 * for resets, refreshes and clears.
 */
export class JobNotifications {
  constructor(
    private readonly store: Store,
    private readonly behaviour: AirbyteBehaviour,
  ) {}

  /** The notification that is due once a job has this status; undefined if there is none. */
  due(job: Job, status: string): SendNotification | undefined {
    if (job.configType !== 'sync' || (status !== 'succeeded' && status !== 'failed')) return undefined;
    const success = status === 'succeeded';
    const connection = this.store.connection(job.connectionId);
    const { notificationSettings } = this.store.workspace(connection.workspaceId);
    const url = webhookOf(notificationSettings, success ? 'sendOnSuccess' : 'sendOnFailure');
    if (url === undefined) return undefined;
    return async (signal) => {
      // An error of the receiver is no error of the job: Airbyte logs it.
      await postToWebhook(url, this.#payload(this.#summary(job, success)), signal).catch(() => undefined);
    };
  }

  /** Sends a notification about a sync that does not exist. @returns whether the receiver has accepted it */
  async sendTest(url: string, success: boolean, signal: AbortSignal): Promise<boolean> {
    const named = (name: string) => ({ id: randomUUID(), name });
    const now = Date.now();
    const summary: Summary = {
      ...{ workspace: named('Workspace'), connection: named('Connection') },
      ...{ source: named('Source'), destination: named('Destination') },
      ...{ jobId: 10, success, startedAtMs: now - 3_600_000, finishedAtMs: now },
      counts: {
        bytesEmitted: 159_341_141,
        bytesCommitted: 159_341_141,
        recordsEmitted: 10_000,
        recordsCommitted: 1_000,
      },
    };
    try {
      const status = await postToWebhook(url, this.#payload(summary), signal);
      return status >= 200 && status < 300;
    } catch {
      return false;
    }
  }

  #summary(job: Job, success: boolean): Summary {
    const { store } = this;
    const connection = store.connection(job.connectionId);
    const nameOf = (id: string): Named => ({ id, name: store.actors.get(id)?.name ?? '' });
    const counts = { bytesEmitted: 0, bytesCommitted: 0, recordsEmitted: 0, recordsCommitted: 0 };
    for (const attempt of job.attempts) {
      const { total } = attempt.counts();
      if (total === undefined) continue;
      for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] += total[key];
    }
    const [failure] = job.attempts.at(-1)?.failures ?? [];
    const name = connection.settings['name'];
    return {
      workspace: { id: connection.workspaceId, name: store.workspace(connection.workspaceId).name },
      connection: { id: connection.connectionId, name: typeof name === 'string' ? name : '' },
      source: nameOf(connection.sourceId),
      destination: nameOf(connection.destinationId),
      ...{ jobId: job.id, success, startedAtMs: job.createdAtMs, finishedAtMs: job.updatedAtMs, counts },
      ...(failure !== undefined && {
        error: {
          errorMessage: failure.externalMessage,
          errorType: failure.failureType,
          errorOrigin: failure.failureOrigin,
        },
      }),
    };
  }

  #payload({ counts, error, startedAtMs, finishedAtMs, ...summary }: Summary): object {
    const { connection, source, destination, jobId, success } = summary;
    const text = `${success ? 'Sync completed' : 'Sync failure occurred'}: ${connection.name} from ${source.name} to ${destination.name}, job ${jobId}`;
    const withUrl = (named: Named) => ({ ...named, url: null });
    if (!this.behaviour.has('notificationData')) return { text };
    return {
      text,
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }],
      data: {
        workspace: withUrl(summary.workspace),
        connection: withUrl(connection),
        source: withUrl(source),
        destination: withUrl(destination),
        ...{ jobId, success },
        startedAt: new Date(startedAtMs).toISOString(),
        finishedAt: new Date(finishedAtMs).toISOString(),
        ...counts,
        ...{ errorMessage: null, errorType: null, errorOrigin: null, ...error },
        durationInSeconds: Math.floor((finishedAtMs - startedAtMs) / 1_000),
      },
    };
  }
}
