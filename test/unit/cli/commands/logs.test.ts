import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../../../sandbox/server';
import { CliCommand, runCommand } from '../../../integration/cli-command';
import { ApiCaller } from '../../sandbox/api-caller';

/** One whose logs are events, and one whose logs are lines. */
const VERSIONS = ['2.0.0', '0.63.0'] as const;
const SECRET = 'hush-hush-1234';

describe.each(VERSIONS)('logs, from Airbyte %s', (airbyteVersion) => {
  let sandbox: Sandbox;
  let caller: ApiCaller;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    sandbox = await startSandbox({ airbyteVersion });
    caller = new ApiCaller(sandbox);
    env = { AIRBYTE_URL: sandbox.url, AIRBYTE_POLL_INTERVAL: '50ms', SECRET_SHOP: SECRET };
  });
  afterAll(() => sandbox.stop());

  it('shows every attempt of a job, by its number and as the newest of its connection, and no secret', async () => {
    const simulation = { failed_attempts: 1, retry_delay_ms: 1, outcome: 'failed', failure_message: `bad: ${SECRET}` };
    const connectionId = await caller.simulatedConnection(simulation, { name: `orders ${airbyteVersion}` });
    const { job } = await caller.runToEnd(connectionId);
    const shown = await runCommand(['logs', String(job.id)], env);
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    const started = /^\d{4}-\d\d-\d\dT\S+Z platform > INFO The simulated job started\.$/;
    const ended = /^\d{4}-\d\d-\d\dT\S+Z platform > INFO The simulated job ended\.$/;
    expect(shown.stdout.trimEnd().split('\n')).toEqual(
      [1, 2].flatMap((attempt) => [
        `── Attempt ${attempt} of job ${job.id} ──`,
        expect.stringMatching(started),
        expect.stringMatching(ended),
        expect.stringMatching(new RegExp(`^── Attempt ${attempt} failed after .*s: .*records.*\\. bad: \\*+ ──$`)),
      ]),
    );
    for (const args of [['logs', `orders ${airbyteVersion}`], ['logs']]) {
      expect((await runCommand(args, env)).stdout).toBe(shown.stdout);
    }
    const { document, stdout } = await runCommand(['logs', String(job.id), '--json'], env);
    expect(document).toMatchObject({ jobId: job.id, connectionId, status: 'failed' });
    expect(document.attempts).toHaveLength(2);
    const message = expect.stringMatching(/The simulated job started\.$/);
    expect(document.attempts[1]).toMatchObject({ attemptNumber: 1, status: 'failed', lines: [{ message }, {}] });
    expect(stdout).not.toContain(SECRET);
  });

  it('follows a job to its end, and shows each line once, even if Airbyte is unavailable for a moment', async () => {
    const connectionId = await caller.simulatedConnection({ hold: true });
    const { id } = (await caller.call('connections/sync', { connectionId })).job;
    const following = new CliCommand(['logs', connectionId, '--follow'], env);
    await following.printed(/The simulated job started/);
    sandbox.faults.add({ call: 'jobs/get', status: 502, times: 1 });
    await following.said(/Waiting for Airbyte: .*502/);
    await sandbox.jobs.finish(id, 'succeeded');
    expect(await following.exited).toBe(0);
    expect(following.stdout.match(/The simulated job started/g)).toHaveLength(1);
    expect(following.stdout).toMatch(/The simulated job ended\.\n── Attempt 1 succeeded after .* ──\n$/);
  });

  it('stops following on Ctrl-C, and leaves the job alone', async () => {
    const connectionId = await caller.simulatedConnection({ hold: true });
    const { id } = (await caller.call('connections/sync', { connectionId })).job;
    const following = new CliCommand(['logs', String(id), '--follow'], env);
    await following.printed(/The simulated job started/);
    following.interrupt('SIGINT');
    expect(await following.exited).toBe(130);
    expect(following.stderr).toContain(`Interrupted: job ${id} continues in Airbyte.`);
    await sandbox.jobs.finish(id, 'succeeded');
  });
});

describe('logs', () => {
  it('says that the public API has none, and that there is no job yet', async () => {
    const sandbox = await startSandbox();
    try {
      const connectionId = await new ApiCaller(sandbox).simulatedConnection({}, { name: 'idle' });
      const env = { AIRBYTE_URL: sandbox.url };
      const none = await runCommand(['logs', 'idle'], env);
      expect(none).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining("no job yet for the connection 'idle'"),
      });
      const url = sandbox.url.replace('/api/v1', '/api/public/v1');
      const unsupported = await runCommand(['logs', '7', '--json'], { AIRBYTE_URL: url });
      expect(unsupported).toMatchObject({ exitCode: 2, document: { error: { type: 'AirbyteUnsupported' } } });
      expect(connectionId).toMatch(/./);
    } finally {
      await sandbox.stop();
    }
  });
});
