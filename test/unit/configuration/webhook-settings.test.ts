import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { webhookTarget } from '../../../src/configuration/webhook-addresses';
import { webhookSettings } from '../../../src/webhooks/webhook-settings';

const AIRBYTE_WEBHOOK_SECRET = 'a-secret_of_the-test';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'webhooks-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'file');
  writeFileSync(path, text);
  return path;
}

describe('the settings of webhooks', () => {
  test('are off by default', () => {
    expect(webhookSettings({})).toEqual({});
    expect(webhookSettings({ AIRBYTE_WEBHOOK_SECRET })).toEqual({});
  });

  test('listen on this machine alone unless they name another address', () => {
    const listener = { host: '127.0.0.1', port: 8400, secret: AIRBYTE_WEBHOOK_SECRET };
    expect(webhookSettings({ AIRBYTE_WEBHOOK_PORT: '8400', AIRBYTE_WEBHOOK_SECRET })).toEqual({ listener });
    expect(
      webhookSettings({
        ...{ AIRBYTE_WEBHOOK_PORT: '8400', AIRBYTE_WEBHOOK_HOST: '0.0.0.0' },
        AIRBYTE_WEBHOOK_SECRET_FILE: file(`${AIRBYTE_WEBHOOK_SECRET}\n`),
      }),
    ).toEqual({ listener: { ...listener, host: '0.0.0.0' } });
  });

  test.each([
    [{ AIRBYTE_WEBHOOK_PORT: '8400' }, 'AIRBYTE_WEBHOOK_SECRET is not set, and AIRBYTE_WEBHOOK_PORT is.'],
    [{ AIRBYTE_WEBHOOK_PORT: '8400', AIRBYTE_WEBHOOK_SECRET: 'short' }, 'AIRBYTE_WEBHOOK_SECRET cannot be used:'],
    [{ AIRBYTE_WEBHOOK_PORT: '8400', AIRBYTE_WEBHOOK_SECRET: 'with/a/slash/in-it' }, 'AIRBYTE_WEBHOOK_SECRET cannot'],
    [
      { AIRBYTE_WEBHOOK_PORT: 'http', AIRBYTE_WEBHOOK_SECRET },
      "AIRBYTE_WEBHOOK_PORT cannot be used: 'http' is no port",
    ],
    [{ AIRBYTE_WEBHOOK_PORT: '65536', AIRBYTE_WEBHOOK_SECRET }, 'between 1 and 65535'],
    [{ AIRBYTE_WEBHOOK_ROUTES: '/none' }, 'AIRBYTE_WEBHOOK_ROUTES cannot be used: '],
  ])('%j are rejected', (env, message) => {
    expect(() => webhookSettings(env)).toThrow(message);
  });

  test('read the routes, and say where a file of routes is wrong', () => {
    const route = '  - { connection: c, workflow: w, taskQueue: q }';
    expect(webhookSettings({ AIRBYTE_WEBHOOK_ROUTES: file(`routes:\n${route}\n`) }).routes).toEqual([
      { connection: 'c', workflow: 'w', taskQueue: 'q', on: 'success' },
    ]);
    const wrong = file(`routes:\n${route}\n  - { connection: c, workflow: w }\n`);
    expect(() => webhookSettings({ AIRBYTE_WEBHOOK_ROUTES: wrong })).toThrow(/:3:\d+ routes\[1\]\.taskQueue/);
  });
});

describe('where Airbyte is to send its notifications', () => {
  test('is an address without a slash at its end', () => {
    const env = { AIRBYTE_WEBHOOK_URL: 'https://hooks.example.com/workers/', AIRBYTE_WEBHOOK_SECRET };
    expect(webhookTarget(env)).toEqual({
      baseUrl: 'https://hooks.example.com/workers',
      secret: AIRBYTE_WEBHOOK_SECRET,
    });
  });

  test.each([
    [{ AIRBYTE_WEBHOOK_SECRET }, 'AIRBYTE_WEBHOOK_URL is not set.'],
    [{ AIRBYTE_WEBHOOK_URL: 'http://worker:8400' }, 'AIRBYTE_WEBHOOK_SECRET is not set, and AIRBYTE_WEBHOOK_URL is.'],
    [{ AIRBYTE_WEBHOOK_URL: 'worker:8400', AIRBYTE_WEBHOOK_SECRET }, 'is not an address that Airbyte can call'],
    [{ AIRBYTE_WEBHOOK_URL: 'http://worker:8400/?x', AIRBYTE_WEBHOOK_SECRET }, 'is not an address'],
  ])('%j is rejected', (env, message) => {
    expect(() => webhookTarget(env)).toThrow(message);
  });
});
