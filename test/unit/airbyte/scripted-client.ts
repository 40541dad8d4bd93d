import { afterEach, beforeEach } from '@jest/globals';
import { AirbyteClient } from '../../../src/airbyte';
import { ScriptedAirbyte } from './scripted-airbyte';

/** A server with scripted responses, and a client of it: both new for each test of the file that imports them. */
export let airbyte: ScriptedAirbyte;
export let client: AirbyteClient;
/** What the client has warned of. */
export let warnings: string[];

beforeEach(async () => {
  airbyte = await ScriptedAirbyte.start();
  warnings = [];
  client = new AirbyteClient({ url: airbyte.url, onWarning: (message) => warnings.push(message) });
});

afterEach(async () => {
  await client.close();
  await airbyte.stop();
});
