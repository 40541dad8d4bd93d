import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AirbyteError } from '../../../src/airbyte/errors';
import type { Connection } from '../../../src/airbyte/schemas';
import { type EndedSync, type WebhookRoute, webhookRoutesSchema } from '../../../src/contract/webhook-routes';
import { RoutedSyncs } from '../../../src/webhooks/routed-syncs';
import { EPOCH, ScriptedJobs } from '../jobs/scripted-jobs';

const CONNECTIONS: Record<string, Partial<Connection>> = {
  shop: { name: 'shop → lake', tags: [{ tagId: 't', name: 'nightly' }] },
  crm: { name: 'crm → lake' },
};

let airbyte: ScriptedJobs;
let connectionReads: string[];
let started: { workflow: string; sync: EndedSync }[];
let warnings: string[];
let startError: Error | undefined;

beforeEach(() => {
  jest.useFakeTimers();
  airbyte = new ScriptedJobs();
  [connectionReads, started, warnings, startError] = [[], [], [], undefined];
});

function routesOf(...routes: object[]): RoutedSyncs {
  const parsed = webhookRoutesSchema().parse({ routes: routes.map((route) => ({ taskQueue: 'dbt', ...route })) });
  const { jobs, workspaces } = airbyte;
  return new RoutedSyncs({
    routes: parsed.routes,
    airbyte: {
      ...{ jobs, workspaces },
      get serverTime() {
        return airbyte.now();
      },
      health: async () => ({ available: true }),
      connections: {
        get: async (connectionId) => {
          connectionReads.push(connectionId);
          const connection = CONNECTIONS[connectionId];
          if (connection === undefined) throw notFound();
          return { connectionId, sourceId: 's', destinationId: 'd', ...connection } as Connection;
        },
      },
    },
    start: async ({ workflow }: WebhookRoute, sync: EndedSync) => {
      if (startError) throw startError;
      started.push({ workflow, sync });
    },
    logger: { info: () => {}, warn: (message: string) => void warnings.push(message) },
  });
}

const notFound = () =>
  new AirbyteError({
    type: 'AirbyteNotFound',
    call: 'get',
    message: 'no such object',
    retryable: false,
    effect: 'none',
  });

const end = (jobId: number, connectionId: string, status = 'succeeded', fields: object = {}) =>
  airbyte.set(jobId, status, { connectionId, ...fields });

const startedFor = () => started.map(({ workflow, sync }) => `${workflow} ${sync.jobId}`);

describe('a route', () => {
  test.each([
    ['of a connection', { connection: 'shop' }, ['w 1']],
    ['of a name pattern', { namePattern: '* → lake' }, ['w 1', 'w 3']],
    ['of a tag', { tag: 'nightly' }, ['w 1']],
    ['of a tag and a name pattern', { tag: 'nightly', namePattern: 'crm*' }, []],
    ['of failures', { namePattern: '*', on: 'failure' }, ['w 2']],
    ['of any end', { namePattern: '*', on: 'end' }, ['w 1', 'w 2', 'w 3']],
  ])('%s starts a workflow for each sync that matches', async (_, route, expected) => {
    const routed = routesOf({ workflow: 'w', ...route });
    end(1, 'shop');
    end(2, 'shop', 'failed');
    end(3, 'crm');
    end(4, 'crm', 'cancelled');
    end(5, 'shop', 'succeeded', { jobType: 'reset_connection' });
    end(6, 'shop', 'running');
    end(7, 'deleted');
    await routed.poll();
    expect(startedFor().sort()).toEqual(expected);
  });

  test('must name connections', () => {
    expect(() => routesOf({ workflow: 'w' })).toThrow('expected connection, namePattern or tag');
    expect(() => routesOf({ workflow: 'w', connexion: 'shop' })).toThrow('did you mean connection?');
  });

  test('gives the workflow what Airbyte says about the sync', async () => {
    const routed = routesOf({ workflow: 'w', namePattern: '*' });
    end(1, 'shop', 'succeeded', { recordsSynced: 30, bytesSynced: 400 });
    await routed.onHint({ jobId: 1, connectionId: 'shop' });
    expect(started.map(({ sync }) => sync)).toEqual([
      {
        ...{ connectionId: 'shop', connectionName: 'shop → lake', jobId: 1, status: 'succeeded' },
        ...{ recordsSynced: 30, bytesSynced: 400, recordsRejected: 0 },
        startedAt: expect.any(String),
        endedAt: expect.any(String),
      },
    ]);
  });
});

describe('the syncs of routes', () => {
  test('are started once, however many notifications and polls show them', async () => {
    const routed = routesOf({ workflow: 'one', connection: 'shop' }, { workflow: 'two', namePattern: '*' });
    end(1, 'shop');
    await routed.onHint({ jobId: 1, connectionId: 'shop' });
    await routed.onHint({ jobId: 1, connectionId: 'shop' });
    await routed.poll();
    await routed.poll();
    expect(startedFor()).toEqual(['one 1', 'two 1']);
    expect(connectionReads).toEqual(['shop']);
  });

  test('are found by a poll if their notifications are lost, also those of the last hour', async () => {
    end(1, 'shop', 'succeeded', { updatedAt: EPOCH - 3_700 });
    end(2, 'shop', 'succeeded', { updatedAt: EPOCH - 3_500 });
    const routed = routesOf({ workflow: 'w', connection: 'shop' });
    await routed.poll();
    expect(startedFor()).toEqual(['w 2']);
    jest.advanceTimersByTime(30_000);
    end(3, 'shop');
    await routed.poll();
    expect(startedFor()).toEqual(['w 2', 'w 3']);
  });

  test.each([
    ['a job that does not exist', { jobId: 10, connectionId: 'made up' }],
    ['a job of another connection', { jobId: 1, connectionId: 'made up' }],
    ['a job that is running', { jobId: 2, connectionId: 'shop' }],
    ['a job that ended long ago', { jobId: 3, connectionId: 'shop' }],
  ])('are not those that a notification invents: %s', async (_, hint) => {
    end(1, 'shop');
    end(2, 'shop', 'running');
    end(3, 'shop', 'succeeded', { updatedAt: EPOCH - 3_700 });
    await routesOf({ workflow: 'w', namePattern: '*' }).onHint(hint);
    expect(startedFor()).toEqual([]);
    expect(warnings).toEqual([]);
  });

  test('are started later if Temporal or Airbyte does not respond', async () => {
    const routed = routesOf({ workflow: 'w', connection: 'shop' });
    startError = new Error('Temporal is down');
    end(1, 'shop');
    await routed.onHint({ jobId: 1, connectionId: 'shop' });
    await routed.poll();
    expect(warnings.at(-1)).toMatch(/Cannot start a workflow after job 1 .* Temporal is down/);
    startError = undefined;
    airbyte.fail(
      'jobs/list',
      new AirbyteError({ ...notFound(), type: 'AirbyteUnavailable', message: 'busy', retryable: true }),
    );
    await routed.poll();
    expect(startedFor()).toEqual(['w 1']);
    airbyte.fail('jobs/list', undefined);
    end(2, 'shop');
    await routed.poll();
    expect(startedFor()).toEqual(['w 1', 'w 2']);
  });
});
