import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../../../sandbox/server';
import { CliCommand } from '../../../integration/cli-command';
import { ApiCaller } from '../../sandbox/api-caller';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

it('shows with --watch what changes, also after Airbyte was unavailable for a moment, until Ctrl-C', async () => {
  const caller = new ApiCaller(sandbox);
  const connectionId = await caller.simulatedConnection({ hold: true, records: 12 }, { name: 'orders' });
  const { id } = (await caller.call('connections/sync', { connectionId })).job;
  const env = { AIRBYTE_URL: sandbox.url, AIRBYTE_POLL_INTERVAL: '50ms' };
  const watching = new CliCommand(['status', 'orders', '--watch'], env);
  await watching.printed(new RegExp(`^ *${id} +sync +running`, 'm'));
  sandbox.faults.add({ call: 'jobs/list', status: 502, times: 1 });
  await watching.printed(/^! .*502/m);
  await sandbox.jobs.finish(id, 'succeeded');
  await watching.printed(new RegExp(`^ *${id} +sync +succeeded +12 `, 'm'));
  watching.interrupt('SIGINT');
  expect(await watching.exited).toBe(130);
  expect(watching.stdout.match(/^ *JOB /gm)).toHaveLength(1);
  expect(watching.stderr).toMatch(/^The newest jobs of the connection 'orders' .*\(Ctrl-C ends\):\n$/);
});
