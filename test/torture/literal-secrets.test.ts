import { describe, expect, it } from '@jest/globals';
import { pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import { toProblems } from '../../src/contract/validation/schema-problems';
import { toConnectionDocument } from '../../src/documents/connection-document';
import { parsePipelineDocument } from '../../src/documents/parse-document';
import { formatPath } from '../../src/text/field-path';
import { findLiteralSecrets } from '../../src/text/secrets/literal-secrets';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
const PRIVATE_KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----';
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----';
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Fields whose names say nothing, or not to the connector's specification. */
const SECRETS: Record<string, unknown> = {
  'a token of GitHub': { value: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a' },
  'a fine-grained token of GitHub': { value: 'github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz' },
  'a token of GitLab': { value: 'glpat-x7Fh2kQpLm9sTvWz3bNd' },
  'an access key of AWS': { user: 'AKIAIOSFODNN7EXAMPLE' },
  'a JWT': { value: JWT },
  'a JWT in a sentence': { note: `use ${JWT} please` },
  'a bot token of Slack': { value: 'xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzzqgy' },
  'a webhook of Slack': { url: 'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX' },
  'a key of OpenAI': { value: 'sk-proj-abcdEFGH1234ijklMNOP5678' },
  'a plain sk- key': { value: 'sk-abcdefghijklmnopqrstuvwx' },
  'a live key of Stripe': { value: 'sk_live_4eC39HqLyjWDarjtT1zdp7dc' },
  'a key of Google': { value: 'AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe' },
  'a private key': { value: PRIVATE_KEY },
  'a private key in Base64': { value: base64(PRIVATE_KEY) },
  'a service account as a text': { info: JSON.stringify({ type: 'service_account', private_key: PRIVATE_KEY }) },
  'a password in a text of JSON': { settings: '{"user":"airbyte","password":"hunter2"}' },
  'a DSN of a Go program': { dsn: 'airbyte:hunter2@tcp(db.example.com:3306)/shop?parseTime=true' },
  'a DSN without a scheme': { dsn: 'airbyte:hunter2@db.example.com:5432/shop' },
  'a DSN of Oracle': { url: 'jdbc:oracle:thin:scott/tiger@db.example.com:1521:orcl' },
  'a URL with a password': { url: 'https://airbyte:hunter2@example.com/export' },
  'a URL whose password has a slash': { url: 'postgres://airbyte:hun/ter2@db:5432/shop' },
  'the Authorization of headers': { headers: { Authorization: 'ApiKey abc' } },
  'the Cookie of headers': { headers: { Cookie: 'session=abc' } },
  'an Authorization in a list of headers': { headers: [{ name: 'Authorization', value: 'abc' }] },
  'a Cookie in a list of headers': { headers: [{ header_name: 'Set-Cookie', header_value: 'abc' }] },
  'headers as a text': { headers: 'Accept: text/csv\nCookie: session=abc' },
  'headers as JSON': { headers: '[{"key":"X-Api-Key","value":"abc"}]' },
  'a SAS of Azure': { url: 'https://a.blob.core.windows.net/c?sv=2022-11-02&sr=c&sig=Zm9vYmFyYmF6&se=2027-01-01' },
  'a signed URL of S3': { url: 'https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=0123abcd' },
  'a connection string of storage': {
    storage: 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9vYmFy==;EndpointSuffix=core.windows.net',
  },
  'a connection string of SQL Server': { jdbc: 'Server=db;User Id=airbyte;Password=hunter2;' },
  'a connection string with blanks': { jdbc: 'Server = db; Pwd = hunter2' },
  'a connection string of Redis': { redis: 'cache:6380,password=hunter2,ssl=True' },
  pass: { pass: 'hunter2' },
  dbpass: { dbpass: 'hunter2' },
  'smtp-pass': { 'smtp-pass': 'hunter2' },
  pwd: { pwd: 'hunter2' },
  passphrase: { passphrase: 'hunter2' },
  'a password one level deeper': { password: { value: 'hunter2' } },
};

/** What people write into configurations every day. */
const HARMLESS: Record<string, unknown> = {
  'host names': { host: 'sk-prod-cluster-eu-west-1.example.com', other: 'db.internal', proxy: 'proxy:3128' },
  paths: { path: '/var/lib/pass/data.csv', format: '${NAMESPACE}/${STREAM_NAME}/', glob: '**/*.csv' },
  ids: { id: '3f2504e0-4f89-11d3-9a0c-0305e82c3301', account_id: 'act_1234567890', client_id: '1234.apps.example.com' },
  'plain URLs': {
    url: 'https://example.com:8443/a@b?page_size=10&sort=key',
    minio: 'http://minio:9000',
    git: 'git@github.com:airbytehq/airbyte.git',
    ssh: 'ssh://git@github.com/airbytehq/airbyte.git',
  },
  'addresses of people': { contact: 'mailto:joe@example.com', email: 'joe+airbyte@example.com' },
  'an image': { image: 'airbyte/source-postgres:3.6.1@sha256:0123456789abcdef' },
  'the user of a URL': { url: 'https://airbyte@example.com/path:x@y' },
  'kinds of authentication': { auth_type: 'Basic Auth', other: 'Bearer token', third: 'Bearer of good news' },
  'a certificate': { ca: CERTIFICATE, chain: base64(CERTIFICATE) },
  'a public key': { value: 'ssh-rsa AAAAB3NzaC1yc2E me@example.com' },
  'tokens that are no secrets': { max_tokens: 100, models: [{ max_tokens: 100 }], next_page_token: 'abc' },
  'a sentence': { note: 'The password: see the vault. Token bucket = 5, key=value; risk-based' },
  'templates of low-code connectors': {
    token: "{{ config['api_key'] }}",
    authorization: "Bearer {{config['api_key']}}",
  },
  'headers without secrets': { headers: [{ name: 'Accept', value: 'text/csv' }], other: { 'X-Request-Id': '1' } },
  'named secrets': {
    password: '${env:SECRET_A}',
    dsn: 'airbyte:${env:SECRET_A}@tcp(db:3306)/shop',
    url: 'https://airbyte:${env:SECRET_A}@example.com/export',
    sas: 'https://a.example.com/c?sv=1&sig=${env:SECRET_SIG}',
    storage: 'AccountName=a;AccountKey=${file:account-key}',
    headers: [{ name: 'Authorization', value: 'Bearer ${env:SECRET_A}' }],
    text: 'Cookie: session=${env:SECRET_A}',
    json: '{"password":"${env:SECRET_A}"}',
  },
};

const documentWith = (configuration: unknown) => ({
  name: 'shop',
  source: { name: 'shop', definition: 'Postgres', configuration: { ...(configuration as object) } },
  destination: { name: 'lake', definition: 'S3', configuration: {} },
  connection: { streams: [{ name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'append' }] },
});
const secretOf = (configuration: unknown) =>
  Object.values(configuration as object)
    .flatMap((value) => (typeof value === 'string' ? [value] : []))
    .at(0);

describe('a literal that is a secret by its form', () => {
  it.each(Object.entries(SECRETS))(
    'is rejected in a document with its field and how to write it: %s',
    (_, configuration) => {
      const checked = pipelineDocumentSchema().safeParse(documentWith(configuration));
      const [problem] = checked.success ? [] : toProblems(checked.error);
      expect(problem?.path).toMatch(/^source\.configuration\.|^source\.configuration\[/);
      expect(problem?.message).toMatch(/is a secret and must not be in the document.*\$\{env:SECRET_\w+\}/);
      expect(JSON.stringify(problem)).not.toContain(secretOf(configuration) ?? 'hunter2');
    },
  );

  it('is rejected with its place in the file', () => {
    const text = `name: shop
source:
  name: shop
  definition: Postgres
  configuration:
    dsn: airbyte:hunter2@tcp(db:3306)/shop
`;
    expect(() => parsePipelineDocument(text, 'shop.yaml')).toThrow(
      /shop\.yaml:6:5 source\.configuration\.dsn: is a secret.*\$\{env:SECRET_DSN\}/,
    );
  });

  it.each(Object.entries(SECRETS))('is named by import instead of written: %s', (_, configuration) => {
    const { document, secrets } = toConnectionDocument({
      connection: { connectionId: 'c-1', name: 'shop' },
      source: { name: 'shop', definition: 'Postgres', configuration: configuration as Record<string, unknown> },
      destination: { name: 'lake', definition: 'S3', configuration: {} },
    });
    expect(secrets).toHaveLength(1);
    const { source } = document as { source: { configuration: unknown } };
    expect(findLiteralSecrets(source.configuration)).toEqual([]);
    expect(JSON.stringify(source.configuration)).toContain('${env:SECRET_SHOP_');
  });
});

describe('a certificate', () => {
  it.each([CERTIFICATE, base64(CERTIFICATE)])('is named by import, since its key comes with it', (ca) => {
    const { secrets } = toConnectionDocument({
      connection: { connectionId: 'c-1', name: 'shop' },
      source: { name: 'shop', definition: 'Postgres', configuration: { ca } },
      destination: { name: 'lake', definition: 'S3', configuration: {} },
    });
    expect(secrets).toEqual([{ name: 'SECRET_SHOP_CA', path: ['source', 'configuration', 'ca'] }]);
  });
});

describe('what is no secret', () => {
  it.each(Object.entries(HARMLESS))('is taken as it is: %s', (_, configuration) => {
    expect(findLiteralSecrets(configuration).map(formatPath)).toEqual([]);
  });

  it('is checked in a time that grows with its length only', () => {
    const texts = [
      'eyJ-',
      '-eyJa.',
      'x://a:',
      'sk-a-',
      'a=',
      'ghp_',
      'a:b@',
      'Cookie:',
      '{',
      'LS0tLS1CRUdJTi',
      'xoxb-',
    ];
    // A pattern that goes back over such a text takes hours; the test ends by its time limit then.
    for (const text of texts) findLiteralSecrets({ value: text.repeat(50_000) });
    expect(texts).toHaveLength(11);
  });
});
