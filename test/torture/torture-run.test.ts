import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CASES, type TortureCase } from '../../bench/torture/cases';
import { hasHeld } from '../../bench/torture/judge';
import { torture } from '../../bench/torture/torture';

/** It starts a Temporal server, a sandbox and workers, as processes of their own. */
const TIMEOUT_MS = 180_000;

const SMALL = { syncs: 3, workers: 1, jobs: { from: 200, to: 1_000 }, settleMs: 0 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'torture-'));
});
afterAll(() => rm(folder, { recursive: true }));

const callers = CASES.find(({ name }) => name === 'callers') as TortureCase;

const wrong: TortureCase = {
  ...callers,
  name: 'wrong',
  does: 'each sync is asked for once more after it has ended, under an id with the secret in it',
  start: async (stage, connectionIds) => {
    const started = await Promise.all(connectionIds.map((connectionId) => stage.startSync(connectionId)));
    for (const { workflowId } of started) await stage.client.workflow.getHandle(workflowId).result();
    const again = started.map(({ connectionId }) =>
      stage.startSync(connectionId, { workflowId: `${stage.token}-${connectionId}` }),
    );
    return [...started, ...(await Promise.all(again))];
  },
};

it(
  'a small torture of real processes passes, and one that doubles every job and leaks a secret fails',
  async () => {
    const told: string[] = [];
    const cases = [callers, wrong].map((each) => ({
      ...each,
      ...SMALL,
      jobs: each === callers ? { from: 3_000, to: 4_000 } : SMALL.jobs,
    }));
    const [held, failed] = await torture({ cases, seed: 1 }, folder, (message) => told.push(message));
    expect(held).toMatchObject({ name: 'callers', syncs: 9, jobs: 3, doubled: 0, lost: 0, leftRunning: 0, leaked: 0 });
    expect(failed).toMatchObject({
      name: 'wrong',
      syncs: 6,
      jobs: 6,
      doubled: 3,
      lost: 0,
      leftRunning: 0,
      leaked: 3,
    });
    expect([held, failed].map((result) => result && hasHeld(result))).toEqual([true, false]);
    expect(told.filter((message) => message.includes('has had the jobs'))).toHaveLength(3);
  },
  TIMEOUT_MS,
);
