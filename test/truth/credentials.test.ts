import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AirbyteClient } from '../../src/airbyte';
import { airbyteOptionsFromEnvironment } from '../../src/configuration/client-options';
import { airbyte } from '../unit/airbyte/scripted-client';

const JOBS = {
  config: { job: { id: 1, configType: 'sync', status: 'running' } },
  public: { jobId: 1, jobType: 'sync', status: 'running', startTime: '2026-11-01T00:00:00Z' },
};

describe.each(['config', 'public'] as const)('a wrong client secret, through the %s API', (flavour) => {
  let folder: string;
  let client: AirbyteClient;
  let rightSecret = 'right-secret';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'secrets-'));
    await writeFile(join(folder, 'secret'), 'wrong-secret\n');
    rightSecret = 'right-secret';
    airbyte.script = ({ path, body }) => {
      if (!path.endsWith('applications/token')) return { body: JOBS[flavour] };
      const isRight = (body as { client_secret: string }).client_secret === rightSecret;
      return isRight ? { body: { access_token: 'a-token', expires_in: 900 } } : { status: 401, body: {} };
    };
    client = new AirbyteClient(
      airbyteOptionsFromEnvironment({
        AIRBYTE_URL: `${airbyte.origin}/api/${flavour === 'public' ? 'public/v1' : 'v1'}`,
        AIRBYTE_CLIENT_ID: 'id',
        AIRBYTE_CLIENT_SECRET_FILE: join(folder, 'secret'),
      }),
    );
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await client.close();
    await rm(folder, { recursive: true });
  });

  const outcomeOf = (call: Promise<unknown>) =>
    call.then(
      () => 'done',
      (error: { type?: string }) => error.type,
    );
  function passTenSeconds(): void {
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 10_001);
  }

  it('costs one request for a token, however many calls are made', async () => {
    const together = await Promise.all(Array.from({ length: 50 }, () => outcomeOf(client.jobs.get(1))));
    expect(new Set(together)).toEqual(new Set(['AirbyteUnauthorized']));
    expect(await outcomeOf(client.jobs.get(1))).toBe('AirbyteUnauthorized');
    expect(airbyte.requests).toHaveLength(1);
  });

  it('is tried again ten seconds later, and taken without a restart once Airbyte knows it', async () => {
    await outcomeOf(client.jobs.get(1));
    rightSecret = 'wrong-secret';
    expect(await outcomeOf(client.jobs.get(1))).toBe('AirbyteUnauthorized');
    passTenSeconds();
    expect(await outcomeOf(client.jobs.get(1))).toBe('done');
  });

  it('is corrected in its file without a restart', async () => {
    await outcomeOf(client.jobs.get(1));
    await writeFile(join(folder, 'secret'), 'right-secret\n');
    passTenSeconds();
    expect(await outcomeOf(client.jobs.get(1))).toBe('done');
  });
});
