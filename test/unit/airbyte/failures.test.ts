import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { AirbyteClient, AirbyteError } from '../../../src/airbyte';
import { retryAfterMs } from '../../../src/airbyte/responses/response-errors';
import { MISSING_ENDPOINT, type ScriptedResponse } from './scripted-airbyte';
import { airbyte, client } from './scripted-client';

async function errorOf(call: Promise<unknown>): Promise<AirbyteError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AirbyteError)) {
    throw new Error(`not an AirbyteError: ${error}`);
  }
  return error;
}

/** What a trigger that is rejected like this fails with. */
function errorOfTrigger(response: ScriptedResponse): Promise<AirbyteError> {
  airbyte.script = () => response;
  return errorOf(client.connections.sync('c'));
}

/** The error of a read with this response. */
function errorOfResponse(response: ScriptedResponse): Promise<AirbyteError> {
  airbyte.script = () => response;
  return errorOf(client.jobs.get(1));
}

describe('the type of a failure', () => {
  const missingObject = {
    message: 'Could not find configuration for STANDARD_SYNC: c.',
    exceptionClassName: 'io.airbyte.commons.server.errors.IdNotFoundKnownException',
    exceptionStack: ['at io.airbyte.Secret.java:1'],
    rootCauseExceptionStack: ['at io.airbyte.Cause.java:1'],
  };

  it.each([
    [400, { errorId: 'e' }, 'AirbyteInvalidRequest'],
    [422, { message: 'bad', validationErrors: [] }, 'AirbyteInvalidRequest'],
    [401, {}, 'AirbyteUnauthorized'],
    [403, { message: 'Forbidden' }, 'AirbyteUnauthorized'],
    [404, { errorId: 'e' }, 'AirbyteNotFound'],
    [404, missingObject, 'AirbyteNotFound'],
    [404, { message: 'Object not found.' }, 'AirbyteNotFound'],
    [404, { type: 'error:not-found', title: 'resource-not-found', detail: 'No such job.' }, 'AirbyteNotFound'],
    // Every Airbyte has the call: these are a gateway's, or the path is wrong.
    [404, MISSING_ENDPOINT, 'AirbyteUnavailable'],
    [404, { detail: 'Not Found' }, 'AirbyteUnavailable'],
    [404, { message: 'no Route matched with those values' }, 'AirbyteUnavailable'],
    [404, { error: 'Cannot POST /api/v1/jobs/get' }, 'AirbyteUnavailable'],
    [404, '', 'AirbyteUnavailable'],
    [404, '<html><head><title>404 Not Found</title></head></html>', 'AirbyteUnavailable'],
    [405, { message: 'Method Not Allowed' }, 'AirbyteUnavailable'],
    [501, '', 'AirbyteUnavailable'],
    [409, { message: 'A sync is already running for: c' }, 'AirbyteUnavailable'],
    [413, '', 'AirbyteInvalidRequest'],
    [408, '', 'AirbyteUnavailable'],
    [429, '', 'AirbyteUnavailable'],
    [500, { message: 'Internal Server Error: gone' }, 'AirbyteUnavailable'],
    [502, '<html>', 'AirbyteUnavailable'],
    [503, '', 'AirbyteUnavailable'],
    [504, '', 'AirbyteUnavailable'],
  ])('is, for %d %j, %s', async (status, body, type) => {
    const error = await errorOfResponse({ status, body });
    expect(error).toMatchObject({ type, status, call: 'jobs/get', retryable: type === 'AirbyteUnavailable' });
  });
});

