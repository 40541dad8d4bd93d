import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INDEXED_VALUE_TYPES } from '../../src/temporal/missing-search-attributes';
import { registerSearchAttributes, SearchAttributesError } from '../../src/temporal/search-attributes';
import { CliCommand, CliProcess } from '../integration/cli-command';
import { newNamespace, type SharedTemporal, sharedTemporal } from '../support/temporal';

/** The development server keeps visibility in SQL, as most production servers do: with three columns for whole numbers. */
describe('a namespace whose visibility has no slot left', () => {
  const others = ['Ours', 'Theirs'];
  let temporal: SharedTemporal;
  let namespace: string;

  beforeAll(async () => {
    temporal = await sharedTemporal();
    namespace = await newNamespace(temporal);
    for (const name of others) await register(name);
  });
  afterAll(() => temporal?.close());

  async function register(name: string): Promise<void> {
    const searchAttributes = { [name]: INDEXED_VALUE_TYPES.INT };
    await temporal.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  }

  async function registered(): Promise<string[]> {
    const { customAttributes } = await temporal.connection.operatorService.listSearchAttributes({ namespace });
    return Object.keys(customAttributes).sort();
  }

  const environment = () =>
    temporal.environment({
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      AIRBYTE_URL: 'http://127.0.0.1:1',
    });

  const reason = /AirbyteRecordsSynced, AirbyteBytesSynced of type INT \(of 3, others have Ours, Theirs\)/i;

  it('is reported before anything is registered in it', async () => {
    const registering = registerSearchAttributes(temporal.connection, namespace);
    await expect(registering).rejects.toThrow(SearchAttributesError);
    await expect(registering).rejects.toThrow(reason);
    expect(await registered()).toEqual(others);
  });

  it('fails the check of doctor, which says which attributes do not fit and what to do', async () => {
    const doctor = new CliCommand(['doctor', '--json'], { ...environment(), TEMPORAL_NAMESPACE: namespace });
    expect(await doctor.exited).toBe(3);
    const check = doctor.document.checks.find(({ name }: { name: string }) => name === 'Search attributes');
    expect(check).toMatchObject({ status: 'failed', message: expect.stringMatching(reason) });
    expect(check.message).toContain(`temporal operator search-attribute remove --namespace ${namespace}`);
  });

  it('lets no worker start, which says the same', async () => {
    const worker = new CliProcess(['worker'], { ...environment(), TEMPORAL_NAMESPACE: namespace });
    expect(await worker.exited).not.toBe(0);
    expect(worker.stderr).toMatch(reason);
  });
});
