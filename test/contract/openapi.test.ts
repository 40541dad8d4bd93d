import { describe, expect, test } from '@jest/globals';
import { describeWithDocuments, openApiDocuments } from '../support/openapi';

const CONNECTION_ID = '0b5f4f0e-7f0c-4a52-9f0f-2a3d5a1c1b10';
const STREAM = {
  stream: { name: 'orders', jsonSchema: {} },
  config: { syncMode: 'full_refresh', destinationSyncMode: 'overwrite' },
};

describeWithDocuments("Airbyte's documents", () => {
  test('come oldest first', () => {
    const versions = openApiDocuments.map(({ version }) => version);
    expect(versions.indexOf('v0.50.0')).toBeLessThan(versions.indexOf('v1.6.0'));
    expect(versions.indexOf('v2.0.0')).toBeLessThan(versions.indexOf('2026-08'));
  });

  describe.each(openApiDocuments)('of $version', (document) => {
    const update = (body: object) =>
      document.request('POST', '/v1/connections/update', { connectionId: CONNECTION_ID, ...body });

    test('accept what is right', () => {
      expect(update({ syncCatalog: { streams: [STREAM] } })).toEqual({ invalid: [], unknown: [] });
    });

    test('reject a wrong type, a missing field, a wrong format, a value that is none of the enum', () => {
      expect(document.request('POST', '/v1/connections/sync', {}).invalid).toEqual([
        "the body must have required property 'connectionId'",
      ]);
      expect(update({ connectionId: 'connection-id-789' }).invalid).toEqual(['/connectionId must match format "uuid"']);
      expect(update({ name: 7 }).invalid).toEqual(['/name must be string']);
      expect(update({ namespaceDefinition: 'custom_format' }).invalid).toEqual([
        '/namespaceDefinition must be equal to one of the allowed values: source,destination,customformat',
      ]);
    });

    test('report a misspelt field of an object that is open, and reject it in one that is closed', () => {
      expect(update({ namespace_definition: 'source' })).toEqual({ invalid: [], unknown: ['/namespace_definition'] });
      const misspelt = { ...STREAM, stream: { ...STREAM.stream, json_schema: {} } };
      expect(update({ syncCatalog: { streams: [misspelt] } }).invalid).toEqual([
        '/syncCatalog/streams/0/stream must NOT have additional properties: json_schema',
      ]);
    });

    test('know which calls they have and how those respond', () => {
      expect(document.has('POST', '/v1/jobs/get')).toBe(true);
      expect(document.has('GET', '/v1/jobs/get')).toBe(false);
      expect(document.response('POST', '/v1/jobs/get', 200, { job: {}, attempts: [] })?.invalid).toContain(
        "/job must have required property 'status'",
      );
      expect(document.response('POST', '/v1/jobs/get', 418, {})).toBeUndefined();
      expect(() => document.request('POST', '/v1/jobs/got', {})).toThrow(`Airbyte ${document.version} has no`);
    });
  });
});
