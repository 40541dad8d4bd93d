import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { authorizerOf } from '../../../src/encryption/codec-authorization';
import { type CodecServer, startCodecServer } from '../../../src/encryption/codec-server';
import { EncryptionCodec } from '../../../src/encryption/encryption-codec';
import { parseEncryptionKeys } from '../../../src/encryption/encryption-keys';
import { readPayloads, writePayloads } from '../../../src/encryption/payload-json';
import { keyLine } from '../../support/encryption-keys';

const TOKEN = 'a-token-of-thirty-two-characters-or-more';
const UI = 'http://localhost:8233';
const AUDIENCE = 'temporal-ui';
const MARKER = 'marker-of-a-payload';

const codec = new EncryptionCodec(parseEncryptionKeys(keyLine('current')));
const otherCodec = new EncryptionCodec(parseEncryptionKeys(keyLine('unknown')));
const plain = [defaultPayloadConverter.toPayload({ host: MARKER }), defaultPayloadConverter.toPayload(undefined)];

let server: CodecServer;
let issuer: string;
let issuerServer: Server;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
const lines: string[] = [];

beforeAll(async () => {
  keys = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'signing', alg: 'ES256' };
  issuerServer = createServer(({ url }, response) => {
    response.setHeader('content-type', 'application/json');
    const isDiscovery = url === '/.well-known/openid-configuration';
    response.end(JSON.stringify(isDiscovery ? { issuer, jwks_uri: `${issuer}/keys` } : { keys: [jwk] }));
  });
  await new Promise<void>((resolve) => issuerServer.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(issuerServer.address() as AddressInfo).port}`;
  server = await startCodecServer({
    ...{ host: '127.0.0.1', port: 0, origins: [UI], codec },
    authorize: authorizerOf({ token: TOKEN, issued: { issuer, audience: AUDIENCE, users: ['Ada@example.com', 'ci'] } }),
    log: (line) => lines.push(line),
  });
});

afterAll(async () => {
  await server?.close();
  issuerServer?.closeAllConnections();
  issuerServer?.close();
});

beforeEach(() => {
  lines.length = 0;
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function send(path: string, body: string, headers: Record<string, string> = bearer(TOKEN), method = 'POST') {
  return fetch(`${server.url}${path}`, { method, headers, ...(method === 'POST' && { body }) });
}

const encrypted = async () => writePayloads(await codec.encode(plain));

async function payloadsOf(response: Response): Promise<Payload[]> {
  expect(response.status).toBe(200);
  return readPayloads(await response.text());
}

const valuesOf = (payloads: Payload[]) => payloads.map((payload) => defaultPayloadConverter.fromPayload(payload));

describe('startCodecServer', () => {
  it('decodes what a worker has encrypted and encodes what a worker will decrypt, at any depth of the path', async () => {
    for (const path of ['/decode', '/any/depth/decode', '/decode?namespace=default']) {
      expect(valuesOf(await payloadsOf(await send(path, await encrypted())))).toEqual([{ host: MARKER }, undefined]);
    }
    const encoded = await payloadsOf(await send('/encode', writePayloads(plain)));
    expect(encoded.map(({ metadata }) => String(metadata?.['encoding']))).toEqual(Array(2).fill('binary/encrypted'));
    expect(valuesOf(await codec.decode(encoded))).toEqual([{ host: MARKER }, undefined]);
  });

  it('accepts the token as the part of the path before the operation, for a UI without sign-in', async () => {
    expect(await payloadsOf(await send(`/${TOKEN}/decode`, await encrypted(), {}))).toHaveLength(2);
  });

  it('returns payloads as they are that it cannot decrypt or that are plain, and logs which key is missing', async () => {
    const [foreign] = await otherCodec.encode(plain);
    const mixed = writePayloads([...(await codec.encode(plain)), foreign as Payload, plain[0] as Payload]);
    const decoded = await payloadsOf(await send('/decode', mixed, { ...bearer(TOKEN), 'x-namespace': 'sales' }));
    expect(valuesOf(decoded.slice(0, 2))).toEqual([{ host: MARKER }, undefined]);
    expect(String(decoded[2]?.metadata?.['encryption-key-id'])).toBe('unknown');
    expect(valuesOf(decoded.slice(3))).toEqual([{ host: MARKER }]);
    expect(lines).toEqual([
      'decode of 4 payloads for the token, namespace "sales"',
      expect.stringContaining(
        "encrypted with the key 'unknown', which the file of AIRBYTE_CODEC_KEYS_FILE does not have",
      ),
    ]);
  });

  it.each<[what: string, status: number, method: string, path: string, headers: Record<string, string>]>([
    ['no token', 401, 'POST', '/decode', {}],
    ['another token', 401, 'POST', '/decode', bearer(TOKEN.replace('a-', 'b-'))],
    ['another token in the path', 401, 'POST', '/b-token/decode', {}],
    ['another kind of authorization', 401, 'POST', '/decode', { authorization: `Basic ${TOKEN}` }],
    ['another path', 404, 'POST', '/', bearer(TOKEN)],
    ['a path that only begins so', 404, 'POST', '/decode/more', bearer(TOKEN)],
    ['another method', 405, 'GET', '/decode', bearer(TOKEN)],
    ['a preflight of an unknown page', 403, 'OPTIONS', '/decode', { origin: 'https://evil.example' }],
    [
      'a request of an unknown page, even with the token',
      403,
      'POST',
      '/decode',
      { ...bearer(TOKEN), origin: 'https://evil.example' },
    ],
  ])('rejects %s', async (_, status, method, path, headers) => {
    const response = await send(path, await encrypted(), headers, method);
    expect(response.status).toBe(status);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(await response.text()).not.toContain(MARKER);
    expect(lines.join()).not.toContain(TOKEN.slice(2));
  });

  it.each([
    ['no JSON', '{', /no JSON/],
    ['no payloads', '{"payloads":{}}', /no list of payloads: payloads:/],
    ['no base64', '{"payloads":[{"data":"*"}]}', /no list of payloads: payloads.0.data:/],
  ])('says what is wrong with a body that is %s', async (_, body, message) => {
    const response = await send('/decode', body);
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(message);
  });

  it('rejects a body of more than 16 MB, also one whose length is not announced', async () => {
    const chunk = Buffer.alloc(2 ** 20, 'a');
    expect((await send('/decode', 'a'.repeat(17 * 2 ** 20))).status).toBe(413);
    let chunks = 0;
    const stream = new ReadableStream({
      pull: (controller) => (chunks++ < 64 ? controller.enqueue(chunk) : controller.close()),
    });
    const init = { method: 'POST', headers: bearer(TOKEN), body: stream, duplex: 'half' } as RequestInit;
    // The server closes the connection before the client has sent all.
    const status = await fetch(`${server.url}/decode`, init).then(
      (response) => response.status,
      () => 413,
    );
    expect(status).toBe(413);
  });

  it('permits the page that it was told of, with the headers that the UI sends', async () => {
    const preflight = await fetch(`${server.url}/decode`, {
      method: 'OPTIONS',
      headers: { origin: UI, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-namespace' },
    });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': UI,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization, content-type, x-namespace',
      'access-control-allow-credentials': 'true',
      vary: 'origin',
    });
    const response = await send('/decode', await encrypted(), { ...bearer(TOKEN), origin: UI });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': UI,
      'cache-control': 'no-store',
    });
    // The UI reads why it was rejected.
    const rejected = await send('/decode', await encrypted(), { origin: UI });
    expect([rejected.status, rejected.headers.get('access-control-allow-origin')]).toEqual([401, UI]);
  });
});

describe('an access token of the issuer', () => {
  const claims = { email: 'ada@example.com', sub: 'auth0|17' };
  const accessToken = (payload: JWTPayload, change: (jwt: SignJWT) => SignJWT = (jwt) => jwt) =>
    change(
      new SignJWT(payload)
        .setProtectedHeader({ alg: 'ES256', kid: 'signing' })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setExpirationTime('5m'),
    ).sign(keys.privateKey);

  const statusOf = async (token: string) => (await send('/decode', await encrypted(), bearer(token))).status;

  it('permits its user, by email or by subject, whom the log names', async () => {
    expect(await statusOf(await accessToken(claims))).toBe(200);
    expect(lines).toEqual(['decode of 2 payloads for ada@example.com, namespace "unknown"']);
    expect(await statusOf(await accessToken({ sub: 'ci' }))).toBe(200);
    const cloud = { sub: 'auth0|17', 'https://saas-api.tmprl.cloud/user/email': 'ada@example.com' };
    expect(await statusOf(await accessToken(cloud))).toBe(200);
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    [
      'of another user',
      () => accessToken({ email: 'eve@example.com' }),
      /AIRBYTE_CODEC_USERS does not have the user eve/,
    ],
    [
      'with an unverified address',
      () => accessToken({ ...claims, email_verified: false }),
      /does not have the user auth0/,
    ],
    ['of nobody', () => accessToken({}), /names no user/],
    ['for another audience', () => accessToken(claims, (jwt) => jwt.setAudience('shop')), /"aud" claim/],
    ['of another issuer', () => accessToken(claims, (jwt) => jwt.setIssuer('https://evil.example')), /"iss" claim/],
    ['that has expired', () => accessToken(claims, (jwt) => jwt.setExpirationTime('-5m')), /"exp" claim/],
    [
      'that never expires',
      () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'ES256' })
          .setIssuer(issuer)
          .setAudience(AUDIENCE)
          .sign(keys.privateKey),
      /"exp" claim/,
    ],
    [
      'with another signature',
      async () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'ES256', kid: 'signing' })
          .setIssuer(issuer)
          .setAudience(AUDIENCE)
          .setExpirationTime('5m')
          .sign((await generateKeyPair('ES256')).privateKey),
      /signature verification failed/,
    ],
    [
      'without a signature',
      async () =>
        `${new UnsecuredJWT(claims).setIssuer(issuer).setAudience(AUDIENCE).setExpirationTime('5m').encode()}AA`,
      /not accepted/,
    ],
  ])('is rejected %s', async (_, make, reason) => {
    const token = await make();
    expect(await statusOf(token)).toBe(401);
    expect(lines).toEqual([expect.stringMatching(/^Rejected a request from 127\.0\.0\.1: /)]);
    expect(lines[0]).toMatch(reason);
    expect(lines[0]).not.toContain(token);
  });
});
