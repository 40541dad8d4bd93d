import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { startSandbox } from '../../../../sandbox/server';
import { runCommand } from '../../../integration/cli-command';

it('init writes a valid document from the specifications of two connectors, once, and says what is missing', async () => {
  const [sandbox, folder] = await Promise.all([startSandbox(), mkdtemp(join(tmpdir(), 'init-'))]);
  try {
    const env = { AIRBYTE_URL: sandbox.url };
    const file = join(folder, 'pipeline.yaml');
    const args = ['init', '--source', 'postgres', '--destination', 'S3', '--output', file];
    const written = await runCommand(args, env);
    expect(written).toMatchObject({ exitCode: 0, stdout: `Written to ${file}.\n` });
    expect(written.stderr).toMatch(/^Set these secrets where the worker runs: .*SECRET_POSTGRES_PASSWORD/);
    const validated = await runCommand(['validate', file], {});
    expect(validated).toMatchObject({ exitCode: 0, stdout: `✓ ${file}: pipeline 'postgres-to-s3'\n` });
    expect(await runCommand(args, env)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('exists already'),
    });
    const without = await runCommand(['init', '--source', 'postgres'], env);
    expect(without).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/--destination: name its connector/) });
    const unknown = await runCommand(['init', '--source', 'nothing such', '--json'], env);
    expect(unknown).toMatchObject({ exitCode: 2, document: { error: { type: 'AirbyteNotFound' } } });
    const publicApi = sandbox.url.replace('/api/v1', '/api/public/v1');
    const names = ['--source', 'Postgres', '--destination', 'S3', '--json'];
    const { document } = await runCommand(['init', ...names], { AIRBYTE_URL: publicApi });
    expect(document).toMatchObject({ secrets: [], text: expect.stringContaining('configuration: {}') });
  } finally {
    await sandbox.stop();
    await rm(folder, { recursive: true });
  }
});
