import { z } from 'zod';
import { MAXIMUM_ID_LENGTH } from '../contract/validation/input-limits';

/** The job that a notification names. Anyone who knows the webhook's URL can send one, so it is no more than a hint. */
export interface JobHint {
  jobId: number;
  connectionId: string;
}

const notificationSchema = z.object({
  data: z.object({
    jobId: z.int().positive(),
    connection: z.object({ id: z.string().min(1).max(MAXIMUM_ID_LENGTH) }),
  }),
});

/**
 * Reads which job a notification is about. Of its other fields, any may be missing or wrong, and none is used.
 *
 * @returns undefined for a text that is no such notification: other events do not name a job, and neither does Airbyte
 * before 0.59
 */
export function readNotification(body: string): JobHint | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { data } = notificationSchema.safeParse(json);
  return data && { jobId: data.data.jobId, connectionId: data.data.connection.id };
}
