import { AirbyteClient, type Job } from '../../src/airbyte';
import type { AirbyteFlavour } from '../../src/airbyte/airbyte-url';
import { ScriptedAirbyte, type ScriptedResponse } from '../unit/airbyte/scripted-airbyte';

/** What a job has that Airbyte has counted nothing of. */
export const NO_STATS = { recordsEmitted: 0, bytesEmitted: 0, recordsCommitted: 0, bytesCommitted: 0 };

/** What a client of either API makes of a response. */
export async function read<T>(
  flavour: AirbyteFlavour,
  response: ScriptedResponse,
  call: (client: AirbyteClient) => Promise<T>,
): Promise<T> {
  const airbyte = await ScriptedAirbyte.start(() => response);
  const client = new AirbyteClient({ url: flavour === 'config' ? airbyte.url : `${airbyte.origin}/api/public/v1` });
  try {
    return await call(client);
  } finally {
    await client.close();
    await airbyte.stop();
  }
}

/** What the client makes of a job in the Config API's words. */
export function jobOf(job: object, attempts: object[] = []): Promise<Job> {
  const body = { job: { id: 7, configType: 'sync', ...job }, attempts: attempts.map((attempt) => ({ attempt })) };
  return read('config', { body }, (client) => client.jobs.getWithoutLogs(7));
}
