import { describe, expect, it, jest } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { searchAttributeKeys } from '../../src/contract/search-attribute-keys';
import { syncWorkflowId } from '../../src/contract/workflow-ids';
import { cancelUnlessEnded, runningSyncs } from '../../src/temporal/running-syncs';

describe('a sync that has gone on in another run', () => {
  it('is cancelled in whichever of its runs is open by then', async () => {
    const cancelled: unknown[] = [];
    const getHandle = jest.fn((workflowId: string, runId?: string, options?: object) => ({
      workflowId,
      describe: async () => ({
        ...{
          workflowId,
          runId: 'third-run',
          type: 'syncConnection',
          taskQueue: 'airbyte',
          status: { code: 1, name: 'RUNNING' },
        },
        raw: { workflowExecutionInfo: { firstRunId: 'first-run' } },
      }),
      cancel: async () => void cancelled.push({ workflowId, runId, ...options }),
    }));
    const typedSearchAttributes = new TypedSearchAttributes([{ key: searchAttributeKeys.connectionId, value: 'c' }]);
    const ours = { type: 'syncConnection', taskQueue: 'airbyte', typedSearchAttributes };
    const other = { ...ours, workflowId: 'other', runId: 'second-run', raw: { firstRunId: 'first-other' } };
    const unnamed = { ...ours, workflowId: 'older-server', runId: 'some-run', raw: {} };
    async function* list() {
      yield* [other, unnamed];
    }
    const client = { workflow: { getHandle, list } } as unknown as Client;

    for (const sync of await runningSyncs(client, 'c', 'airbyte')) await cancelUnlessEnded(sync);

    expect(cancelled).toEqual([
      { workflowId: syncWorkflowId('c'), runId: undefined, firstExecutionRunId: 'first-run' },
      { workflowId: 'other', runId: undefined, firstExecutionRunId: 'first-other' },
      { workflowId: 'older-server', runId: undefined },
    ]);
  });
});
