import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SANDBOX_AIRBYTE_VERSIONS, type SandboxAirbyteVersion } from '../../sandbox/airbyte-versions';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { describeWithDocuments, type OpenApiDocument, openApiDocuments } from '../support/openapi';
import { askEverything, type SandboxAnswer } from './sandbox-calls';

/** What the documents leave out in every version, and servers answer. */
const UNDOCUMENTED = [
  'POST /v1/connections/sync 409', // a job is running
  'POST /v1/connections/sync 500', // the connection is not active
  'POST /v1/jobs/get 500', // there is no such job
];

describeWithDocuments("the sandbox's answers are valid", () => {
  describe.each(SANDBOX_AIRBYTE_VERSIONS)('as Airbyte %s', (airbyteVersion) => {
    let sandbox: Sandbox;
    let answers: SandboxAnswer[];
    beforeAll(async () => {
      sandbox = await startSandbox({ airbyteVersion, shop: true });
      answers = await askEverything(sandbox);
    });
    afterAll(() => sandbox.stop());

    test('under its own document', () => {
      expect(objections(documentOf(airbyteVersion), answers)).toEqual({});
    });
  });
});

function documentOf(airbyteVersion: SandboxAirbyteVersion): OpenApiDocument {
  const found = openApiDocuments.find(({ version }) => version.replace(/^v/, '') === airbyteVersion);
  if (found === undefined) throw new Error(`There is no document of ${airbyteVersion}`);
  return found;
}

const nameOf = ({ method, path }: SandboxAnswer) => `${method} ${path}`;

/** Objections by their words, with the calls they were raised at. */
function objections(document: OpenApiDocument, answers: SandboxAnswer[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const raise = (objection: string, where: string) => {
    const places = found[objection] ?? [];
    found[objection] = places.includes(where) ? places : [...places, where];
  };
  for (const answer of answers) {
    const where = `${nameOf(answer)} ${answer.status}`;
    if (!document.has(answer.method, answer.path)) {
      if (answer.status !== 404) raise('no such call', where);
      continue;
    }
    const findings = document.answer(answer.method, answer.path, answer.status, answer.body);
    if (findings === undefined && !UNDOCUMENTED.includes(where) && !isInvalidInput(answer))
      raise('undocumented status', where);
    for (const invalid of findings?.invalid ?? []) raise(invalid, where);
    for (const field of findings?.unknown ?? []) raise(`unknown ${field.split('/').at(-1)}`, where);
  }
  return found;
}

/** Input that fails validation: the documents say 422 in every version, servers since 2.0 answer 400. */
function isInvalidInput({ status, body }: SandboxAnswer): boolean {
  return status === 400 && typeof body === 'object' && body !== null && 'errorId' in body;
}
