import { afterEach, describe, expect, it } from '@jest/globals';
import type { ScheduleClient } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../activities';
import type { FaultInput } from '../../sandbox/http/faults';
import { AirbyteClient } from '../../src/airbyte';
import { DEFAULT_TIMINGS } from '../../src/airbyte/airbyte-timings';
import { publicApiUrl } from '../../src/airbyte/airbyte-url';
import type { TriggeredSync } from '../../src/contract/trigger';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { createSecretResolver } from '../../src/secrets/secret-resolver';
import { clientWithRuns } from '../support/fake-temporal-client';
import { startCaller } from '../unit/sandbox/api-caller';

/** More than any start here takes, and little enough for a test. */
const START_TIMEOUT_MS = 3_000;
const LATE_MS = 1_000;

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(flavour: 'config' | 'public', ...faults: Omit<FaultInput, 'call'>[]) {
  const caller = await startCaller();
  const { sandbox } = caller;
  const url = flavour === 'public' ? publicApiUrl(sandbox.url) : sandbox.url;
  const airbyte = new AirbyteClient({ url, onWarning: () => {} });
  open.push(
    () => sandbox.stop(),
    () => airbyte.close(),
  );
  const connectionId = await caller.simulatedConnection({ hold: true });
  for (const fault of faults) {
    sandbox.faults.add({ ...fault, call: flavour === 'public' ? 'POST public/jobs' : 'connections/sync' });
  }
  const silent = { info: () => {}, warn: () => {} };
  const { triggerSync } = createActivities({
    airbyte,
    jobs: new JobWatcher({ airbyte, pollIntervalMs: 10, logger: silent }),
    secrets: createSecretResolver({ env: {} }),
    timings: { ...DEFAULT_TIMINGS, jobStartTimeoutMs: START_TIMEOUT_MS, airbyteErrorTimeoutMs: 60_000 },
  });
  /** Runs the activity as Temporal does: again after each failure that may pass, with the last heartbeat before it. */
  async function trigger(): Promise<TriggeredSync> {
    let heartbeatDetails: unknown;
    for (let attempt = 1; ; attempt++) {
      const now = Date.now();
      const times = { scheduledTimestampMs: now, currentAttemptScheduledTimestampMs: now };
      const environment = new MockActivityEnvironment(
        { taskQueue: 'airbyte', attempt, heartbeatDetails, scheduleToCloseTimeoutMs: 3_600_000, ...times },
        { client: clientWithRuns([], {} as ScheduleClient), logger: new DefaultLogger('ERROR') },
      );
      environment.on('heartbeat', (details: unknown) => {
        heartbeatDetails = details;
      });
      try {
        return await environment.run(() => triggerSync({ connectionId, jobType: 'sync', lastJobId: null }));
      } catch (error) {
        if (!(error instanceof ApplicationFailure) || error.nonRetryable) throw error;
      }
    }
  }
  return { trigger, jobs: () => [...sandbox.store.jobs.keys()] };
}

describe.each(['config', 'public'] as const)('by the %s API', (flavour) => {
  it.each<[string, Omit<FaultInput, 'call'>]>([
    ['the connection is reset after the effect', { drop: 'after' }],
    ['half of the response comes', { drop: 'halfway' }],
    ['the connection is reset, and the effect comes later', { drop: 'before', effectAfterMs: LATE_MS }],
    [
      'a gateway responds with 502, and the effect comes later',
      { status: 502, body: '<html>', effectAfterMs: LATE_MS },
    ],
    [
      'a gateway responds with 503, and the effect comes later',
      { status: 503, body: '<html>', effectAfterMs: LATE_MS },
    ],
    [
      'a gateway responds with 504, and the effect comes later',
      { status: 504, body: '<html>', effectAfterMs: LATE_MS },
    ],
    ['a page comes with 200, and the effect comes later', { status: 200, body: '<html>', effectAfterMs: LATE_MS }],
    ['a gateway repeats the request immediately', { repeatAfterMs: 0 }],
    ['a gateway repeats the request later', { repeatAfterMs: LATE_MS }],
  ])('a start is one job, which is ours, where %s', async (_, fault) => {
    const { trigger, jobs } = await start(flavour, fault);

    const { job, started } = await trigger();

    expect([jobs(), started]).toEqual([[job.jobId], true]);
  });

  it.each<[string, Omit<FaultInput, 'call'>]>([
    ['a 401', { status: 401, body: { message: 'Unauthorized' } }],
    ['a 403', { status: 403, body: { message: 'Forbidden' } }],
    ['a 404', { status: 404, body: '<html>' }],
    ['a 413', { status: 413, body: '<html>' }],
    ['a redirect to a login', { status: 302, headers: { location: 'https://login.example/' } }],
    ['a page with 200', { status: 200, body: '<html>' }],
    ['an empty response', { status: 200, body: '' }],
  ])('one odd response fails no start: %s', async (_, fault) => {
    const { trigger, jobs } = await start(flavour, fault);

    const { job, started } = await trigger();

    expect([jobs(), started]).toEqual([[job.jobId], true]);
  });
});
