import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SandboxAirbyteVersion } from '../../sandbox/airbyte-versions';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { describeWithDocuments, type OpenApiDocument, openApiDocuments } from '../support/openapi';
import { CLIENT_CASES } from './client-cases';
import { askEverything, type SandboxAnswer } from './sandbox-calls';

/** What a document has to say against the answers of the sandbox: each objection once, with where it was raised. */
interface Objections {
  /** What breaks the document. */
  invalid: string[];
  /** Fields that the document does not have. */
  unknown: string[];
}

const NOTHING: Objections = { invalid: [], unknown: [] };

/** What the documents leave out in every version, and servers answer. */
const UNDOCUMENTED = [
  'POST /v1/connections/sync 409', // a job is running
  'POST /v1/connections/sync 500', // the connection is not active
];

const NEWER_THAN_1_6 = ['numConnections', 'recordsRejected'];
const NEWER_THAN_0_50 = [
  ...['aggregatedStats', 'streamAggregatedStats', 'recordsRejected', 'logType', 'events', 'version'],
  ...['createdAt', 'created_at', 'isEntitled', 'isVersionOverrideApplied', 'numConnections', 'status', 'supportState'],
  ...['backfillPreference', 'tags', 'custom', 'supportLevel', 'organizationId', 'tombstone'],
];
const DBT = ["must have required property 'normalizationConfig'", "must have required property 'supportsDbt'"];
const LOG_LINES = "must have required property 'logLines'";
const LOGS = "must have required property 'logs'";
const OLD_SYNC_MODES = 'must be equal to one of the allowed values: append,overwrite,append_dedup';
const REFRESH_VALUE = "must have required property 'value'";

/**
 * The documents that each behaviour of the sandbox is held to. It has one form for most answers, that of today, so the
 * further back a document lies the more differs; what does is listed, and is all that does.
 */
const EXPECTED: Record<SandboxAirbyteVersion, Record<string, Partial<Objections>>> = {
  '0.50.0': {
    'v0.50.0': { invalid: [...DBT, LOG_LINES, LOGS, OLD_SYNC_MODES], unknown: NEWER_THAN_0_50 },
  },
  '1.6.0': {
    'v0.63.0': { invalid: [...DBT, LOG_LINES, LOGS, OLD_SYNC_MODES, REFRESH_VALUE] },
    'v1.0.0': { invalid: [LOG_LINES, LOGS, REFRESH_VALUE] },
    'v1.6.0': { invalid: [], unknown: NEWER_THAN_1_6 },
    'v1.8.0': NOTHING,
    'v2.0.0': NOTHING,
    '2026-08': NOTHING,
  },
  '2.0.0': { 'v2.0.0': NOTHING, '2026-08': NOTHING },
};

describeWithDocuments("the sandbox's answers are valid", () => {
  describe.each(Object.keys(EXPECTED) as SandboxAirbyteVersion[])('as Airbyte %s', (airbyteVersion) => {
    let sandbox: Sandbox;
    let answers: SandboxAnswer[];
    beforeAll(async () => {
      sandbox = await startSandbox({ airbyteVersion, shop: true });
      answers = await askEverything(sandbox);
    });
    afterAll(() => sandbox.stop());

    const expected = EXPECTED[airbyteVersion];
    test.each(openApiDocuments.filter(({ version }) => version in expected))('under $version', (document) => {
      const { invalid, unknown } = expected[document.version] ?? NOTHING;
      const found = objections(document, answers);
      expect(found.invalid).toEqual(anywhere(invalid ?? []));
      if (unknown !== undefined) expect(found.unknown).toEqual(anywhere(unknown));
    });

    test('to every call of the client that this version has', () => {
      const own = openApiDocuments.find(({ version }) => version === `v${airbyteVersion}`);
      const wanted = Object.values(CLIENT_CASES).flatMap((cases) => cases.flatMap(({ calls }) => calls));
      const missing = wanted.filter((call) => {
        const [method = '', path = ''] = call.split(' ');
        return own?.has(method, path) && !answers.some((each) => nameOf(each) === call && each.status === 200);
      });
      expect([...new Set(missing)]).toEqual([]);
    });
  });
});

const nameOf = ({ method, path }: SandboxAnswer) => `${method} ${path}`;

/** Objections by their words, with the calls they were raised at. */
function objections(
  document: OpenApiDocument,
  answers: SandboxAnswer[],
): Record<keyof Objections, Record<string, string[]>> {
  const found: Record<keyof Objections, Record<string, string[]>> = { invalid: {}, unknown: {} };
  const raise = (kind: keyof Objections, objection: string, where: string) => {
    const places = found[kind][objection] ?? [];
    found[kind][objection] = places.includes(where) ? places : [...places, where];
  };
  for (const answer of answers) {
    const where = `${nameOf(answer)} ${answer.status}`;
    // A call that a version does not have is answered by the web framework: no document describes that.
    if (!document.has(answer.method, answer.path) || isFrameworkAnswer(answer)) continue;
    const findings = document.answer(answer.method, answer.path, answer.status, answer.body);
    if (findings === undefined && !UNDOCUMENTED.includes(where) && !isInvalidInput(answer)) {
      raise('invalid', `status ${answer.status} is not documented`, where);
    }
    for (const invalid of findings?.invalid ?? []) raise('invalid', withoutPlace(invalid), where);
    for (const field of findings?.unknown ?? []) raise('unknown', field.split('/').at(-1) ?? field, where);
  }
  return found;
}

function isFrameworkAnswer({ status, body }: SandboxAnswer): boolean {
  return status === 404 && typeof body === 'object' && body !== null && '_embedded' in body;
}

/** Input that fails validation: the documents say 422 in every version, servers since 2.0 answer 400. */
function isInvalidInput({ status, body }: SandboxAnswer): boolean {
  return status === 400 && typeof body === 'object' && body !== null && 'errorId' in body;
}

/** `/jobs/0/job must have …` and `the body must have …` are one objection. */
function withoutPlace(invalid: string): string {
  return invalid.slice(invalid.indexOf(' must ') + 1);
}

function anywhere(objections: string[]): Record<string, unknown> {
  return Object.fromEntries(objections.map((objection) => [objection, expect.any(Array)]));
}
