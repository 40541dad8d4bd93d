import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { type Shop, startShop } from '../../sandbox/shop/shop';
import { SANDBOX_AIRBYTE_VERSIONS, type SandboxAirbyteVersion } from '../../sandbox/state/airbyte-versions';
import { describeWithDocuments, type OpenApiDocument, openApiDocuments, publicApiDocuments } from '../support/openapi';
import { CLIENT_CASES } from './client-cases';
import type { SandboxResponse } from './sandbox-caller';
import { askConfigApi } from './sandbox-calls';
import { askPublicApi } from './sandbox-public-calls';

/** Responses that servers give and the documents leave out in every version. */
const UNDOCUMENTED = [
  'POST /v1/connections/sync 409', // a job is running
  'POST /v1/connections/sync 500', // the connection is not active
  'POST /v1/jobs/get 500', // there is no such job
  'POST /v1/jobs/list 500', // 0.50 misses the connection
  'POST /v1/tags/create 422', // a tag without a color
];

/** Requests that are valid by the document, and rejected for their meaning. */
const REFUSED_FOR_THEIR_MEANING = [
  'POST /v1/sources/create 422', // the configuration breaks the connector's specification
  'POST /v1/destinations/create 422',
  'POST /public/v1/sources 422',
  'POST /public/v1/destinations 422',
  'POST /public/v1/connections 400', // the source has no such cursor
  'PATCH /public/v1/connections/* 400', // no field is selected
  'POST /public/v1/jobs 422', // a refresh
];

describeWithDocuments('the sandbox keeps to the documents', () => {
  // One for all versions: its start takes several seconds of processor time.
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterAll(() => shop?.stop());

  describe.each(SANDBOX_AIRBYTE_VERSIONS)('of Airbyte %s', (airbyteVersion) => {
    let sandbox: Sandbox;
    let config: SandboxResponse[];
    let open: SandboxResponse[];
    beforeAll(async () => {
      sandbox = await startSandbox({ airbyteVersion });
      config = await askConfigApi(sandbox, shop);
      open = hasPublicApi ? await askPublicApi(sandbox) : [];
    });
    afterAll(() => sandbox.stop());

    const ofVersion = (documents: readonly OpenApiDocument[]) =>
      documents.find(({ version }) => version.replace(/^v/, '') === airbyteVersion);
    const document = ofVersion(openApiDocuments);
    if (document === undefined) throw new Error(`There is no document of Airbyte ${airbyteVersion}`);
    // The older documents describe the public API as well.
    const publicDocument = ofVersion(publicApiDocuments) ?? document;
    const hasPublicApi = publicDocument.has('GET', '/public/v1/jobs');

    test('in its responses of the Config API', () => {
      expect(objections(document, config)).toEqual(allowedObjections(airbyteVersion));
    });

    test('in its responses of the public API', () => {
      expect(open.length > 0).toBe(airbyteVersion !== '0.50.0');
      expect(objections(publicDocument, open)).toEqual({});
    });

    test('in what it accepts and what it rejects', () => {
      expect([...misjudged(document, config), ...misjudged(publicDocument, open)]).toEqual([]);
    });

    test('in the calls of the client that this version has', () => {
      const desired = Object.values(CLIENT_CASES).flatMap((cases) => cases.flatMap(({ calls }) => calls));
      const responded = config
        .filter(({ status }) => status === 200 || status === 204)
        .map((response) => `${response.method} ${response.url}`);
      const missing = desired.filter((call) => {
        const [method = '', path = ''] = call.split(' ');
        return path.startsWith('/v1/') && document.has(method, path) && !responded.includes(call);
      });
      expect([...new Set(missing)]).toEqual([]);
    });
  });
});

/** The violations of a document in the sandbox's responses, each with the responses that have it. */
function objections(document: OpenApiDocument, responses: SandboxResponse[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const raise = (objection: string, where: string) => {
    found[objection] = [...new Set([...(found[objection] ?? []), where])];
  };
  for (const response of responses) {
    const where = placeOf(response);
    const path = pathOf(response);
    if (!document.has(response.method, path)) {
      if (response.status !== 404 || response.body !== 'Object not found.') raise('no such call', where);
      continue;
    }
    const findings = document.response(response.method, path, response.status, response.body);
    if (findings === undefined && !UNDOCUMENTED.includes(where) && !isErrorResponse(response))
      raise('no such status', where);
    for (const invalid of findings?.invalid ?? []) raise(invalid.slice(invalid.indexOf(' must ') + 1), where);
    for (const field of findings?.unknown ?? []) raise(`unknown: ${field.split('/').at(-1)}`, where);
  }
  return found;
}

/** Requests that the document allows and the sandbox rejects, or the other way round. */
function misjudged(document: OpenApiDocument, responses: SandboxResponse[]): string[] {
  const wrong = responses.filter((response) => {
    const { method, url, request, status } = response;
    if (!document.has(method, pathOf(response))) return false;
    const allowed = document.request(method, url, request).invalid.length === 0;
    if (!allowed) return status < 400;
    return (status === 400 || status === 422) && !REFUSED_FOR_THEIR_MEANING.includes(placeOf(response));
  });
  return wrong.map((response) => `${placeOf(response)} ${JSON.stringify(response.request)}`);
}

/**
 * How the sandbox rejects what is wrong with a request, or cannot be done now: the documents of the public API describe
 * no error, and those of the Config API say 422 of invalid input in every version, where servers since 2.0 say 400.
 */
function isErrorResponse({ url, status, body }: SandboxResponse): boolean {
  if (typeof body !== 'object' || body === null) return false;
  if (status === 400 && 'errorId' in body) return true;
  if (!url.startsWith('/public/')) return false;
  return 'validationErrors' in body || ('title' in body && 'status' in body && body.status === status);
}

/** Before 1.6 a response of `connections/status` has every field only where the connection has been synced before. */
function allowedObjections(version: SandboxAirbyteVersion): Record<string, unknown> {
  if (version !== '0.63.0' && version !== '1.0.0') return {};
  const fields = ['lastSyncJobStatus', 'lastSuccessfulSync', 'nextSync'];
  return Object.fromEntries(
    fields.map((field) => [`must have required property '${field}'`, ['POST /v1/connections/status 200']]),
  );
}

/** `POST /v1/jobs/get 200`, whatever the ids in it. */
function placeOf(response: SandboxResponse): string {
  return `${response.method} ${pathOf(response).replace(/[0-9a-f-]{36}|\d{3,}/g, '*')} ${response.status}`;
}

function pathOf({ url }: SandboxResponse): string {
  return new URL(url, 'http://sandbox').pathname;
}
