import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uniqueName } from '../support/temporal';
import { runCommand } from './cli-command';
import { type CliStack, startCliStack } from './cli-stack';

const CREDENTIALS = { clientId: 'cli', clientSecret: 'hush-hush-hush' };

/** One pipeline, used with each command in turn. */
describe('the commands, with the public API and client credentials', () => {
  const name = uniqueName('public');
  let stack: CliStack;
  let env: NodeJS.ProcessEnv;
  let file: string;

  beforeAll(async () => {
    stack = await startCliStack({
      sandbox: { airbyteVersion: '2026-08', auth: { kind: 'client-credentials', ...CREDENTIALS } },
      environment: ({ url }) => ({
        AIRBYTE_URL: url.replace('/api/v1', '/api/public/v1'),
        AIRBYTE_CLIENT_ID: CREDENTIALS.clientId,
        AIRBYTE_CLIENT_SECRET: CREDENTIALS.clientSecret,
      }),
    });
    ({ env } = stack);
    file = join(stack.folder, 'pipeline.json');
    const document = {
      name,
      source: { name: `${name} source`, definition: 'Simulated', configuration: { records: 12, bytes: 3400 } },
      destination: { name: `${name} destination`, definition: 'Simulated', configuration: {} },
      connection: {
        name,
        schedule: { every: '6h' },
        streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }],
      },
    };
    await writeFile(file, JSON.stringify(document));
  });

  afterAll(() => stack?.stop());

  it('run brings a pipeline about, and says what was not checked', async () => {
    const { exitCode, document, stderr } = await runCommand(['run', file, '--json'], env);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(document).toMatchObject({
      created: { source: true, destination: true, connection: true },
      sync: { status: 'succeeded', recordsSynced: 12, bytesSynced: 3400 },
    });
    expect(stderr).toContain('The source was not checked: this Airbyte has no call for it.');
    expect(stderr.match(/The destination was not checked/g)).toHaveLength(1);
  });

  it('apply changes nothing of it the second time', async () => {
    const { document } = await runCommand(['apply', file, '--json'], env);
    expect(document.created).toEqual({ source: false, destination: false, connection: false });
  });

  it('sync runs it by its name', async () => {
    const { exitCode, document } = await runCommand(['sync', name, '--json'], env);
    expect({ exitCode, document }).toMatchObject({ exitCode: 0, document: { status: 'succeeded', recordsSynced: 12 } });
  });

  it('status shows its jobs', async () => {
    const job = { connectionName: name, jobType: 'sync', status: 'succeeded', recordsSynced: 12, bytesSynced: 3400 };
    const { document } = await runCommand(['status', name, '--json'], env);
    expect(document.jobs).toEqual([expect.objectContaining(job), expect.objectContaining(job)]);
    const { exitCode, stdout } = await runCommand(['status'], env);
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(name) });
  });

  it.each([
    ['workspaces', 'workspaces', 'workspaceId'],
    ['source-definitions', 'sourceDefinitions', 'sourceDefinitionId'],
    ['destination-definitions', 'destinationDefinitions', 'destinationDefinitionId'],
    ['sources', 'sources', 'sourceId'],
    ['destinations', 'destinations', 'destinationId'],
    ['connections', 'connections', 'connectionId'],
  ])('list %s', async (kind, key, id) => {
    const { exitCode, document } = await runCommand(['list', kind, '--json'], env);
    expect(exitCode).toBe(0);
    expect(document[key]).toContainEqual(
      expect.objectContaining({ [id]: expect.any(String), name: expect.any(String) }),
    );
  });

  it('doctor says what this Airbyte can do and what it cannot', async () => {
    const { exitCode, stdout, stderr } = await runCommand(['doctor'], env);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout).toContain('Airbyte through its public API');
    expect(stdout).toMatch(/cannot: refresh, connection checks, job logs/);
    expect(stdout + stderr).not.toContain(CREDENTIALS.clientSecret);
    const { document } = await runCommand(['doctor', '--json'], env);
    const check = document.checks.find((each: { name: string }) => each.name === 'Airbyte');
    expect(check.capabilities).toMatchObject({ flavour: 'public', connectionChecks: false, tokens: true });
  });
});
