import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { type Stack, startStack } from '../support/stack';
import { until } from '../support/until';

const SYNCS = 150;
/** At least as many as the ends that are in time, also if the syncs end within a second. */
const IN_TIME = 100;

const { TASK_QUEUE_KIND_NORMAL } = temporal.api.enums.v1.TaskQueueKind;
const { EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT } = temporal.api.enums.v1.EventType;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

it('lets any worker take the next steps of syncs when more of them have ended than their worker takes in time', async () => {
  const { sandbox } = stack;
  const connectionIds = await Promise.all(
    Array.from({ length: SYNCS }, () => stack.caller.simulatedConnection({ hold: true })),
  );
  const syncs = await Promise.all(connectionIds.map((connectionId) => stack.startSync({ connectionId })));
  const jobs = () => connectionIds.map((connectionId) => sandbox.store.connection(connectionId).jobs[0]);
  const phases = () => Promise.all(syncs.map((sync) => sync.query<{ phase: string }>('progress')));
  await until(async () => (await phases()).every(({ phase }) => phase === 'running'));
  await Promise.all(jobs().map((job) => sandbox.jobs.finish(job?.id ?? 0)));
  for (const sync of syncs) expect(await sync.result()).toMatchObject({ status: 'succeeded' });

  const histories = await Promise.all(syncs.map(async (sync) => (await sync.fetchHistory()).events ?? []));
  const inTime = histories.filter((events) =>
    events.every(({ eventType }) => eventType !== EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT),
  );
  const offeredToAll = inTime.filter((events) => {
    const steps = events.flatMap(({ workflowTaskScheduledEventAttributes: step }) => step ?? []);
    return steps.at(-1)?.taskQueue?.kind === TASK_QUEUE_KIND_NORMAL;
  });
  expect(offeredToAll.length).toBeGreaterThanOrEqual(SYNCS - IN_TIME);
});
