import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { soakWithFaults } from '../../bench/faults/fault-soak';
import { type SharedTemporal, sharedTemporal, uniqueName } from '../support/temporal';

/** Enough that each kind of fault has its turn. `npm run bench` does the same at length. */
const SYNCS = 16;

/**
 * A worker's death is noticed by its missing heartbeats: within a minute. A start whose response is lost is waited for, for
 * more than two minutes.
 */
const NOTICED_MS = 600_000;

describe('while Airbyte misbehaves at random and a worker is killed', () => {
  let temporal: SharedTemporal;
  let folder: string;

  beforeAll(async () => {
    [temporal, folder] = await Promise.all([sharedTemporal(), mkdtemp(join(tmpdir(), 'fault-soak-'))]);
  });
  afterAll(async () => {
    await temporal?.close();
    await rm(folder, { recursive: true });
  });

  it(
    'runs one job for each sync, and every sync succeeds',
    async () => {
      const { environment } = temporal;
      const soak = await soakWithFaults(
        {
          syncs: SYNCS,
          durationsMs: { from: 500, to: 5_000 },
          startEveryMs: 150,
          workers: 2,
          killEveryMs: 3_000,
          maximumKills: 1,
          pollIntervalMs: 200,
          gatewayTimeoutMs: 6_000,
          seed: 1,
        },
        { taskQueue: uniqueName('faults'), environment },
        folder,
      );
      expect(soak).toMatchObject({ succeeded: SYNCS, failed: 0, lost: 0, jobs: SYNCS, connectionsWithOneJob: SYNCS });
      expect(soak.workersKilled).toBe(1);
      const struck = Object.values(soak.faults).reduce((sum, requests) => sum + requests, 0);
      expect(struck).toBeGreaterThanOrEqual(SYNCS / 2);
    },
    NOTICED_MS,
  );
});
