/** Where the sandbox behaved otherwise than an Airbyte of its version: one test a sentence of what is right. */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SandboxOptions } from '../../sandbox/server';
import { type ApiCaller, startCaller } from '../unit/sandbox/api-caller';

const HOUR = 3_600_000;

let api: ApiCaller;
afterEach(() => api?.sandbox.stop());

async function start(options: SandboxOptions = {}): Promise<ApiCaller> {
  api = await startCaller(options);
  return api;
}

describe('Airbyte’s own schedules', () => {
  const everySixHours = { scheduleType: 'basic', scheduleData: { basicSchedule: { units: 6, timeUnit: 'hours' } } };
  const cron = (cronExpression: string, cronTimeZone: string) => ({
    scheduleType: 'cron',
    scheduleData: { cron: { cronExpression, cronTimeZone } },
  });

  it('start a job when the interval has passed since the last one', async () => {
    await start();
    const connectionId = await api.simulatedConnection();
    const { job } = await api.call('connections/sync', { connectionId });
    const last = await api.sandbox.jobs.reached(job.id, ({ status }) => status === 'succeeded');
    last.createdAtMs -= 6 * HOUR;
    await api.call('connections/update', { connectionId, ...everySixHours });
    expect(await api.sandbox.jobs.created(connectionId, job.id)).toMatchObject({ configType: 'sync' });
  });

  it('refuse time zones whose name begins with Etc', async () => {
    await start();
    const connectionId = await api.simulatedConnection();
    const refused = await api.answer('connections/update', { connectionId, ...cron('0 0 6 * * ?', 'Etc/UTC') });
    expect(refused).toMatchObject({ status: 400, body: { type: 'error:cron-validation/invalid-timezone' } });
    const taken = await api.answer('connections/update', { connectionId, ...cron('0 0 6 * * ?', 'UTC') });
    expect(taken.status).toBe(200);
  });
});
