import { describe, expect, it } from '@jest/globals';
import { codecServerAccess } from '../../../src/configuration/codec-server-settings';

const TOKEN = 'f'.repeat(48);
const ISSUED = { AIRBYTE_CODEC_ISSUER: 'https://login.example.com/', AIRBYTE_CODEC_AUDIENCE: 'temporal-ui' };

describe('codecServerAccess', () => {
  it('has a token, an issuer, or both', () => {
    const issued = { issuer: 'https://login.example.com/', audience: 'temporal-ui' };
    expect(codecServerAccess({ AIRBYTE_CODEC_TOKEN: TOKEN })).toEqual({ token: TOKEN });
    expect(codecServerAccess(ISSUED)).toEqual({ issued });
    const users = { AIRBYTE_CODEC_USERS: 'ada@example.com, ci' };
    expect(codecServerAccess({ ...ISSUED, ...users, AIRBYTE_CODEC_TOKEN: TOKEN })).toEqual({
      token: TOKEN,
      issued: { ...issued, users: ['ada@example.com', 'ci'] },
    });
    // A server on this machine, as in development.
    const local = { ...ISSUED, AIRBYTE_CODEC_ISSUER: 'http://localhost:9000' };
    expect(codecServerAccess(local).issued?.issuer).toBe('http://localhost:9000');
  });

  it.each<[what: string, env: Record<string, string>, message: RegExp]>([
    ['nothing', {}, /^AIRBYTE_CODEC_TOKEN is not set, and neither is AIRBYTE_CODEC_ISSUER\./],
    ['a short token', { AIRBYTE_CODEC_TOKEN: 'short' }, /^AIRBYTE_CODEC_TOKEN cannot be used: expected 32 to 200/],
    [
      'an issuer without an audience',
      { AIRBYTE_CODEC_ISSUER: 'https://login.example.com' },
      /^AIRBYTE_CODEC_AUDIENCE is not set/,
    ],
    [
      'an audience without an issuer',
      { AIRBYTE_CODEC_AUDIENCE: 'ui' },
      /^AIRBYTE_CODEC_AUDIENCE has no effect without/,
    ],
    [
      'users without an issuer',
      { AIRBYTE_CODEC_TOKEN: TOKEN, AIRBYTE_CODEC_USERS: 'ada' },
      /^AIRBYTE_CODEC_USERS has no effect/,
    ],
    [
      'an issuer without TLS',
      { ...ISSUED, AIRBYTE_CODEC_ISSUER: 'http://login.example.com' },
      /must begin with https:/,
    ],
    ['an issuer that is no address', { ...ISSUED, AIRBYTE_CODEC_ISSUER: 'login' }, /is not the address of an issuer/],
  ])('rejects %s', (_, env, message) => {
    expect(() => codecServerAccess(env)).toThrow(message);
  });
});