describe('the effect of a failed request', () => {
  it.each([400, 401, 403, 422, 429])('is none after %d', async (status) => {
    expect((await errorOfResponse({ status })).effect).toBe('none');
  });

  it.each([404, 405, 408, 409, 500, 501, 502, 503, 504])('is unknown after a bare %d', async (status) => {
    expect((await errorOfTrigger({ status })).effect).toBe('unknown');
  });

  it('is unknown when the connection breaks after the request went out', async () => {
    const error = await errorOfResponse((response) => response.socket?.destroy());
    expect(error).toMatchObject({ type: 'AirbyteUnavailable', retryable: true, effect: 'unknown', status: undefined });
    expect(error.message).toContain('broke before the response was complete');
  });

  it('is unknown when the response breaks off in its middle', async () => {
    const error = await errorOfResponse((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"job":', () => response.socket?.destroy());
    });
    expect(error).toMatchObject({ type: 'AirbyteUnavailable', retryable: true, effect: 'unknown' });
  });

  it('is unknown when no response comes in time', async () => {
    const impatient = new AirbyteClient({ url: airbyte.url, timeoutsMs: { trigger: 20 } });
    airbyte.script = () => () => {};
    const error = await errorOf(impatient.connections.sync('c'));
    expect(error).toMatchObject({ type: 'AirbyteUnavailable', retryable: true, effect: 'unknown' });
    expect(error.message).toContain('gave no response within 0.02 s');
    await impatient.close();
  });

  it('is none when nothing listens', async () => {
    const { host } = new URL(airbyte.url);
    await airbyte.stop();
    const error = await errorOf(client.connections.sync('c'));
    expect(error).toMatchObject({ type: 'AirbyteUnavailable', retryable: true, effect: 'none' });
    expect(error.message).toContain(`nothing listens on ${host}`);
    expect(error.message).toContain('AIRBYTE_URL');
  });

  it('is none when the host has no address', async () => {
    const lost = new AirbyteClient({ url: 'http://airbyte.invalid:8001' });
    const error = await errorOf(lost.connections.sync('c'));
    expect(error).toMatchObject({ type: 'AirbyteUnavailable', retryable: true, effect: 'none' });
    expect(error.message).toContain('airbyte.invalid:8001');
    expect(error.message).toContain('AIRBYTE_URL');
    await lost.close();
  });

  it('is none when the server accepts connections and closes them immediately', async () => {
    const dropping = createServer((socket: Socket) => socket.destroy());
    await new Promise<void>((resolve) => dropping.listen(0, '127.0.0.1', resolve));
    const { port } = dropping.address() as AddressInfo;
    const dropped = new AirbyteClient({ url: `http://127.0.0.1:${port}` });
    const error = await errorOf(dropped.connections.sync('c'));
    // The request may or may not have been written before the connection went: it must never count as surely not sent.
    expect(error).toMatchObject({ type: 'AirbyteUnavailable', retryable: true });
    await dropped.close();
    await new Promise((resolve) => dropping.close(resolve));
  });
});

