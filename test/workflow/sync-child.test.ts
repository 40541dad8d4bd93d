import { describe, expect, it } from '@jest/globals';
import { syncChildOptions } from '../../workflows';

describe('the options of a sync as a child workflow', () => {
  const valuesOf = (options: ReturnType<typeof syncChildOptions>) =>
    Object.fromEntries(
      (options.typedSearchAttributes as { key: { name: string }; value: unknown }[]).map(({ key, value }) => [
        key.name,
        value,
      ]),
    );

  it('give it the id of the connection’s sync, and let it be cancelled with its parent', () => {
    const options = syncChildOptions({ connectionId: 'c' });
    expect(options).toMatchObject({
      workflowId: 'airbyte-sync:c',
      parentClosePolicy: 'REQUEST_CANCEL',
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    });
    expect(options).not.toHaveProperty('taskQueue');
    expect(valuesOf(options)).toEqual({ AirbyteConnectionId: 'c' });
  });

  it('let it be found by all that the parent knows about the connection', () => {
    const known = { connectionId: 'c', connectionName: 'shop → lake', workspaceId: 'w', taskQueue: 'airbyte' };
    const options = syncChildOptions(known);
    expect(options).toMatchObject({ taskQueue: 'airbyte', staticSummary: expect.stringContaining('shop → lake') });
    expect(valuesOf(options)).toEqual({
      AirbyteWorkspaceId: 'w',
      AirbyteConnectionId: 'c',
      AirbyteConnectionName: 'shop → lake',
    });
  });
});
