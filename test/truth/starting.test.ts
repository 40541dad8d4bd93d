import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { FaultInput } from '../../sandbox/http/faults';
import { failureOf, type Stack, startStack } from '../support/stack';

const ON_RUNNING = ['attach', 'queue', 'skip', 'fail'] as const;

const DATABASE = { message: 'Failed to access database. Check the server logs for more information' };
const STATE_CONFLICT = {
  status: 409,
  type: 'https://reference.airbyte.com/reference/errors#409-state-conflict',
  title: 'state-conflict',
  detail: 'State conflict',
  data: { message: 'Could not fulfill request' },
};

/** How each of Airbyte's APIs rejects a start that may have begun all the same. */
const CONFLICTS = {
  config: [['database trouble', { call: 'connections/sync', status: 409, body: DATABASE }]],
  public: [
    ['database trouble', { call: 'POST public/jobs', status: 409, body: DATABASE }],
    ['state-conflict', { call: 'POST public/jobs', status: 409, body: STATE_CONFLICT }],
  ],
} satisfies Record<string, [string, FaultInput][]>;

describe.each(['config', 'public'] as const)('a start through the %s API', (flavour) => {
  const realNow = performance.now.bind(performance);
  let stack: Stack;
  let now: jest.SpiedFunction<typeof performance.now>;

  beforeAll(async () => {
    now = jest.spyOn(performance, 'now');
    stack = await startStack({ airbyte: { flavour } });
  });
  afterAll(async () => {
    await stack?.stop();
    now.mockRestore();
  });
  beforeEach(() => {
    stack.sandbox.faults.remove();
  });

  const jobsOf = (connectionId: string) => stack.sandbox.store.connection(connectionId).jobs;

  /** Sets the clock ahead, once each sync looks for a job that may show late. Never back, since the worker waits by it. */
  async function passTimeOfPolling(requestsBefore: number): Promise<void> {
    // Each sync looks once before its request, sends it, and has looked twice after it.
    await stack.sandbox.requests.reached('public/jobs', requestsBefore + ON_RUNNING.length * 4);
    now.mockImplementation(() => realNow() + 60_000);
  }

  const rejections = CONFLICTS[flavour].flatMap(([words, fault]) =>
    ['after', 'before'].map((moment) => [words, moment, fault] as const),
  );
  it.each(rejections)(
    'ends with exactly one job, which is ours, whatever onRunning says, when a 409 of %s %s its effect leaves that open',
    async (words, moment, fault) => {
      const effect = moment === 'after';
      stack.sandbox.faults.add({ ...fault, effect, times: ON_RUNNING.length });
      const requests = stack.sandbox.requests.count('public/jobs');
      if (words === 'state-conflict' && !effect) void passTimeOfPolling(requests);
      const ends = ON_RUNNING.map(async (onRunning) => {
        const connectionId = await stack.caller.simulatedConnection({ records: 5, duration_ms: 400 });
        const result = await (await stack.startSync({ connectionId, onRunning })).result();
        return { onRunning, result, jobs: jobsOf(connectionId).map(({ id }) => id) };
      });
      for (const { result, jobs, onRunning } of await Promise.all(ends)) {
        expect(jobs).toEqual([result.jobId]);
        const ours = { onRunning, status: 'succeeded', recordsSynced: 5, attached: false, attempts: 1 };
        expect({ onRunning, ...result }).toMatchObject(ours);
      }
    },
  );

  /** Waits until a sync is known to wait for a job. Each query takes the worker as long as it needs to get there. */
  async function waitsFor(sync: Awaited<ReturnType<Stack['startSync']>>, jobId: number): Promise<void> {
    while ((await sync.query<{ jobId?: number }>('progress')).jobId !== jobId);
  }

  it.each([
    ['database trouble', DATABASE],
    ['a state in conflict', STATE_CONFLICT],
    ['a reason that it does not give', { errorId: 'e' }],
  ])(
    'treats the running job of another user as onRunning says, also after a 409 to its list for %s',
    async (_, body) => {
      const call = flavour === 'public' ? 'GET public/jobs' : 'jobs/list';
      stack.sandbox.faults.add({ call, status: 409, body, times: ON_RUNNING.length });
      const [attach, queue, skip, fail] = await Promise.all(
        ON_RUNNING.map(async (onRunning) => {
          const connectionId = await stack.caller.simulatedConnection({ jobs: [{ hold: true }, { records: 3 }] });
          const { id } = stack.sandbox.jobs.start(stack.sandbox.store.connection(connectionId), 'sync');
          return { connectionId, id, sync: await stack.startSync({ connectionId, onRunning }) };
        }),
      );
      if (!attach || !queue || !skip || !fail) throw new Error('one of each was started');
      expect(await skip.sync.result()).toMatchObject({ jobId: skip.id, status: 'skipped' });
      const failure = await failureOf(fail.sync);
      expect(failure).toMatchObject({ type: 'AirbyteConflict' });
      expect(failure.message).toContain(`Job ${fail.id} is already running`);
      for (const { sync, id } of [attach, queue]) {
        await waitsFor(sync, id);
        await stack.sandbox.jobs.finish(id);
      }
      expect(await attach.sync.result()).toMatchObject({ jobId: attach.id, attached: true });
      expect(await queue.sync.result()).toMatchObject({ recordsSynced: 3, attached: false });
      expect(jobsOf(queue.connectionId)).toHaveLength(2);
      expect(jobsOf(attach.connectionId)).toHaveLength(1);
    },
  );

  it('fails immediately, non-retryable, and says that the connection is inactive', async () => {
    const connectionId = await stack.caller.simulatedConnection({}, { status: 'inactive' });
    const startedAt = realNow();
    const failure = await failureOf(await stack.startSync({ connectionId }));
    expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: true });
    expect(failure.message).toContain('is inactive');
    expect(realNow() - startedAt).toBeLessThan(10_000);
  });
});
