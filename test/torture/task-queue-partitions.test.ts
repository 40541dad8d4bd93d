import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { describeWorkers, pollingIdentities, type TaskQueueOptions } from '../../src/temporal/task-queue-workers';
import { temporalWithPartitions, uniqueName } from '../support/temporal';
import { until } from '../support/until';

const PARTITIONS = 4;
const POLL_MS = 60_000;

describe('a task queue that the server spreads over several partitions', () => {
  const taskQueue = uniqueName('queue');
  /** The server sends each poll to the partition with the fewest: each of these polls twice. */
  const identities = [...'abcdefgh'].map((name) => `worker ${name}`);
  const polls = new AbortController();
  let temporal: TestWorkflowEnvironment;
  let polling: Promise<unknown>[] = [];

  beforeAll(async () => {
    temporal = await temporalWithPartitions(PARTITIONS);
    const { connection } = temporal;
    const poll = (identity: string) =>
      connection.workflowService.pollWorkflowTaskQueue({
        namespace: 'default',
        taskQueue: { name: taskQueue },
        identity,
      });
    // The server takes no long poll without a deadline.
    polling = [...identities, ...identities].map((identity) =>
      connection
        .withAbortSignal(polls.signal, () => connection.withDeadline(Date.now() + POLL_MS, () => poll(identity)))
        .catch((error: unknown) => {
          if (!polls.signal.aborted) throw error;
        }),
    );
  });
  afterAll(async () => {
    polls.abort();
    await Promise.all(polling);
    await temporal?.teardown();
  });

  /** Nothing announces that the server has taken a poll in. */
  function untilSeen(server: TaskQueueOptions, count: number): Promise<string[]> {
    return until(async () => {
      const seen = await pollingIdentities(server, taskQueue);
      return seen.length >= count && seen.sort();
    });
  }

  it('shows the workers that poll any of them, which a description of the task queue alone does not', async () => {
    const { connection } = temporal;
    expect(await untilSeen({ connection, namespace: 'default' }, identities.length)).toEqual(identities);
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace: 'default',
      taskQueue: { name: taskQueue },
      taskQueueType: 1,
    });
    expect(pollers?.length).toBeLessThan(identities.length);
  });

  it('counts a worker once that polls several of them', async () => {
    const { connection } = temporal;
    await untilSeen({ connection, namespace: 'default' }, identities.length);
    const { workers } = await describeWorkers({ connection, namespace: 'default' }, taskQueue);
    expect(workers.map(({ identity }) => identity).sort()).toEqual(identities);
  });

  it('shows them also to a caller who may not list the partitions', async () => {
    const { connection } = temporal;
    const refused = Object.assign(new Error('not allowed'), { code: 7, details: 'not allowed', metadata: {} });
    const workflowService = Object.create(connection.workflowService, {
      listTaskQueuePartitions: { value: () => Promise.reject(refused) },
    });
    const withDeadline: typeof connection.withDeadline = (deadline, call) => connection.withDeadline(deadline, call);
    const server = { connection: { workflowService, withDeadline }, namespace: 'default' };
    expect(await untilSeen(server, identities.length)).toEqual(identities);
  });
});
