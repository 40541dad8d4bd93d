import { afterEach, describe, expect, test } from '@jest/globals';
import { AirbyteClient } from '../../src/airbyte/client';
import { describeWithDocuments, openApiDocuments } from '../support/openapi';
import { type RecordedCall, type RecordingServer, startRecordingServer } from '../support/recording-server';
import { CLIENT_CASES, type ClientCase } from './client-cases';
import { RESPONSES, type Responses } from './client-responses';
import { nameOf, objections } from './request-objections';

/** Methods that call nothing, and a part of the client that calls nothing. */
const SILENT = ['close', 'limitRequests', 'connections.normalizeSchedule'];
const SILENT_PART = 'masking.';

/** Calls that a version does not have. The client's own documentation says what it does without them. */
const ABSENT: Record<string, string[]> = {
  'POST /v1/workspaces/list': ['v1.8.0', 'v2.0.0', '2026-08'],
  'GET /public/v1/workspaces': ['v0.50.0'],
  'POST /v1/connections/clear': ['v0.50.0'],
  'POST /v1/connections/refresh': ['v0.50.0'],
  'POST /v1/actor_definition_versions/get_for_destination': ['v0.50.0'],
  'POST /v1/tags/list': ['v0.50.0', 'v0.63.0', 'v1.0.0'],
  'POST /v1/jobs/list_for_workspaces': ['v0.50.0'],
  'POST /v1/applications/token': ['v0.50.0'],
  'POST /v1/notifications/try_webhook': ['v0.50.0'],
  'GET /v1/instance_configuration': ['v0.50.0'],
};

let server: RecordingServer;
let airbyte: AirbyteClient;
afterEach(async () => {
  await airbyte.close();
  await server.stop();
});

/** Lets the client make its calls, and returns the requests that it sent. */
async function sent(run: ClientCase['run'], responses: Responses = RESPONSES, auth = {}): Promise<RecordedCall[]> {
  server = await startRecordingServer(({ url }) => {
    const body = responses[new URL(url, 'http://airbyte').pathname];
    if (body === null) return { status: 204 };
    return body === undefined ? { status: 404 } : { status: 200, body };
  });
  airbyte = new AirbyteClient({ url: `${server.origin}/api/v1`, ...auth });
  await run(airbyte);
  return server.recorded;
}

/** The objections that a case expects. */
function expectedObjections(name: string, call: RecordedCall, { beyond }: ClientCase) {
  const expected = beyond?.[name];
  if (expected === undefined) return {};
  const fields = expected.fields.filter((field) => isObject(call.body) && field.slice(1) in call.body);
  if (fields.length === 0) return {};
  return Object.fromEntries(
    openApiDocuments
      .filter((document) => expected.versions === 'all' || expected.versions.includes(document.version))
      .filter((document) => document.has(call.method, name.split(' ')[1] ?? ''))
      .map(({ version }) => [version, { unknown: fields }]),
  );
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

test('every method of the client has a contract test', async () => {
  await sent((client) => client.health());
  expect(Object.keys(CLIENT_CASES).sort()).toEqual(
    methodsOf(airbyte)
      .filter((method) => !SILENT.includes(method) && !method.startsWith(SILENT_PART))
      .sort(),
  );
});

describeWithDocuments("the client's requests are valid in every version that has the call", () => {
  describe.each(Object.keys(CLIENT_CASES))('%s', (method) => {
    test.each(
      (CLIENT_CASES[method] ?? []).map((each) => [each.when ?? 'sends what the documents ask for', each] as const),
    )('%s', async (_, each) => {
      const recorded = await sent(each.run, { ...RESPONSES, ...each.responses });
      const calls = recorded.map(nameOf);
      expect(each.inAnyOrder ? calls.sort() : calls).toEqual(each.inAnyOrder ? [...each.calls].sort() : each.calls);
      for (const call of recorded) {
        const name = nameOf(call);
        const found = objections(call);
        for (const objection of Object.values(found)) {
          objection.unknown?.sort();
          const known = each.beyond?.[name]?.invalid;
          if (known !== undefined && objection.invalid?.every((reason) => known.test(reason))) delete objection.invalid;
        }
        const expected = expectedObjections(name, call, each);
        for (const objection of Object.values(expected)) objection.unknown.sort();
        expect({ name, ...found }).toEqual({ name, ...expected });
        expect(call.contentType).toBe(call.method === 'POST' ? 'application/json' : undefined);
      }
    });
  });

  test('those that get a token too', async () => {
    const auth = { kind: 'clientCredentials', clientId: 'worker', clientSecret: 'secret' };
    const token = { '/api/v1/applications/token': { access_token: 'a.b.c' } };
    const recorded = await sent((client) => client.jobs.get(7), { ...RESPONSES, ...token }, { auth });
    expect(recorded.map(nameOf)).toEqual(['POST /v1/applications/token', 'POST /v1/jobs/get']);
    expect(recorded.map((call) => objections(call))).toEqual([{}, {}]);
  });

  test('the calls that a version does not support are known', () => {
    const calls = new Set(Object.values(CLIENT_CASES).flatMap((cases) => cases.flatMap(({ calls }) => calls)));
    calls.add('POST /v1/applications/token');
    const absent = [...calls].flatMap((name) => {
      const [method = '', path = ''] = name.split(' ');
      const versions = openApiDocuments.filter((document) => !document.has(method, path)).map(({ version }) => version);
      return versions.length === 0 ? [] : [[name, versions]];
    });
    expect(Object.fromEntries(absent)).toEqual(ABSENT);
  });
});

/** `health`, `sources.create`, …: what a caller can call on the client and on its resources. */
function methodsOf(client: AirbyteClient): string[] {
  const resources = Object.entries(client).filter(([, value]) => isObject(value)) as [string, object][];
  return [
    ...functionsOf(client),
    ...resources.flatMap(([resource, value]) => functionsOf(value).map((method) => `${resource}.${method}`)),
  ];
}

function functionsOf(object: object): string[] {
  const names = new Set<string>();
  for (let level: object = object; level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (name !== 'constructor' && typeof Reflect.get(object, name) === 'function') names.add(name);
    }
  }
  return [...names];
}
