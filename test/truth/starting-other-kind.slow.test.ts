import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Stack, startStack } from '../support/stack';

describe.each(['config', 'public'] as const)(
  'a sync that becomes a pending reset or refresh, by the %s API',
  (flavour) => {
    let stack: Stack;

    beforeAll(async () => {
      stack = await startStack({ airbyte: { flavour } });
    });
    afterAll(() => stack?.stop());

    it.each(['reset', 'refresh'] as const)(
      'says in its result and its progress that it has become one: %s',
      async (kind) => {
        const connectionId = await stack.caller.simulatedConnection({ records: 3 });
        const connection = stack.sandbox.store.connection(connectionId);
        if (kind === 'reset') connection.pendingReset = [{ name: 'records' }];
        else connection.pendingRefresh = { mode: 'Merge', streams: [{ name: 'records' }] };
        const sync = await stack.startSync({ connectionId });
        const { status, jobId, warnings } = await sync.result();
        expect(status).toBe('succeeded');
        expect(warnings?.[0]).toBe(
          `The sync of connection ${connectionId} has become job ${jobId}, a ${kind} that was pending on it: ` +
            'no sync of its own has run. Start the sync again to have one.',
        );
        expect(await sync.query('progress')).toMatchObject({ phase: 'done', warnings });
        expect((await sync.fetchHistory()).events?.length).toBeLessThanOrEqual(20);
      },
    );

    it('says nothing of the kind for a sync of its own', async () => {
      const connectionId = await stack.caller.simulatedConnection({ records: 3 });
      expect(await (await stack.startSync({ connectionId })).result()).not.toHaveProperty('warnings');
    });
  },
);
