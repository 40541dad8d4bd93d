import { z } from 'zod';
import { isAirbyteId } from '../contract/airbyte-id';

/** The job that a notification names. Anyone who knows the webhook's URL can send one, so it is no more than a hint. */
export interface JobHint {
  jobId: number;
  connectionId: string;
}

const notificationSchema = z.object({
  data: z.object({
    jobId: z.int().positive(),
    connection: z.object({ id: z.string().refine(isAirbyteId) }),
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
