import type { Connections } from '../airbyte/resources';
import type { Connection } from '../airbyte/schemas';
import type { PipelineSchedule } from '../contract/pipeline-schedule';
import { toAirbyteSchedule, toLegacySchedule } from '../documents/connection-schedule';

/**
 * Changes some fields of a connection and keeps the others. Airbyte keeps what it is not sent, and refuses the old
 * `schedule` that its own answers still have. A server whose connections have no `scheduleType` knows only the old form,
 * and replaces the whole: it gets the whole.
 *
 * @param schedule left out: as it is
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
