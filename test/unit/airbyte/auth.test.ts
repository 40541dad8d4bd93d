import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type AirbyteAuth, AirbyteClient } from '../../../src/airbyte';
import { MISSING_ENDPOINT, ScriptedAirbyte, type ScriptedResponse } from './scripted-airbyte';

let airbyte: ScriptedAirbyte;
let client: AirbyteClient;

beforeEach(async () => {
  airbyte = await ScriptedAirbyte.start();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await client.close();
  await airbyte.stop();
});

function connect(auth?: AirbyteAuth): void {
  client = new AirbyteClient(auth === undefined ? { url: airbyte.url } : { url: airbyte.url, auth });
}

const JOB = { job: { id: 1, configType: 'sync', status: 'running' } };

/** The credentials of every call but those for tokens. */
function sentCredentials(): (string | undefined)[] {
  return airbyte.requests
    .filter((request) => !request.path.endsWith('applications/token'))
    .map((request) => request.headers.authorization);
}

describe('credentials', () => {
  it('are none unless given', async () => {
    connect();
    airbyte.respond({ 'jobs/get': JOB });
    await client.jobs.get(1);
    expect(sentCredentials()).toEqual([undefined]);
  });

  it('are a name and a password in any alphabet', async () => {
    connect({ kind: 'basic', username: 'airbyte', password: 'pässword:with:colons' });
    airbyte.respond({ 'jobs/get': JOB });
    await client.jobs.get(1);
    const encoded = sentCredentials()[0]?.replace('Basic ', '') ?? '';
    expect(Buffer.from(encoded, 'base64').toString('utf8')).toBe('airbyte:pässword:with:colons');
  });

  it('are a token', async () => {
    connect({ kind: 'bearer', token: 't0ken' });
    airbyte.respond({ 'jobs/get': JOB });
    await client.jobs.get(1);
    expect(sentCredentials()).toEqual(['Bearer t0ken']);
  });

  it.each<AirbyteAuth>([
    { kind: 'basic', username: 'airbyte', password: 'hunter2' },
    { kind: 'bearer', token: 'hunter2' },
  ])('of kind $kind are sent once, and never named, when they are rejected', async (auth) => {
    connect(auth);
    airbyte.script = () => ({ status: 401, body: '' });
    const error: unknown = await client.jobs.get(1).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ type: 'AirbyteUnauthorized', retryable: false, effect: 'none' });
    expect(`${error} ${JSON.stringify(error)}`).not.toContain('hunter2');
    expect(airbyte.requests).toHaveLength(1);
  });
});

describe('credentials that a server quotes', () => {
  it.each<AirbyteAuth>([
    { kind: 'basic', username: 'airbyte', password: 'hunter2"pässword' },
    { kind: 'bearer', token: 'hunter2-token' },
    { kind: 'clientCredentials', clientId: 'id', clientSecret: 'hunter2-secret' },
  ])('of kind $kind are not in the error', async (auth) => {
    connect(auth);
    airbyte.script = ({ headers: { authorization = '' }, body }) => {
      const decoded = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString('utf8');
      return { status: 401, body: { message: `refused ${authorization} ${decoded}`, detail: JSON.stringify(body) } };
    };
    const error: unknown = await client.jobs.get(1).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ type: 'AirbyteUnauthorized', message: expect.stringContaining('refused') });
    expect(`${error}`).not.toContain('hunter2');
    expect(`${error}`).not.toContain(airbyte.requests[0]?.headers.authorization?.split(' ')[1] ?? 'hunter2');
  });
});

