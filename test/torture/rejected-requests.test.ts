import { describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMINGS } from '../../src/airbyte/airbyte-timings';
import { failureOf, useBench } from '../unit/activities/activity-bench';
import { Reply } from '../unit/activities/scripted-airbyte';
import { table, useScriptedConnections } from '../unit/activities/scripted-connections';

const bench = useBench();
const airbyte = useScriptedConnections(bench);
const REJECTIONS = [400, 403, 409, 413, 422].map(
  (status) => [status, new Reply(status, { message: 'refused' })] as const,
);
const PAGES = [400, 413, 422].map(
  (status) => [status, new Reply(status, '<html><title>Too large</title></html>')] as const,
);

describe.each([...REJECTIONS, ...PAGES])('a response %s', (_, reply) => {
  it('to the creation of a connection fails immediately, after one discovery', async () => {
    bench().airbyte.on({ 'connections/create': () => reply });
    expect(await failureOf(airbyte().apply({ streams: [table('orders')] }))).toMatchObject({ nonRetryable: true });
    expect(bench().airbyte.bodies('connections/create')).toHaveLength(1);
    expect(bench().airbyte.bodies('sources/discover_schema')).toHaveLength(1);
  });

  it('to the change of a connection fails immediately', async () => {
    await airbyte().apply({ streams: [table('orders')] });
    bench().airbyte.on({ 'connections/update': () => reply });
    const changed = airbyte().apply({ streams: [table('orders')], prefix: 'x_' });
    expect(await failureOf(changed)).toMatchObject({ nonRetryable: true });
    expect(airbyte().updates()).toHaveLength(1);
  });

  it.each(['source', 'destination'] as const)('to the creation of a %s fails immediately', async (kind) => {
    bench().airbyte.on({
      [`${kind}s/list`]: () => ({ [`${kind}s`]: [] }),
      [`${kind}_definition_specifications/get`]: () => ({ connectionSpecification: {} }),
      [`${kind}s/create`]: () => reply,
    });
    const desired = { workspaceId: 'w', name: 'shop', definitionId: 'postgres', configuration: { host: 'db' } };
    const applied = bench().run(kind === 'source' ? 'applySource' : 'applyDestination', desired);
    expect(await failureOf(applied)).toMatchObject({ nonRetryable: true });
    expect(bench().airbyte.bodies(`${kind}s/create`)).toHaveLength(1);
  });

  it('to a discovery fails immediately', async () => {
    bench().airbyte.on({ 'sources/discover_schema': () => reply });
    const desired = airbyte().apply({ streams: [table('orders')] });
    const failure = await failureOf(desired);
    // A conflict of a call that only reads is an error of Airbyte's own, and retryable.
    expect(failure.nonRetryable).toBe(failure.type !== 'AirbyteUnavailable');
  });
});

describe('a request that a gateway rejects as too large', () => {
  const patient = useBench(undefined, DEFAULT_TIMINGS);
  const stored = useScriptedConnections(patient);
  const page = new Reply(413, '<html><title>413 Request Entity Too Large</title></html>');

  it('is not sent again: a connection that is created', async () => {
    patient().airbyte.on({ 'connections/create': () => page });
    expect(await failureOf(stored().apply({ streams: [table('orders')] }))).toMatchObject({ nonRetryable: true });
  });

  it('is not sent again: a connection that is changed', async () => {
    await stored().apply({ streams: [table('orders')] });
    patient().airbyte.on({ 'connections/update': () => page });
    const changed = stored().apply({ streams: [table('orders')], prefix: 'x_' });
    expect(await failureOf(changed)).toMatchObject({ nonRetryable: true });
  });

  it.each(['source', 'destination'] as const)('is not sent again: a %s that is created', async (kind) => {
    patient().airbyte.on({
      [`${kind}s/list`]: () => ({ [`${kind}s`]: [] }),
      [`${kind}_definition_specifications/get`]: () => ({ connectionSpecification: {} }),
      [`${kind}s/create`]: () => page,
    });
    const desired = { workspaceId: 'w', name: 'shop', definitionId: 'postgres', configuration: { host: 'db' } };
    const applied = patient().run(kind === 'source' ? 'applySource' : 'applyDestination', desired);
    expect(await failureOf(applied)).toMatchObject({ nonRetryable: true });
  });
});
