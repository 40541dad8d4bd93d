import { describe, expect, it } from '@jest/globals';
import type { Connection } from '../../../src/airbyte/schemas';
import {
  describeSecrets,
  type ExistingConnection,
  toConnectionDocument,
} from '../../../src/documents/connection-document';
import { parsePipelineDocument } from '../../../src/documents/parse-document';
import { writeConnectionDocument } from '../../../src/documents/write-connection-document';

const connection: Connection = {
  connectionId: 'c-1',
  name: 'Café: PostgreSQL → S3 #1',
  status: 'active',
  namespaceDefinition: 'source',
  namespaceFormat: '${SOURCE_NAMESPACE}',
  prefix: '',
  scheduleType: 'cron',
  scheduleData: { cron: { cronExpression: '0 0 3 * * ?', cronTimeZone: 'Europe/Paris' } },
  nonBreakingChangesPreference: 'ignore',
  syncCatalog: {
    streams: [
      {
        stream: { name: 'orders', namespace: 'public' },
        config: {
          ...{ syncMode: 'incremental', destinationSyncMode: 'append_dedup', selected: true },
          ...{ cursorField: ['updated_at'], primaryKey: [['id']] },
        },
      },
      {
        stream: { name: 'events' },
        config: {
          ...{ syncMode: 'full_refresh', destinationSyncMode: 'overwrite', cursorField: ['at'] },
          primaryKey: [['meta', 'id'], ['at']],
        },
      },
      { stream: { name: 'unused' }, config: { selected: false } },
    ],
  },
};

function existing(changes: Partial<ExistingConnection> = {}): ExistingConnection {
  return {
    connection,
    workspace: 'Default Workspace',
    source: {
      name: 'Shop DB',
      definition: 'Postgres',
      configuration: {
        host: 'db',
        password: '**********',
        tunnel_method: { tunnel_method: 'SSH_KEY_AUTH', ssh_key: '**********' },
        replication_slot: 'shown by no name',
        accounts: [{ token: 'shown' }, { token: 'shown too' }],
        jdbc_url_params: 'user=a&password=hush-hush',
      },
      specification: { properties: { replication_slot: { airbyte_secret: true } } },
    },
    destination: {
      name: 'lake',
      definition: 'S3',
      configuration: { s3_bucket_name: 'lake', format: { format_type: 'CSV' } },
    },
    ...changes,
  };
}

describe('the document of a connection', () => {
  const written = toConnectionDocument(existing());
  const text = writeConnectionDocument(written, 'the connection c-1 of http://airbyte/api/v1');
  const parsed = parsePipelineDocument(text);

  it('is a document that says what the connection is', () => {
    expect(parsed).toMatchObject({
      name: 'cafe-postgresql-s3-1',
      workspace: 'Default Workspace',
      source: { name: 'Shop DB', definition: 'Postgres', configuration: { host: 'db' } },
      destination: { name: 'lake', definition: 'S3', configuration: { format: { format_type: 'CSV' } } },
      connection: {
        ...{ name: 'Café: PostgreSQL → S3 #1', namespaceDefinition: 'source', status: 'active' },
        schedule: { cron: '0 0 3 * * ?', timeZone: 'Europe/Paris' },
      },
    });
    expect(parsed.connection).not.toHaveProperty('namespaceFormat');
    expect(parsed.connection).not.toHaveProperty('schemaChanges');
  });

  it('lists the streams that are synced, one in each line', () => {
    expect(parsed.connection.streams).toEqual([
      {
        ...{ name: 'orders', namespace: 'public', syncMode: 'incremental', destinationSyncMode: 'append_dedup' },
        ...{ cursorField: 'updated_at', primaryKey: ['id'] },
      },
      {
        ...{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' },
        primaryKey: [['meta', 'id'], ['at']],
      },
    ]);
    expect(text).toContain('- { name: orders, namespace: public, syncMode: incremental,');
  });

  it('names each secret after its source and its field, whether Airbyte masks it or not', () => {
    expect(describeSecrets(written.secrets)).toEqual([
      'SECRET_SHOP_DB_PASSWORD               source.configuration.password',
      'SECRET_SHOP_DB_TUNNEL_METHOD_SSH_KEY  source.configuration.tunnel_method.ssh_key',
      'SECRET_SHOP_DB_REPLICATION_SLOT       source.configuration.replication_slot',
      'SECRET_SHOP_DB_ACCOUNTS_0_TOKEN       source.configuration.accounts[0].token',
      'SECRET_SHOP_DB_ACCOUNTS_1_TOKEN       source.configuration.accounts[1].token',
      'SECRET_SHOP_DB_JDBC_URL_PARAMS        source.configuration.jdbc_url_params',
    ]);
    expect(text).not.toMatch(/shown|hush-hush|\*\*\*/);
  });

  it('says in comments where it comes from and what to set', () => {
    expect(text).toMatch(/^# Written by temporal-airbyte import from the connection c-1 of http:\/\/airbyte/);
    expect(text).toMatch(/^# {3}SECRET_SHOP_DB_PASSWORD +source\.configuration\.password$/m);
    expect(text).toMatch(
      /password: \$\{env:SECRET_SHOP_DB_PASSWORD\} # set SECRET_SHOP_DB_PASSWORD where the worker runs/,
    );
  });

  it('gives two secrets two names', () => {
    const actor = { name: 'db', definition: 'Postgres', configuration: { password: '**********' } };
    const { secrets } = toConnectionDocument(existing({ source: actor, destination: actor }));
    expect(secrets.map(({ name }) => name)).toEqual(['SECRET_DB_PASSWORD', 'SECRET_DB_PASSWORD_2']);
  });

  it('names a secret after what it is of where the name has no letters that a variable may have', () => {
    const source = { name: '商店', definition: 'Postgres', configuration: { password: '**********' } };
    expect(toConnectionDocument(existing({ source })).secrets).toMatchObject([{ name: 'SECRET_SOURCE_PASSWORD' }]);
  });

  it.each([
    ['disable', 'fail'],
    ['propagate_columns', 'propagate'],
  ])('says of a connection that Airbyte is to %s: schemaChanges %s', (nonBreakingChangesPreference, schemaChanges) => {
    const { document } = toConnectionDocument(
      existing({ connection: { ...connection, nonBreakingChangesPreference } }),
    );
    expect(document).toMatchObject({ connection: { schemaChanges } });
  });

  it('says in a comment what a document cannot express', () => {
    const config = { syncMode: 'full_refresh', destinationSyncMode: 'append', fieldSelectionEnabled: true };
    const syncCatalog = { streams: [{ stream: { name: 'orders' }, config }] };
    const changed = { ...connection, syncCatalog, nonBreakingChangesPreference: 'propagate_fully' };
    const commented = writeConnectionDocument(toConnectionDocument(existing({ connection: changed })), 'c-1');
    expect(commented).toMatch(/^# Airbyte removes, hashes or maps fields of streams \(orders\)/m);
    expect(commented).toMatch(/^# Airbyte adds new streams to the connection \(propagate_fully\)/m);
  });

  it('is rejected if a document cannot express the connection', () => {
    const config = { syncMode: 'telepathy', destinationSyncMode: 'append' };
    const syncCatalog = { streams: [{ stream: { name: 'orders' }, config }] };
    const odd = toConnectionDocument(existing({ connection: { ...connection, syncCatalog } }));
    expect(() => writeConnectionDocument(odd, 'c-1')).toThrow(/connection\.streams\[0\]\.syncMode: expected/);
  });
});
