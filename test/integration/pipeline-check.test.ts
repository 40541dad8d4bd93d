import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SHOP_CUSTOMERS, SHOP_ORDERS } from '../../sandbox/shop/shop-seed';
import type { PipelineDocument } from '../../src/contract/pipeline-document';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { exampleDocument, failureOf, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';

describe('a pipeline whose check fails', () => {
  let stack: Stack;
  let postgres: TestPostgres;

  beforeAll(async () => {
    [stack, postgres] = await Promise.all([startStack(), startPostgres()]);
  });

  afterAll(async () => {
    await stack?.stop();
    await postgres?.stop();
  });

  const documentOf = (name: string): Promise<PipelineDocument> => {
    const { host, port, database, username } = postgres;
    return exampleDocument('postgres-to-parquet.yaml', uniqueName(name), {
      source: { host, port, database, username },
    });
  };

  it("fails with the database's own message, and succeeds once the password is right", async () => {
    const { requests, store } = stack.sandbox;
    const document = await documentOf('password');
    stack.secrets['SECRET_SHOP_PASSWORD'] = 'not-the-password';
    const failure = await failureOf(await stack.startPipeline(document));
    expect(failure.type).toBe('AirbyteCheckFailed');
    expect(failure.message).toContain(`password authentication failed for user "${postgres.username}"`);
    expect(failure.message).not.toContain('not-the-password');
    expect([store.actors.size, store.connections.size]).toEqual([0, 0]);
    requests.clear();

    stack.secrets['SECRET_SHOP_PASSWORD'] = postgres.password;
    const result = await stack.runPipeline(document);
    expect(result).toMatchObject({
      created: { source: true, destination: true, connection: true },
      sync: { status: 'succeeded', recordsSynced: SHOP_CUSTOMERS + SHOP_ORDERS },
    });
    expect(requests.all()).toMatchObject({ 'sources/create': 1, 'destinations/create': 1, 'connections/create': 1 });
    expect([requests.count('sources/update'), requests.count('destinations/update')]).toEqual([0, 0]);
  });

  it('puts a password that was rotated into the source that has the old one', async () => {
    const document = await documentOf('rotated');
    stack.secrets['SECRET_SHOP_PASSWORD'] = postgres.password;
    const { sourceId } = await stack.runPipeline({ ...document, sync: false });
    const source = stack.sandbox.store.actor('source', sourceId);
    source.configuration['password'] = 'the-password-before';
    stack.sandbox.requests.clear();
    const result = await stack.runPipeline(document);
    expect(result).toMatchObject({ sourceId, created: { source: false }, sync: { status: 'succeeded' } });
    expect(stack.sandbox.requests.count('sources/update')).toBe(1);
  });

  it('continues when the check itself broke, which says nothing of the configuration', async () => {
    const document = await documentOf('broken');
    stack.secrets['SECRET_SHOP_PASSWORD'] = postgres.password;
    stack.sandbox.faults.add({
      call: 'scheduler/sources/check_connection',
      status: 200,
      body: { jobInfo: { succeeded: false, failureReason: { failureType: 'system_error' } } },
    });
    expect(await stack.runPipeline({ ...document, sync: false })).toMatchObject({ created: { connection: true } });
  });

  it('starts nothing with a password that is in the document', async () => {
    const document = await documentOf('literal');
    stack.sandbox.requests.clear();
    const { source } = document;
    const literal = { ...source, configuration: { ...source.configuration, password: 'written-out' } };
    const failure = await failureOf(await stack.startPipeline({ ...document, source: literal }));
    expect(failure.type).toBe('InvalidInput');
    expect(failure.message).toContain('source.configuration.password');
    expect(failure.message).toContain('${env:');
    expect(failure.message).not.toContain('written-out');
    expect(stack.sandbox.requests.count()).toBe(0);
  });

  it('names the reference that the worker cannot resolve', async () => {
    delete stack.secrets['SECRET_SHOP_PASSWORD'];
    const failure = await failureOf(await stack.startPipeline(await documentOf('missing')));
    expect(failure.type).toBe('InvalidInput');
    expect(failure.message).toContain('set SECRET_SHOP_PASSWORD where the worker runs');
  });
});
