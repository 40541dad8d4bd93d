import type { Job } from './jobs';

/**
 * Whether a job can be one of a connection. After its database was restored from a backup, Airbyte gives the ids of lost jobs
 * to new ones: a job with the id of ours may run on another connection. It can be where the server does not tell which
 * connection that is, or the caller does not know.
 */
export function mayRunOn({ connectionId }: Pick<Job, 'connectionId'>, wanted: string | undefined): boolean {
  return connectionId === undefined || wanted === undefined || connectionId.toLowerCase() === wanted.toLowerCase();
}