describe('the message of a failure', () => {
  it("says what failed, Airbyte's own reason and what to do, without a stack", async () => {
    const error = await errorOfTrigger({
      status: 409,
      body: {
        message: 'A sync is already running for: c',
        exceptionClassName: 'io.airbyte.commons.server.errors.ValueConflictKnownException',
        exceptionStack: ['at io.airbyte.Handler.java:1'],
        rootCauseExceptionStack: ['at io.airbyte.Cause.java:1'],
      },
    });
    expect(error.message).toBe(
      `connections/sync at ${airbyte.url} returned 409: A sync is already running for: c. Wait until that job has ended, or cancel it, then try again.`,
    );
  });

  it('names the fields that were invalid, and never their values', async () => {
    const error = await errorOfResponse({
      status: 422,
      body: {
        message: 'Some properties contained invalid input.',
        validationErrors: [{ propertyPath: 'sourceId', invalidValue: 'hunter2', message: 'must be a UUID' }],
      },
    });
    expect(error.message).toContain('Some properties contained invalid input.: sourceId must be a UUID.');
    expect(error.message).not.toContain('hunter2');
  });

  it('reads problem documents', async () => {
    const error = await errorOfResponse({
      status: 409,
      headers: { 'content-type': 'application/problem+json' },
      body: { type: 'error:state-conflict', title: 'state-conflict', detail: 'Connection is inactive.', data: {} },
    });
    expect(error.message).toContain('returned 409: state-conflict: Connection is inactive.');
  });

  it('says that Airbyte gave only an error id, and where to find the reason', async () => {
    const error = await errorOfResponse({ status: 400, body: { errorId: '0b2c' } });
    expect(error.message).toContain('only the error id 0b2c; its server log has the reason');
  });

  it("gives a gateway's page as its title", async () => {
    const body = '<html>\n<head><title>502 Bad Gateway</title></head>\n<body>…</body></html>';
    const error = await errorOfResponse({ status: 502, headers: { 'content-type': 'text/html' }, body });
    expect(error.message).toContain('returned 502: a web page titled "502 Bad Gateway".');
  });

  it('is one paragraph of bounded length whatever Airbyte writes', async () => {
    const error = await errorOfResponse({
      status: 500,
      body: { message: `first\n\tsecond ${'long '.repeat(10_000)}` },
    });
    expect(error.message).toContain('first second long');
    expect(error.message).not.toContain('\n');
    expect(error.message.length).toBeLessThan(1_500);
  });

  it('does not end in half a word, which may be half a secret that no mask would recognise', async () => {
    const message = `${'long '.repeat(198)}https://airbyte:hunter2hunter2@shop`;
    const error = await errorOfResponse({ status: 500, body: { message } });
    expect(error.message).toContain('long …');
    expect(error.message).not.toContain('hunter');
  });

  it('says where a redirect leads, without its query', async () => {
    const error = await errorOfResponse({
      status: 302,
      headers: { location: 'https://sso.example.com/login?state=s3cret' },
    });
    expect(error).toMatchObject({ type: 'AirbyteUnavailable', retryable: false, effect: 'none' });
    expect(error.message).toContain('redirects to https://sso.example.com/login.');
    expect(error.message).not.toContain('s3cret');
  });
});

describe('a response that is not from an Airbyte API', () => {
  it.each([
    ['a web page', { headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Airbyte</title>' }],
    ['nothing', { body: '' }],
    ['something that is not JSON', { body: 'It works!' }],
  ])('is reported as such when it is %s', async (what, response) => {
    const error = await errorOfResponse(response);
    expect(error).toMatchObject({ type: 'AirbyteUnavailable', status: 200, retryable: false, effect: 'unknown' });
    expect(error.message).toContain(
      `jobs/get at ${airbyte.url} returned 200 with ${what}: this is not an Airbyte API.`,
    );
    expect(error.message).toContain('http://host:8000/api/v1');
    expect(error.message).toContain('AIRBYTE_URL');
  });

  it.each([
    [{ job: { id: 1 } }, 'job.status: Invalid input: expected string, received undefined'],
    [[], 'the response: '],
    [{ jobs: [] }, 'job: '],
  ])('names the field that is missing in %j', async (body, problem) => {
    const error = await errorOfResponse({ body });
    expect(error).toMatchObject({ type: 'AirbyteUnavailable', retryable: false, effect: 'unknown' });
    expect(error.message).toContain(`jobs/get at ${airbyte.url}`);
    expect(error.message).toContain(problem);
  });

  it('names the field that is missing in an entry of a list, in the form that fits best', async () => {
    airbyte.script = () => ({ body: { jobs: [{ job: { id: 'seven', status: 'running' }, attempts: [] }] } });
    const error = await errorOf(client.jobs.list({ jobTypes: ['sync'], connectionId: 'c' }));
    expect(error.message).toContain('jobs.0.job.id: ');
  });
});

describe('the wait that Airbyte asks for', () => {
  it('is on the error', async () => {
    const error = await errorOfResponse({ status: 429, headers: { 'retry-after': '7' } });
    expect(error.retryAfterMs).toBe(7_000);
  });

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('is read from %j', (header, expected) => {
    expect(retryAfterMs(header, Date.parse('2026-01-01T00:00:00Z'))).toBe(expected);
  });
});
