import { afterEach, beforeEach } from '@jest/globals';
import { AirbyteClient } from '../../../src/airbyte';
import { MISSING_ENDPOINT, ScriptedAirbyte, type ScriptedResponse } from './scripted-airbyte';

/** A server with scripted responses, and a client of its public API: both new for each test of the file. */
export let airbyte: ScriptedAirbyte;
export let client: AirbyteClient;
/** The client's warnings. */
export let warnings: string[];

beforeEach(async () => {
  airbyte = await ScriptedAirbyte.start();
  warnings = [];
  client = new AirbyteClient({
    url: `${airbyte.origin}/api/public/v1`,
    onWarning: (message) => warnings.push(message),
  });
});

afterEach(async () => {
  await client.close();
  await airbyte.stop();
});

/** Sets the responses by method and path, as in `GET jobs`; any other call gets a 404 of Airbyte's web framework. */
export function respond(responses: Record<string, unknown>): void {
  airbyte.script = (request) => {
    const { pathname } = new URL(request.path, airbyte.origin);
    const call = `${request.method} ${pathname.replace('/api/public/v1/', '')}`;
    return call in responses ? { body: responses[call] } : { status: 404, body: MISSING_ENDPOINT };
  };
}

/** A problem document of Airbyte's public API. */
export function problem(status: number, name: string, detail: string, data?: object): ScriptedResponse {
  const type = `https://reference.airbyte.com/reference/errors#${name}`;
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: { status, type, title: name, detail, documentationUrl: null, data: data ?? null },
  };
}

/** What was sent: `POST jobs` with its body, `GET jobs` with its query. */
export function sent(): { call: string; query?: Record<string, string[]>; body?: unknown }[] {
  return airbyte.requests.map(({ method, path, body }) => {
    const { pathname, searchParams } = new URL(path, airbyte.origin);
    const names = [...new Set(searchParams.keys())];
    return {
      call: `${method} ${pathname.replace('/api/public/v1/', '')}`,
      ...(names.length > 0 && { query: Object.fromEntries(names.map((name) => [name, searchParams.getAll(name)])) }),
      ...(body !== undefined && { body }),
    };
  });
}
