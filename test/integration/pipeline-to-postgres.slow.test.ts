import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PipelineDocument } from '../../src/contract/pipeline-document';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { exampleDocument, failureOf, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';

const API_KEY = 'crm-key-1';

describe('the pipeline from an HTTP API to PostgreSQL', () => {
  let stack: Stack;
  let postgres: TestPostgres;
  let api: Server;
  let folder: string;
  let document: PipelineDocument;
  /** What the API responds with. */
  let customers: object[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'secrets-test-'));
    api = createServer(({ url, headers }, response) => {
      const admitted = headers.authorization === `Bearer ${API_KEY}` && url === '/customers';
      response.writeHead(admitted ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(admitted ? customers : { error: 'no such key' }));
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    [stack, postgres] = await Promise.all([startStack({ secretDirectory: folder }), startPostgres()]);
    stack.secrets['SECRET_CRM_API_KEY'] = API_KEY;
    await writeFile(join(folder, 'warehouse-password'), `${postgres.password}\n`);
    const { host, port, database, username } = postgres;
    document = await exampleDocument('rest-api-to-postgres.yaml', uniqueName('rest'), {
      source: { url: `http://127.0.0.1:${(api.address() as AddressInfo).port}/customers` },
      destination: { host, port, database, username, ssl_mode: { mode: 'disable' } },
    });
  });

  afterAll(async () => {
    await stack?.stop();
    await postgres?.stop();
    api?.closeAllConnections();
    await new Promise((resolve) => api?.close(resolve));
    await rm(folder, { recursive: true });
  });

  const table = () =>
    postgres.query('SELECT id, name, vip, score::float8, address FROM raw.crm_customers ORDER BY id::int');

  it("writes the records of the API's response into the table", async () => {
    customers = Array.from({ length: 120 }, (_, n) => ({
      id: n + 1,
      name: `Customer ${n} – "Élodie"`,
      vip: n % 3 === 0,
      score: n / 4,
      address: n % 5 === 0 ? null : { city: 'Torino', lines: ['Via Po', String(n)] },
    }));
    const result = await stack.runPipeline(document);
    expect(result).toMatchObject({
      streams: [{ name: 'customers', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }],
      sync: { status: 'succeeded', recordsSynced: 120 },
    });
    expect((await table()).map((row) => ({ ...row, id: Number(row['id']) }))).toEqual(customers);
  });

  it('replaces the table with each sync', async () => {
    customers = customers.slice(0, 7);
    const result = await stack.runPipeline(document);
    expect(result.sync?.recordsSynced).toBe(7);
    expect(await table()).toHaveLength(7);
  });

  it('fails when the API returns fewer records than the document requires', async () => {
    customers = [];
    const failure = await failureOf(await stack.startPipeline(document));
    expect(failure.type).toBe('AirbyteSyncFailed');
    expect(failure.message).toContain('minimumRecords');
  });

  it('fails its check when the API rejects the key, without showing the key', async () => {
    stack.secrets['SECRET_CRM_API_KEY'] = 'crm-key-2';
    const name = uniqueName('refused');
    const source = { ...document.source, name };
    const failure = await failureOf(await stack.startPipeline({ ...document, name, source }));
    expect(failure.type).toBe('AirbyteCheckFailed');
    expect(failure.message).toContain('401');
    expect(failure.message).not.toContain('crm-key-2');
  });
});
