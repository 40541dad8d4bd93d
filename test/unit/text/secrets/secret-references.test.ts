import { describe, expect, it } from '@jest/globals';
import { formatPath } from '../../../../src/text/field-path';
import {
  findLiteralSecrets,
  findLiteralSecretsBySpecification,
  secretReferenceAdvice,
} from '../../../../src/text/secrets/literal-secrets';
import { findMalformedReferences, findSecretReferences } from '../../../../src/text/secrets/secret-references';

describe('a reference to a secret', () => {
  it('names a variable or a file, in any field, also inside of a longer text', () => {
    const configuration = {
      password: '${env:SECRET_SHOP}',
      ssl: { client_key: '${file:client-key.pem}' },
      headers: [{ value: 'Bearer ${env:SECRET_A}:${env:SECRET_B}' }],
    };
    expect(findSecretReferences(configuration, ['source', 'configuration'])).toEqual([
      { kind: 'env', name: 'SECRET_SHOP', text: '${env:SECRET_SHOP}', path: 'source.configuration.password' },
      {
        kind: 'file',
        name: 'client-key.pem',
        text: '${file:client-key.pem}',
        path: 'source.configuration.ssl.client_key',
      },
      { kind: 'env', name: 'SECRET_A', text: '${env:SECRET_A}', path: 'source.configuration.headers[0].value' },
      { kind: 'env', name: 'SECRET_B', text: '${env:SECRET_B}', path: 'source.configuration.headers[0].value' },
    ]);
  });

  it.each([
    '${env:}',
    '${env: SECRET_X}',
    '${ env:SECRET_X}',
    '${ENV:SECRET_X}',
    '${env:SECRET-X}',
    '${env:1X}',
    '${env:SECRET_X',
    '${env:SECRET_X:-default}',
    '${file:}',
    '${file:.}',
    '${file:.env}',
    '${file:..data}',
    '${file:..}',
    '${file:../secrets/x}',
    '${file:/etc/passwd}',
    '${file:a/b}',
    '${file:a\\b}',
    '${file:a%2fb}',
    '${env:SECRET_X} and ${file:a b}',
  ])('is not written %s', (text) => {
    expect(findMalformedReferences({ list: [text] })).toEqual([['list', 0]]);
  });

  it.each(['${NAMESPACE}/${STREAM_NAME}', '${ENVIRONMENT}', '$env:X', '{env:X}', '${file}', '${env:SECRET_X}'])(
    'leaves %s alone',
    (text) => {
      expect(findMalformedReferences({ text })).toEqual([]);
    },
  );
});

