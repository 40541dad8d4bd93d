import { afterEach, describe, expect, test } from '@jest/globals';
import { AirbyteClient, type AirbyteClientOptions } from '../../src/airbyte/client';
import { describeWithDocuments, publicApiDocuments } from '../support/openapi';
import { type RecordedCall, startRecordingServer } from '../support/recording-server';
import { CLIENT_CASES } from './client-cases';
import { PUBLIC_CLIENT_CASES, PUBLIC_RESPONSES, type PublicClientCase } from './client-public-cases';
import { nameOf, objections } from './request-objections';

/** What documents do not have, and why it is sent all the same. */
const BEYOND: Record<string, { fields: string[]; versions: 'all' | string[]; because: string }> = {
  'POST /applications/token': {
    fields: ['/grant_type'],
    versions: 'all',
    because: 'the documents require grant_type and declare grant-type: both are sent',
  },
  'POST /connections': {
    fields: ['/configurations/streams/0/namespace'],
    versions: ['v1.6.0'],
    because: 'streams have a namespace since 1.8, and servers before take no harm',
  },
  [`PATCH /connections/{connectionId}`]: {
    fields: ['/configurations/streams/0/namespace'],
    versions: ['v1.6.0'],
    because: 'as above; it is what newer servers show',
  },
};

/** Fields of these responses that 1.6 does not have yet, and one that newer versions no longer have. */
const ANSWERED_SINCE_1_8 = /namespace$/;
const ANSWERED_BEFORE_1_8 = /dataResidency$/;

let stop = async () => {};
afterEach(async () => {
  await stop();
  stop = async () => {};
});

async function sent(
  run: PublicClientCase['run'],
  options: Partial<AirbyteClientOptions> = {},
): Promise<{ recorded: RecordedCall[]; result: unknown }> {
  const server = await startRecordingServer((call) => {
    const body = PUBLIC_RESPONSES[shortName(call)];
    if (body === null) return { status: 204 };
    return body === undefined ? { status: 404 } : { status: 200, body };
  });
  const airbyte = new AirbyteClient({ url: `${server.origin}/api/public/v1`, ...options });
  stop = async () => {
    await airbyte.close();
    await server.stop();
  };
  const result = await run(airbyte).catch((error: unknown) => error);
  return { recorded: server.recorded, result };
}

/** `GET /jobs/7` */
const shortName = (call: RecordedCall) => nameOf(call).replace('/public/v1', '');

function expectedObjections(call: RecordedCall) {
  const name = shortName(call).replace(/(?<=^PATCH \/connections\/).+/, '{connectionId}');
  const { fields = [], versions = [] } = BEYOND[name] ?? {};
  const present = fields.filter((field) => fieldIn(call.body, field));
  if (present.length === 0) return {};
  return Object.fromEntries(
    publicApiDocuments
      .filter(({ version }) => versions === 'all' || versions.includes(version))
      .map(({ version }) => [version, { unknown: present }]),
  );
}

function fieldIn(body: unknown, field: string): boolean {
  let value = body;
  for (const key of field.split('/').slice(1)) value = Object(value)[key];
  return value !== undefined;
}

describeWithDocuments("the client keeps to the public API's documents", () => {
  test('with every method that it has for the Config API', () => {
    expect(Object.keys(PUBLIC_CLIENT_CASES).sort()).toEqual(Object.keys(CLIENT_CASES).sort());
  });

  describe.each(Object.keys(PUBLIC_CLIENT_CASES))('%s', (method) => {
    test.each(
      (PUBLIC_CLIENT_CASES[method] ?? []).map((each) => [each.when ?? 'as the documents ask for', each] as const),
    )('%s', async (_, each) => {
      const { recorded, result } = await sent(each.run);
      const calls = recorded.map(shortName);
      expect(each.inAnyOrder ? calls.sort() : calls).toEqual(each.inAnyOrder ? [...each.calls].sort() : each.calls);
      if ('knows' in each) expect(result).toBe(each.knows);
      else if (each.calls.length === 0) expect(result).toMatchObject({ type: 'AirbyteUnsupported', status: undefined });
      else expect(result).not.toBeInstanceOf(Error);
      for (const call of recorded) {
        const found = objections(call, publicApiDocuments);
        expect({ call: shortName(call), ...found }).toEqual({ call: shortName(call), ...expectedObjections(call) });
        expect(call.contentType).toBe(call.body === undefined ? undefined : 'application/json');
      }
    });
  });

  test('in getting a token', async () => {
    const auth = { kind: 'clientCredentials', clientId: 'worker', clientSecret: 'secret' } as const;
    const { recorded } = await sent((client) => client.jobs.get(7), { auth });
    expect(recorded.map(shortName)).toEqual(['POST /applications/token', 'GET /jobs/7']);
    expect(recorded.map((call) => objections(call, publicApiDocuments))).toEqual(recorded.map(expectedObjections));
  });

  test('in the responses that it reads in these tests', () => {
    const shown = Object.entries(PUBLIC_RESPONSES).filter(([, body]) => body !== null);
    const findings = shown.flatMap(([name, body]) => {
      const [method = '', path = ''] = name.split(' ');
      return publicApiDocuments.flatMap((document) => {
        const response = document.response(method, `/public/v1${path}`, 200, body) ?? {
          invalid: ['no such response'],
          unknown: [],
        };
        const unknown = response.unknown.filter(
          (field) => !(document.version === 'v1.6.0' ? ANSWERED_SINCE_1_8 : ANSWERED_BEFORE_1_8).test(field),
        );
        return [...response.invalid, ...unknown].map((finding) => `${document.version} ${name}: ${finding}`);
      });
    });
    expect(findings).toEqual([]);
  });

  test('of every version that has a document', () => {
    expect(publicApiDocuments.map(({ version }) => version)).toEqual(['v1.6.0', 'v1.8.0', 'v2.0.0', '2026-08']);
    const absent = Object.values(PUBLIC_CLIENT_CASES)
      .flatMap((cases) => cases.flatMap(({ calls }) => calls))
      .filter((call) => {
        const [method = '', path = ''] = call.split(' ');
        return !publicApiDocuments.every((document) => document.has(method, `/public/v1${path}`));
      });
    expect(absent).toEqual([]);
  });
});
