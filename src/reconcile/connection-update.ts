import type { Connections } from '../airbyte/resources';
import type { Connection } from '../airbyte/schemas';
import type { PipelineSchedule } from '../contract/pipeline-schedule';
import { toAirbyteSchedule, toLegacySchedule } from '../documents/connection-schedule';

/**
 * Changes some fields of a connection and keeps the others. Airbyte keeps the fields that it is not sent, and rejects the old
 * `schedule` that its own responses still have. A server whose connections have no `scheduleType` knows only the old form and
 * replaces the whole connection, so it is sent the whole connection.
 *
 * @param schedule left out: the schedule stays as it is
 */
export async function updateConnectionFields(
  connections: Pick<Connections, 'get' | 'update'>,
  connectionId: string,
  fields: Record<string, unknown>,
  schedule?: PipelineSchedule,
): Promise<Connection> {
  const current = await connections.get(connectionId);
  const scheduled = schedule === undefined ? undefined : toAirbyteSchedule(schedule);
  if (current.scheduleType !== undefined) return connections.update({ ...fields, ...scheduled, connectionId });
  const { schedule: currentSchedule, ...kept } = current;
  const scheduleInServerForm = scheduled ? toLegacySchedule(scheduled) : { schedule: currentSchedule };
  return connections.update({ ...kept, ...fields, ...scheduleInServerForm, connectionId });
}