describe('client credentials', () => {
  const auth: AirbyteAuth = { kind: 'clientCredentials', clientId: 'id', clientSecret: 's3cret' };
  let tokens: unknown[];
  let valid: (token: string) => boolean;
  let respondToken: (issued: number) => ScriptedResponse;

  beforeEach(() => {
    connect(auth);
    tokens = [];
    valid = () => true;
    respondToken = (issued) => ({
      body: { access_token: jwt({ exp: nowSeconds() + 900, iat: nowSeconds(), n: issued }) },
    });
    airbyte.script = (request) => {
      if (request.path === '/api/v1/applications/token') {
        tokens.push(request.body);
        return respondToken(tokens.length);
      }
      const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
      return valid(token) ? { body: JOB } : { status: 401, body: '' };
    };
  });

  function nowSeconds(): number {
    return Math.floor(Date.now() / 1_000);
  }

  function jwt(claims: object): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'HS256' })}.${part(claims)}.signature`;
  }

  /** Moves the client's clock on, without waiting. */
  function letPass(milliseconds: number): void {
    const moment = Date.now() + milliseconds;
    jest.spyOn(Date, 'now').mockReturnValue(moment);
  }

  it('are exchanged for a token, which is used until shortly before it expires', async () => {
    await client.jobs.get(1);
    await client.jobs.get(1);
    letPass(600_000);
    await client.jobs.get(1);
    expect(tokens).toEqual([{ client_id: 'id', client_secret: 's3cret' }]);
    expect(new Set(sentCredentials()).size).toBe(1);
  });

  it('are exchanged for a new token before the old one expires', async () => {
    await client.jobs.get(1);
    letPass(850_000);
    await client.jobs.get(1);
    expect(tokens).toHaveLength(2);
    expect(new Set(sentCredentials()).size).toBe(2);
  });

  it('are exchanged only once the rate limit lets a call go, however long it has waited', async () => {
    await client.jobs.get(1);
    client.limitRequests(20);
    const waiting = client.jobs.get(1);
    letPass(850_000);
    await waiting;
    expect(tokens).toHaveLength(2);
    expect(new Set(sentCredentials()).size).toBe(2);
  });

  it("use the token's own lifetime when the server's clock is wrong", async () => {
    respondToken = () => ({ body: { access_token: jwt({ iat: 1_000_000, exp: 1_000_900 }) } });
    await client.jobs.get(1);
    await client.jobs.get(1);
    expect(tokens).toHaveLength(1);
  });

  it('use expires_in where the server shows it', async () => {
    respondToken = () => ({ body: { access_token: 'opaque', token_type: 'Bearer', expires_in: 60 } });
    await client.jobs.get(1);
    letPass(55_000);
    await client.jobs.get(1);
    expect(tokens).toHaveLength(2);
  });

  it("take a token without a lifetime for Airbyte's shortest", async () => {
    respondToken = () => ({ body: { access_token: 'opaque' } });
    await client.jobs.get(1);
    letPass(100_000);
    await client.jobs.get(1);
    expect(tokens).toHaveLength(1);
    letPass(180_000);
    await client.jobs.get(1);
    expect(tokens).toHaveLength(2);
  });

  it('are exchanged only once, however many calls wait for the token', async () => {
    await Promise.all(Array.from({ length: 20 }, () => client.jobs.get(1)));
    expect(tokens).toHaveLength(1);
    expect(sentCredentials()).toHaveLength(20);
  });

  it('are exchanged again, once for all calls, when Airbyte rejects the token with 401', async () => {
    await client.jobs.get(1);
    const rejected = sentCredentials()[0];
    valid = (token) => `Bearer ${token}` !== rejected;
    await Promise.all([client.jobs.get(1), client.jobs.get(1), client.jobs.get(1)]);
    expect(tokens).toHaveLength(2);
  });

  it('are not tried a third time', async () => {
    valid = () => false;
    await expect(client.jobs.get(1)).rejects.toMatchObject({ type: 'AirbyteUnauthorized', call: 'jobs/get' });
    expect(tokens).toHaveLength(2);
    expect(sentCredentials()).toHaveLength(2);
  });

  it.each([
    [400, { errorId: 'e' }],
    [401, { errorId: 'e' }],
    [404, { errorId: 'e' }],
    [422, { message: 'not a UUID' }],
  ])('that are rejected with %d are named as variables, not as values', async (status, body) => {
    respondToken = () => ({ status, body });
    const error: unknown = await client.jobs.get(1).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ type: 'AirbyteUnauthorized', call: 'applications/token', retryable: false });
    expect(String(error)).toContain('AIRBYTE_CLIENT_SECRET');
    expect(`${error} ${JSON.stringify(error)}`).not.toContain('s3cret');
    expect(sentCredentials()).toEqual([]);
  });

  it('are an error with advice on a server that issues no tokens', async () => {
    respondToken = () => ({ status: 404, body: MISSING_ENDPOINT });
    await expect(client.jobs.get(1)).rejects.toMatchObject({
      type: 'AirbyteUnsupported',
      message: expect.stringContaining('use AIRBYTE_TOKEN'),
    });
  });

  it('are sent again by the next call when the server could not issue a token', async () => {
    const original = respondToken;
    respondToken = () => ({ status: 503, body: '' });
    await expect(client.jobs.get(1)).rejects.toMatchObject({ type: 'AirbyteUnavailable', retryable: true });
    respondToken = original;
    await expect(client.jobs.get(1)).resolves.toMatchObject({ jobId: 1 });
  });

  it('are still exchanged for the other calls when the first one is aborted', async () => {
    const original = respondToken;
    const giveUp = new AbortController();
    const reason = new Error('given up');
    respondToken = () => (response) => {
      giveUp.abort(reason);
      const { body } = original(1) as { body: unknown };
      response.end(JSON.stringify(body));
    };
    const first = client.jobs.get(1, { signal: giveUp.signal });
    const second = client.jobs.get(1);
    await expect(first).rejects.toBe(reason);
    await expect(second).resolves.toMatchObject({ jobId: 1 });
    expect(tokens).toHaveLength(1);
  });
});

describe('client credentials for the public API', () => {
  const JOB = { jobId: 1, jobType: 'sync', status: 'running' };
  let tokens: unknown[];
  let valid: (token: string) => boolean;

  beforeEach(() => {
    client = new AirbyteClient({
      url: `${airbyte.origin}/api/public/v1`,
      auth: { kind: 'clientCredentials', clientId: 'id', clientSecret: 's3cret' },
    });
    tokens = [];
    valid = () => true;
    airbyte.script = ({ path, body, headers }) => {
      if (path === '/api/public/v1/applications/token') {
        tokens.push(body);
        return { body: { access_token: `token-${tokens.length}`, token_type: 'Bearer', expires_in: 900 } };
      }
      return valid(headers.authorization ?? '') ? { body: JOB } : { status: 401, body: { title: 'invalid-api-key' } };
    };
  });

  it('are exchanged for a token at its own base, once for all calls', async () => {
    await Promise.all([client.jobs.get(1), client.jobs.get(1), client.connections.sync('c')]);
    const grant = { grant_type: 'client_credentials', 'grant-type': 'client_credentials' };
    expect(tokens).toEqual([{ client_id: 'id', client_secret: 's3cret', ...grant }]);
    expect(sentCredentials()).toEqual(Array(3).fill('Bearer token-1'));
  });

  it('are exchanged again before the token expires', async () => {
    await client.jobs.get(1);
    const moment = Date.now() + 850_000;
    jest.spyOn(Date, 'now').mockReturnValue(moment);
    await client.jobs.get(1);
    expect(sentCredentials()).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('are exchanged again, once, when Airbyte rejects the token with 401', async () => {
    await client.jobs.get(1);
    valid = (token) => token !== 'Bearer token-1';
    await Promise.all([client.jobs.get(1), client.jobs.cancel(1)]);
    expect(tokens).toHaveLength(2);
  });
});
