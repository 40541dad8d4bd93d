import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { describeMixedBuilds } from '../../src/temporal/mixed-builds';
import type { TaskQueueOptions, TaskQueueWorker } from '../../src/temporal/task-queue-workers';
import { warnOfMixedBuilds } from '../../worker/mixed-build-warning';

const PROGRESS_CHECK_INTERVAL_MS = 10_000;
const buildId = (digit: string) => `@temporalio/worker@1.24.0+${digit.repeat(64)}`;

function worker(identity: string, build: string, version?: TaskQueueWorker['version']): TaskQueueWorker {
  return { identity, buildId: buildId(build), version, lastSeenMs: 0 };
}

describe('workers of several builds on one task queue', () => {
  it('are named, each build with its workers', () => {
    const workers = [worker('1@a airbyte=http://x', '1'), worker('2@b airbyte=http://x', '2'), worker('3@b', '2')];
    const { message } = describeMixedBuilds('airbyte', workers) ?? {};
    expect(message).toContain(`2 builds without versions`);
    expect(message).toContain(
      '@temporalio/worker@1.24.0+111111111111… (1@a); @temporalio/worker@1.24.0+222222222222… (2@b, 3@b)',
    );
  });

  it('are not warned of where they have versions, or are of one build', () => {
    const version = (build: string) => ({ deploymentName: 'airbyte', buildId: build });
    expect(describeMixedBuilds('airbyte', [worker('1@a', '1'), worker('2@b', '1')])).toBeUndefined();
    expect(
      describeMixedBuilds('airbyte', [worker('1@a', '1', version('1')), worker('2@b', '2', version('2'))]),
    ).toBeUndefined();
    expect(describeMixedBuilds('airbyte', [worker('1@a', '1'), worker('2@b', '2', version('2'))])).toBeUndefined();
  });
});

describe('a worker', () => {
  let pollers: [identity: string, build: string][] | Error;
  let warnings: string[];
  let stop: () => void;

  const connection = {
    workflowService: {
      listTaskQueuePartitions: async () => ({ workflowTaskQueuePartitions: [{ key: 'airbyte' }] }),
      describeTaskQueue: async () => {
        if (pollers instanceof Error) throw pollers;
        const lastAccessTime = { seconds: Math.floor(Date.now() / 1000) };
        return {
          pollers: pollers.map(([identity, build]) => ({
            ...{ identity, lastAccessTime },
            workerVersionCapabilities: { buildId: buildId(build) },
          })),
        };
      },
    },
    withDeadline: (_: unknown, call: () => Promise<unknown>) => call(),
  } as unknown as TaskQueueOptions['connection'];

  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    jest.useFakeTimers();
    pollers = [['me', '1']];
    warnings = [];
  });
  afterEach(() => {
    stop();
    jest.useRealTimers();
  });

  function start(): void {
    const logger = { warn: (message: string) => void warnings.push(message) };
    stop = warnOfMixedBuilds({ connection, namespace: 'default', taskQueue: 'airbyte', logger });
  }

  it('warns at its start of another build that is there, once', async () => {
    pollers = [
      ['me', '1'],
      ['other', '2'],
    ];
    start();
    await pass(5 * PROGRESS_CHECK_INTERVAL_MS);
    expect(warnings).toEqual([expect.stringMatching(/2 builds without versions.*TEMPORAL_DEPLOYMENT_NAME/)]);
  });

  it('warns when another build appears, and again for a further one', async () => {
    start();
    await pass(PROGRESS_CHECK_INTERVAL_MS);
    expect(warnings).toEqual([]);
    pollers = [
      ['me', '1'],
      ['other', '2'],
    ];
    await pass(PROGRESS_CHECK_INTERVAL_MS);
    pollers = [
      ['me', '1'],
      ['other', '2'],
      ['one more', '2'],
    ];
    await pass(PROGRESS_CHECK_INTERVAL_MS);
    expect(warnings).toHaveLength(1);
    pollers = [
      ['me', '1'],
      ['other', '2'],
      ['third', '3'],
    ];
    await pass(PROGRESS_CHECK_INTERVAL_MS);
    expect(warnings).toEqual([expect.stringContaining('2 builds'), expect.stringContaining('3 builds')]);
  });

  it('says nothing where Temporal does not tell who polls', async () => {
    pollers = new Error('no permission');
    start();
    await pass(3 * PROGRESS_CHECK_INTERVAL_MS);
    expect(warnings).toEqual([]);
  });
});
