import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CASES, type TortureCase } from '../../bench/torture/cases';
import { hasHeld } from '../../bench/torture/judge';
import { torture } from '../../bench/torture/torture';

/** It starts a Temporal server, a sandbox and workers, as processes of their own. */
const TIMEOUT_MS = 180_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'torture-'));
});
afterAll(() => rm(folder, { recursive: true }));

const callers = CASES.find(({ name }) => name === 'callers') as TortureCase;

/** A case of the torture, small, after which each job is doubled and a secret leaks. */
const wrong: TortureCase = {
  ...callers,
  ...{ syncs: 3, workers: 1, jobs: { from: 3_000, to: 4_000 }, settleMs: 0 },
  name: 'wrong',
  does: 'each sync is asked for once more after it has ended, under an id with the secret in it',
  start: async (stage, connectionIds) => {
    const started = await callers.start(stage, connectionIds);
    for (const { workflowId } of started) await stage.client.workflow.getHandle(workflowId).result();
    const again = connectionIds.map((connectionId) =>
      stage.startSync(connectionId, { workflowId: `${stage.token}-${connectionId}` }),
    );
    return [...started, ...(await Promise.all(again))];
  },
};

it(
  'a small torture of real processes finds the jobs that are doubled and the secrets that leak, and no other',
  async () => {
    const told: string[] = [];
    const [result] = await torture({ cases: [wrong], seed: 1 }, folder, (message) => told.push(message));
    const counts = { syncs: 12, jobs: 6, doubled: 3, lost: 0, leftRunning: 0, leaked: 3 };
    expect(result).toMatchObject({ name: 'wrong', ...counts });
    expect(result && hasHeld(result)).toBe(false);
    expect(told.filter((message) => message.includes('has had the jobs'))).toHaveLength(3);
  },
  TIMEOUT_MS,
);
