import { expect, it } from '@jest/globals';
import { writeNewDocument } from '../../../src/documents/new-document';
import { parsePipelineDocument } from '../../../src/documents/parse-document';

/** Like that of a database source: required fields, optional ones, secrets, and a choice. */
const SPECIFICATION = {
  type: 'object',
  required: ['host', 'port', 'password', 'replication_method'],
  properties: {
    password: { title: 'Password', type: 'string', airbyte_secret: true, order: 3 },
    host: { title: 'Host', description: 'Host of the <a href="https://x">database</a>.', type: 'string', order: 0 },
    port: { title: 'Port', type: 'integer', default: 5432, order: 1 },
    schemas: { title: 'Schemas', type: 'array', default: ['public'], order: 4 },
    ssl_key: { title: 'Key', type: 'string', airbyte_secret: true, order: 5 },
    internal: { type: 'string', airbyte_hidden: true },
    replication_method: {
      title: 'Update Method',
      type: 'object',
      order: 6,
      oneOf: [
        {
          title: 'Log-based',
          required: ['method', 'slot'],
          properties: { method: { const: 'CDC' }, slot: { type: 'string' } },
        },
        { title: 'Cursor', required: ['method'], properties: { method: { const: 'Standard' } } },
      ],
    },
  },
};

it('a new document has the required fields of the connectors, the optional ones as comments, and names its secrets', () => {
  const source = { name: 'shop', definition: 'Postgres', specification: SPECIFICATION };
  const destination = { name: 'lake', definition: 'S3', specification: undefined };
  const { text, secrets } = writeNewDocument({ name: 'shop-to-lake', source, destination }, 'a test');
  expect(parsePipelineDocument(text)).toMatchObject({
    name: 'shop-to-lake',
    source: {
      name: 'shop',
      definition: 'Postgres',
      configuration: {
        host: '',
        port: 5432,
        password: '${env:SECRET_SHOP_PASSWORD}',
        replication_method: { method: 'CDC', slot: '' },
      },
    },
    destination: { name: 'lake', definition: 'S3', configuration: {} },
    connection: { schedule: 'manual', streams: [{ name: '*' }] },
  });
  expect(secrets).toEqual(['SECRET_SHOP_PASSWORD']);
  const lines = text.split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '    # Host: Host of the database.',
      '    # schemas: ["public"]',
      '    # ssl_key: "${env:SECRET_SHOP_SSL_KEY}"',
      '    # One of: Log-based | Cursor',
      expect.stringContaining("public API does not show the connector's fields"),
    ]),
  );
  expect(text).not.toContain('internal');
  expect(text.indexOf('host:')).toBeLessThan(text.indexOf('password:'));
});
