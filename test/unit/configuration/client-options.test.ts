import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { airbyteOptionsFromEnvironment, InvalidEnvironmentError, normalizeAirbyteUrl } from '../../../src';

const URL_ONLY = { AIRBYTE_URL: 'http://localhost:8001/api/v1' };

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'airbyte-environment-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function fileWith(content: string): string {
  const file = join(folder, `secret-${Math.random()}`);
  writeFileSync(file, content);
  return file;
}

function errorOf(environment: Record<string, string | undefined>): InvalidEnvironmentError {
  try {
    airbyteOptionsFromEnvironment(environment);
  } catch (error) {
    if (error instanceof InvalidEnvironmentError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was wrong with it');
}

describe('AIRBYTE_URL', () => {
  it.each([
    ['http://localhost:8001/api/v1', 'http://localhost:8001/api/v1'],
    ['http://localhost:8001/api/v1/', 'http://localhost:8001/api/v1'],
    ['http://host:8000', 'http://host:8000/api/v1'],
    ['http://host:8000/', 'http://host:8000/api/v1'],
    ['https://airbyte.example.com/api', 'https://airbyte.example.com/api/v1'],
    ['https://example.com/tools/airbyte', 'https://example.com/tools/airbyte/api/v1'],
    ['https://example.com/tools/airbyte/api/v1', 'https://example.com/tools/airbyte/api/v1'],
    ['https://cloud.airbyte.com/api/v1', 'https://cloud.airbyte.com/api/v1'],
    [' http://[::1]:8001 ', 'http://[::1]:8001/api/v1'],
  ])('%j is the Config API at %s', (text, url) => {
    expect(airbyteOptionsFromEnvironment({ AIRBYTE_URL: text })).toEqual({ url, auth: { kind: 'none' } });
    expect(normalizeAirbyteUrl(text)).toEqual({ url, flavour: 'config' });
  });

  it.each([
    ['http://localhost:8000/api/public/v1', 'http://localhost:8000/api/public/v1'],
    ['http://localhost:8000/api/public/', 'http://localhost:8000/api/public/v1'],
    ['https://example.com/tools/airbyte/api/public/v1/', 'https://example.com/tools/airbyte/api/public/v1'],
    ['https://api.airbyte.com', 'https://api.airbyte.com/v1'],
    ['https://api.airbyte.com/v1/', 'https://api.airbyte.com/v1'],
  ])('%j is the public API at %s', (text, url) => {
    expect(airbyteOptionsFromEnvironment({ AIRBYTE_URL: text })).toEqual({ url, auth: { kind: 'none' } });
    expect(normalizeAirbyteUrl(text)).toEqual({ url, flavour: 'public' });
  });

  it.each([
    [undefined, 'is not set'],
    ['', 'is not set'],
    ['localhost', 'is not a URL'],
    ['localhost:8001', 'must begin with http://'],
    ['ftp://localhost/api/v1', 'must begin with http://'],
    ['http://localhost:8001/api/v1?x=1', 'without "?"'],
  ])('%j is rejected: %s', (text, problem) => {
    const error = errorOf({ AIRBYTE_URL: text });
    expect(error.variable).toBe('AIRBYTE_URL');
    expect(error.message).toMatch(/^AIRBYTE_URL /);
    expect(error.message).toContain(problem);
  });

  it('with credentials in it is rejected without printing them', () => {
    const error = errorOf({ AIRBYTE_URL: 'http://airbyte:hunter2@localhost:8001/api/v1' });
    expect(error.message).toContain('AIRBYTE_PASSWORD');
    expect(error.message).not.toContain('hunter2');
  });
});

describe('the credentials in the environment', () => {
  it.each([
    [
      { AIRBYTE_USERNAME: 'a', AIRBYTE_PASSWORD: ' b ' },
      { kind: 'basic', username: 'a', password: ' b ' },
    ],
    [{ AIRBYTE_TOKEN: 't' }, { kind: 'bearer', token: 't' }],
    [
      { AIRBYTE_CLIENT_ID: 'i', AIRBYTE_CLIENT_SECRET: 's' },
      { kind: 'clientCredentials', clientId: 'i', clientSecret: 's' },
    ],
    [{ AIRBYTE_TOKEN: '', AIRBYTE_USERNAME: '', AIRBYTE_PASSWORD: '' }, { kind: 'none' }],
  ])('are read from %j', (variables, auth) => {
    expect(airbyteOptionsFromEnvironment({ ...URL_ONLY, ...variables }).auth).toEqual(auth);
  });

  it('may be in files, whose last line end does not count', () => {
    const cases = [
      [{ AIRBYTE_USERNAME: 'a', AIRBYTE_PASSWORD_FILE: fileWith('b\n') }, { password: 'b' }],
      [{ AIRBYTE_TOKEN_FILE: fileWith('t\r\n') }, { token: 't' }],
      [{ AIRBYTE_CLIENT_ID: 'i', AIRBYTE_CLIENT_SECRET_FILE: fileWith('s') }, { clientSecret: 's' }],
    ] as const;
    for (const [variables, auth] of cases) {
      expect(airbyteOptionsFromEnvironment({ ...URL_ONLY, ...variables }).auth).toMatchObject(auth);
    }
  });

  it.each([
    [{ AIRBYTE_USERNAME: 'a' }, 'AIRBYTE_PASSWORD'],
    [{ AIRBYTE_PASSWORD: 'hunter2' }, 'AIRBYTE_USERNAME'],
    [{ AIRBYTE_CLIENT_ID: 'i' }, 'AIRBYTE_CLIENT_SECRET'],
    [{ AIRBYTE_CLIENT_SECRET: 'hunter2' }, 'AIRBYTE_CLIENT_ID'],
    [{ AIRBYTE_USERNAME: 'a', AIRBYTE_PASSWORD: 'hunter2', AIRBYTE_TOKEN: 'hunter2' }, 'AIRBYTE_TOKEN'],
    [{ AIRBYTE_TOKEN: 'hunter2', AIRBYTE_CLIENT_ID: 'i', AIRBYTE_CLIENT_SECRET: 'hunter2' }, 'AIRBYTE_CLIENT_ID'],
    [{ AIRBYTE_TOKEN: 'hunter2', AIRBYTE_TOKEN_FILE: '/nowhere' }, 'AIRBYTE_TOKEN_FILE'],
    [{ AIRBYTE_TOKEN_FILE: '/nowhere/token' }, 'AIRBYTE_TOKEN_FILE'],
    [{ AIRBYTE_TOKEN: 'hunter2\nhunter2' }, 'AIRBYTE_TOKEN'],
  ])('%j are rejected by the name of %s', (variables, variable) => {
    const error = errorOf({ ...URL_ONLY, ...variables });
    expect(error.variable).toBe(variable);
    expect(error.message).toContain(variable);
    expect(error.message).not.toContain('hunter2');
  });

  it('are rejected when their file is empty', () => {
    expect(errorOf({ ...URL_ONLY, AIRBYTE_TOKEN_FILE: fileWith('\n') }).message).toContain('empty file');
  });
});
