import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { searchAttributeKeys } from '../../src/contract/search-attribute-keys';
import { connectTemporal } from '../../src/temporal/connection';
import { registerSearchAttributes, SearchAttributesError } from '../../src/temporal/search-attributes';
import { type DevServer, startDevServer } from '../../tools/dev-server';
import { newNamespace, type SharedTemporal, sharedTemporal } from '../support/temporal';

const NAMES = Object.values(searchAttributeKeys).map(({ name }) => name);
const KEYWORD = 2;
const INT = 3;

describe('startDevServer', () => {
  let server: DevServer;

  beforeAll(async () => {
    server = await startDevServer({ ui: true });
  });

  afterAll(() => server.stop());

  it('serves the UI when asked to', async () => {
    const response = await fetch(server.uiUrl ?? 'no UI');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
  });

  it('knows our search attributes from the start', async () => {
    const temporal = await connectTemporal({ env: server.environment({}) });
    expect(await registerSearchAttributes(temporal.connection, temporal.namespace)).toEqual([]);
    await temporal.close();
  });

  it('gives an environment in which nothing points to another server', async () => {
    const elsewhere = { TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_API_KEY: 'a-key', TEMPORAL_TLS: 'true' };
    const env = server.environment({ ...elsewhere, TEMPORAL_CLI: '/bin/temporal', OTHER: 'kept' });
    expect(env).toMatchObject({ TEMPORAL_ADDRESS: server.address, TEMPORAL_CLI: '/bin/temporal', OTHER: 'kept' });
    const temporal = await connectTemporal({ env });
    expect(temporal).toMatchObject({ address: server.address, namespace: 'default' });
    await temporal.close();
  });
});

describe('registerSearchAttributes', () => {
  let temporal: SharedTemporal;

  beforeAll(async () => {
    temporal = await sharedTemporal();
  });

  afterAll(() => temporal.close());

  async function registered(namespace: string): Promise<Record<string, number>> {
    const response = await temporal.connection.operatorService.listSearchAttributes({ namespace });
    return response.customAttributes;
  }

  it('adds those that are missing, with their types, and nothing the second time', async () => {
    const namespace = await newNamespace(temporal);
    await temporal.connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: { AirbyteJobId: KEYWORD, SomebodyElses: INT },
    });
    const added = await registerSearchAttributes(temporal.connection, namespace);
    expect(added).toEqual(NAMES.filter((name) => name !== 'AirbyteJobId'));
    expect(await registered(namespace)).toMatchObject({ AirbyteJobId: KEYWORD, AirbyteRecordsSynced: INT });
    expect(await registerSearchAttributes(temporal.connection, namespace)).toEqual([]);
  });

  it('may be run by several workers concurrently', async () => {
    const namespace = await newNamespace(temporal);
    await Promise.all([1, 2, 3].map(() => registerSearchAttributes(temporal.connection, namespace)));
    expect(Object.keys(await registered(namespace))).toEqual(expect.arrayContaining(NAMES));
  });

  it('rejects a namespace in which one of the names has another type', async () => {
    const namespace = await newNamespace(temporal);
    const searchAttributes = { AirbyteConnectionId: INT };
    await temporal.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    const registering = registerSearchAttributes(temporal.connection, namespace);
    await expect(registering).rejects.toThrow(SearchAttributesError);
    await expect(registering).rejects.toThrow('AirbyteConnectionId (needs Keyword)');
  });

  it('says which command registers them where it may not', async () => {
    const namespace = await newNamespace(temporal);
    const denied = Object.assign(new Error('not for you'), { code: 7, details: '', metadata: {} });
    const connection = Object.create(temporal.connection, {
      operatorService: { value: { listSearchAttributes: () => Promise.reject(denied) } },
    });
    const error = await registerSearchAttributes(connection, namespace).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ attributes: NAMES });
    expect((error as Error).message).toContain(
      `(not for you). An operator with the permission must run: temporal operator search-attribute create --namespace ${namespace} --name AirbyteConnectionId --type Keyword`,
    );
  });
});

describe('connectTemporal', () => {
  it('says that the namespace is missing, and how to make it', async () => {
    const temporal = await sharedTemporal();
    const env = temporal.environment({});
    await expect(connectTemporal({ env: { ...env, TEMPORAL_NAMESPACE: 'nowhere' } })).rejects.toThrow(
      `Temporal at ${temporal.address} has no namespace 'nowhere'`,
    );
    await temporal.close();
  });
});
