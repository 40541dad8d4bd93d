import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createActivities } from '../../activities';
import { syncOptionsSchema } from '../../src/contract/sync-options';
import { temporalScheduleSchema } from '../../src/contract/temporal-schedule';
import { applySchedule } from '../../src/schedules/apply-schedule';
import { createSecretResolver } from '../../src/secrets/secret-resolver';
import { useBench } from '../unit/activities/activity-bench';
import { airbyte, client, problem, sent } from '../unit/airbyte/scripted-public-client';

const bench = useBench();
const ID = '6414ed31-8a4d-4789-b502-526092b3ffd9';
const CONNECTION = { connectionId: ID, name: 'Shop → Lake', pipeline: 'shop' };

describe('apply --prune by way of the public API', () => {
  beforeEach(async () => {
    bench().workflowsOfConnections[ID] = ['airbyte-pipeline:shop'];
    const { sync = syncOptionsSchema().parse({}), ...times } = temporalScheduleSchema().parse({
      ...{ by: 'temporal', every: '6h' },
    });
    await applySchedule(bench().schedules.client, {
      ...{ connection: { connectionId: ID }, schedule: { ...times, sync }, taskQueue: 'airbyte', pipeline: 'shop' },
    });
  });

  /** Deletes the connection from a server that gives this for the deletion. */
  function prune(deletion: object) {
    const stored = { connectionId: ID, name: 'Shop → Lake', status: 'active', sourceId: 's', destinationId: 'd' };
    airbyte.script = ({ method, path }) => {
      if (path.includes('/jobs')) return { body: { data: [] } };
      return method === 'DELETE' ? deletion : { body: stored };
    };
    const activities = createActivities({
      airbyte: client,
      jobs: bench().jobs,
      secrets: createSecretResolver({ env: {} }),
    });
    const input = { connection: CONNECTION, pipelines: ['shop'] };
    return bench()
      .environment()
      .run(() => activities.deleteUnnamedConnection(input));
  }

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each([
    ['404', { status: 404, body: '' }],
    ['405', { status: 405, body: '' }],
  ])('leaves the schedule, and says that it could not delete, where the call is missing (%s)', async (_, deletion) => {
    // Once it may be the page of a gateway.
    await expect(prune(deletion)).rejects.toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(bench().schedules.stored.size).toBe(1);
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 3_000);
    expect(await prune(deletion)).toMatchObject({ staysBecause: expect.stringContaining('no call that deletes') });
    expect(bench().schedules.stored.size).toBe(1);
  });

  it.each([
    ['responds as Airbyte does', { status: 204, body: '' }],
    ['has lost the connection meanwhile', problem(404, 'resource-not-found', 'Could not find the resource.')],
  ])('deletes the schedule after the connection where the server %s', async (_, deletion) => {
    expect(await prune(deletion)).toEqual({ ...CONNECTION, staysBecause: null });
    expect(sent().map(({ call }) => call)).toContain(`DELETE connections/${ID}`);
    expect(bench().schedules.stored.size).toBe(0);
  });
});