describe('a literal secret', () => {
  it.each([
    'password',
    'Password',
    'db_password',
    'tunnelUserPassword',
    'ssl-password',
    'passwd',
    'pwd',
    'passphrase',
    'secret',
    'client_secret',
    'clientSecret',
    'secret_key',
    'secret_access_key',
    'consumer_secret',
    'token',
    'access_token',
    'refreshToken',
    'api_token',
    'sas_token',
    'oauth_token',
    'api_key',
    'apiKey',
    'apikey',
    'API-Key',
    'X-API-Key',
    'access_key',
    'access_key_id',
    'private_key',
    'ssh_key',
    'tunnel_user_ssh_key',
    'client_key',
    'azure_blob_storage_account_key',
    'shared_key',
    'encryption_key',
    'hmac_key_secret',
    'hmac_key_access_id',
    'credentials_json',
    'service_account',
    'service_account_key',
    'service_account_json',
    'connection_string',
    'Authorization',
    'credential',
  ])('is found in a field named %s', (name) => {
    expect(findLiteralSecrets({ [name]: 'hunter2' })).toHaveLength(1);
    expect(findLiteralSecrets({ [name]: '${env:SECRET_X}' })).toEqual([]);
  });

  it.each([
    'max_tokens',
    'primary_key',
    'public_key',
    'partition_key',
    'sort_key',
    'key',
    'token_url',
    'token_type',
    'token_uri',
    'password_policy',
    'secret_name',
    'service_account_email',
    'private_key_id',
    'api_key_name',
    'username',
    'client_id',
    'account',
    'monkey',
    'tokenizer',
    'compassword',
    'passwordless',
    'credentials_title',
    'auth_type',
    's3_bucket_name',
  ])('is not looked for in a field named %s', (name) => {
    expect(findLiteralSecrets({ [name]: 'hunter2' })).toEqual([]);
  });

  it('is found at any depth', () => {
    const configuration = {
      tunnel_method: { tunnel_method: 'SSH_PASSWORD_AUTH', tunnel_user_password: 'hunter2' },
      credentials: { auth_type: 'Client', client_id: 'id', client_secret: 'hunter2' },
      accounts: [
        { name: 'a', token: '${env:SECRET_A}' },
        { name: 'b', token: 'hunter2' },
      ],
      service_account: { project_id: 'p', private_key: 'hunter2' },
      api_keys: ['hunter2', '${env:SECRET_B}'],
    };
    expect(findLiteralSecrets(configuration, ['source', 'configuration']).map(formatPath)).toEqual([
      'source.configuration.tunnel_method.tunnel_user_password',
      'source.configuration.credentials.client_secret',
      'source.configuration.accounts[1].token',
      'source.configuration.service_account.private_key',
      'source.configuration.api_keys[0]',
    ]);
  });

  it('may be a number', () => {
    expect(findLiteralSecrets({ password: 123456, max_tokens: 100 })).toEqual([['password']]);
  });

  it.each(['', null, true, false, {}, []])('is not %j', (password) => {
    expect(findLiteralSecrets({ password })).toEqual([]);
  });

  it.each([
    'postgres://airbyte:hunter2@db:5432/shop',
    'mongodb+srv://airbyte:hunter2@cluster.example.com/?retryWrites=true',
    'redis://:hunter2@cache',
    'sslmode=require&password=hunter2',
    'https://example.com/export?format=csv&api_key=hunter2',
    'host=db user=airbyte password=hunter2',
    'Bearer hunter2',
    'Basic aHVudGVyMg==',
    '-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----hunter2',
  ])('is found by its form: %j', (value) => {
    expect(findLiteralSecrets({ value })).toEqual([['value']]);
  });

  it.each([
    'postgres://airbyte:${env:SECRET_SHOP}@db:5432/shop',
    'sslmode=require&password=${env:SECRET_SHOP}',
    'Bearer ${env:SECRET_CRM}',
    'http://minio:9000',
    'https://example.com/a?b=c&page_size=10',
    'https://airbyte@example.com/path:x@y',
    'Bearer of good news',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    'ssh-rsa AAAA me@example.com',
    'arn:aws:iam::123456789012:role/airbyte',
  ])('is not seen in %j', (value) => {
    expect(findLiteralSecrets({ value })).toEqual([]);
  });
});

describe("a literal in a field that the connector's specification calls secret", () => {
  const specification = {
    type: 'object',
    properties: {
      host: { type: 'string' },
      webhook: { type: 'string', airbyte_secret: true },
      login: {
        oneOf: [
          { properties: { method: { const: 'none' } } },
          { properties: { method: { const: 'pin' }, pin: { type: 'integer', airbyte_secret: true } } },
        ],
      },
      readers: { type: 'array', items: { properties: { name: { type: 'string' }, badge: { airbyte_secret: true } } } },
    },
  };

  it('is found by the specification alone', () => {
    const configuration = {
      host: 'db',
      webhook: 'hunter2',
      login: { method: 'pin', pin: 1234 },
      readers: [
        { name: 'a', badge: '${env:SECRET_A}' },
        { name: 'b', badge: 'hunter2' },
      ],
      unknown: 'x',
    };
    expect(findLiteralSecretsBySpecification(configuration, specification, ['source', 'configuration'])).toEqual([
      'source.configuration.webhook',
      'source.configuration.login.pin',
      'source.configuration.readers[1].badge',
    ]);
  });

  it('is no literal when it is named', () => {
    expect(findLiteralSecretsBySpecification({ webhook: '${file:webhook}' }, specification)).toEqual([]);
  });

  it.each([undefined, null, true, 'x', {}, { properties: null }])(
    'is not looked for where there is none (%j)',
    (none) => {
      expect(findLiteralSecretsBySpecification({ webhook: 'hunter2' }, none)).toEqual([]);
    },
  );
});

describe('how to write a secret', () => {
  it.each([
    [
      'source.configuration.tunnel.tunnel_user_password',
      '${env:SECRET_TUNNEL_USER_PASSWORD}',
      '${file:tunnel_user_password}',
    ],
    ['apiKey', '${env:SECRET_API_KEY}', '${file:api_key}'],
    ['a.api_keys[0]', '${env:SECRET_API_KEYS}', '${file:api_keys}'],
    ['headers["X-API-Key"]', '${env:SECRET_X_API_KEY}', '${file:x_api_key}'],
  ])('names a variable and a file after %s', (path, variable, file) => {
    expect(secretReferenceAdvice(path)).toContain(variable);
    expect(secretReferenceAdvice(path)).toContain(file);
  });

  it('is the same for a path in parts', () => {
    expect(secretReferenceAdvice(['headers', 'X-API-Key'])).toBe(secretReferenceAdvice('headers["X-API-Key"]'));
  });
});
