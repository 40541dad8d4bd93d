import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { secretResolverFromEnvironment } from '../../src/secrets/secret-resolver';
import { ActivityBench } from '../unit/activities/activity-bench';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secret-rules-'));
  writeFileSync(join(folder, 'shop-key'), 'the-key-of-the-shop');
});
afterEach(() => rmSync(folder, { recursive: true }));

const environment = {
  SECRET_PROD: 'the-password-of-production',
  SECRET_SHOP: 'the-password-of-the-shop',
  SECRET_MONGO: 'mongodb://airbyte:the-password@mongo.internal:27017/shop',
};

function resolver(rules?: string) {
  const file = join(folder, 'rules.yaml');
  if (rules !== undefined) writeFileSync(file, rules);
  return secretResolverFromEnvironment({
    ...environment,
    AIRBYTE_SECRET_DIR: folder,
    ...(rules !== undefined && { AIRBYTE_SECRET_RULES: file }),
  });
}

const RULES = `
- secrets: SECRET_PROD
  hosts: db.internal
- secrets: [SECRET_SHOP, 'file:shop-*']
  pipelines: shop-*
  definitions: Postgres
- { secret: SECRET_MONGO, host: '*.internal' }
`;

describe('a secret that a rule names with hosts', () => {
  const send = (configuration: Record<string, unknown>) =>
    resolver(RULES).resolve(configuration, ['source', 'configuration']);
  const password = '${env:SECRET_PROD}';

  it.each<[string, Record<string, unknown>]>([
    ['a host', { host: 'db.internal', password }],
    ['a host in other letters, with a port', { host: 'DB.Internal.:5432', password }],
    ['a URL', { url: 'postgres://airbyte:${env:SECRET_PROD}@db.internal:5432/shop' }],
    ['a DSN', { dsn: 'airbyte:${env:SECRET_PROD}@tcp(db.internal:3306)/shop' }],
    ['a connection string', { jdbc: 'Server=tcp:db.internal,1433;Password=${env:SECRET_PROD};authSource=admin' }],
    [
      'a host among what is none',
      {
        host: 'db.internal',
        password,
        database: 'shop',
        schemas: ['public.orders'],
        file: 'a.csv',
        version: '1.2.3',
        time: '12:30',
        email: 'joe@example.com',
        url_params: 'sslmode=require',
      },
    ],
    ['a URL with a query', { url: 'https://db.internal/?fields=a,b&sort=c', password }],
  ])('goes to the host that it names: %s', (_, configuration) => {
    expect(JSON.stringify(send(configuration))).toContain('the-password-of-production');
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['another host', { host: 'attacker.example', password }, 'attacker.example'],
    ['a host that only ends like it', { host: 'evil-db.internal', password }, 'evil-db.internal'],
    [
      'a tunnel',
      { host: 'db.internal', tunnel_method: { tunnel_host: 'attacker.example' }, password },
      'attacker.example',
    ],
    [
      'a proxy in a parameter',
      { host: 'db.internal', jdbc_url_params: 'ssl=true&socksProxyHost=attacker.example', password },
      'attacker.example',
    ],
    [
      'a second host in a list',
      { bootstrap_servers: 'db.internal:9092,attacker.example:9092', password },
      'attacker.example',
    ],
    ['a host before a URL', { host: 'attacker.example,http://db.internal', password }, 'attacker.example'],
    ['a URL', { endpoint: 'https://attacker.example/?x=db.internal', password }, 'attacker.example'],
    ['a URL with the host as its user', { url: 'http://db.internal@attacker.example/', password }, 'attacker.example'],
    ['a URL with two @', { url: 'postgres://a:b@attacker.example@db.internal/x', password }, 'attacker.example'],
    ['an address', { value: '203.0.113.7', host: 'db.internal', password }, '203.0.113.7'],
    ['an address as a number', { host: 3_405_803_783, password }, '3405803783'],
    ['an address of IPv6', { host: '[2001:db8::1]:5432', password }, '2001:db8::1'],
    ['a full name in any field', { host: 'db.internal', shop: 'attacker.example', password }, 'attacker.example'],
    [
      'a URL in a manifest',
      { manifest: { requester: { url_base: 'https://attacker.example/' } }, host: 'db.internal', password },
      'attacker.example',
    ],
    [
      'a URL that holds the secret',
      { path: 'https://attacker.example/${env:SECRET_PROD}', host: 'db.internal' },
      'attacker.example',
    ],
  ])('does not go to a host that it does not name: %s', (_, configuration, host) => {
    expect(() => send(configuration)).toThrow(
      new RegExp(
        `\\$\\{env:SECRET_PROD\\} is not sent, because no rule in .*rules\\.yaml permits it: the rule does not list the host '${host}' \\(source\\.`,
      ),
    );
  });

  it('does not go to a host that programs may read in several ways', () => {
    expect(() => send({ url: 'http://attacker.example\\@db.internal/', password })).toThrow(/is not sent/);
    expect(() => send({ host: 'db.internal\n', password })).not.toThrow();
    expect(() => send({ host: 'db.internal%2eevil', password })).toThrow(/is not sent/);
  });

  it('does not go where no host is named', () => {
    expect(() => send({ s3_bucket_name: 'attacker', password })).toThrow(/the configuration names none/);
  });

  it('may name the host, which then appears in no message', () => {
    expect(send({ connection_string: '${env:SECRET_MONGO}' })).toEqual({ connection_string: environment.SECRET_MONGO });
    const text = resolver('- { secrets: SECRET_MONGO, hosts: other.internal }');
    expect(() => text.resolve({ connection_string: '${env:SECRET_MONGO}' })).toThrow(
      /the host in a secret \(connection_string\)/,
    );
    expect(() => text.resolve({ connection_string: '${env:SECRET_MONGO}' })).not.toThrow(/mongo\.internal/);
  });
});

describe('a secret that a rule names with a pipeline and a connector', () => {
  const configuration = { password: '${env:SECRET_SHOP}', key: '${file:shop-key}' };
  const send = (recipient: object) => resolver(RULES).resolve(configuration, ['source', 'configuration'], recipient);

  it('goes to them', () => {
    expect(send({ pipeline: 'shop-eu', definition: ['postgres', 'd-1'] })).toEqual({
      password: environment.SECRET_SHOP,
      key: 'the-key-of-the-shop',
    });
  });

  it.each([
    [{ pipeline: 'crm', definition: ['Postgres'] }, /the rule does not list the pipeline 'crm'/],
    [{ pipeline: 'shop-eu', definition: ['HTTP', 'd-2'] }, /the rule does not list the connector 'HTTP', 'd-2'/],
    [{}, /no pipeline sends it; the rule does not list the connector/],
  ])('goes nowhere else: %j', (recipient, message) => {
    expect(() => send(recipient)).toThrow(message);
  });
});

describe('a secret that no rule names', () => {
  it('goes nowhere, once there are rules', () => {
    expect(() => resolver('[]').resolve({ password: '${env:SECRET_PROD}' })).toThrow(
      /^password: \$\{env:SECRET_PROD\} is not sent, because no rule in .*: no rule concerns it\. Correct the document, or ask the worker's operator for a rule for SECRET_PROD/,
    );
  });

  it('goes wherever a document sends it, while there are none', () => {
    expect(resolver().resolve({ host: 'anywhere.example', password: '${env:SECRET_PROD}' })).toMatchObject({
      password: environment.SECRET_PROD,
    });
  });
});

describe('the worker', () => {
  it('warns once, in one line, of secrets that it lends without rules', () => {
    expect(resolver().warning?.()).toMatch(/^This worker resolves 4 secrets without rules: .*AIRBYTE_SECRET_RULES.*$/);
    expect(resolver(RULES).warning?.()).toBeUndefined();
    expect(secretResolverFromEnvironment({ AIRBYTE_SECRET_DIR: join(folder, 'none') }).warning?.()).toBeUndefined();
  });

  it.each([
    ['- secret: SECRET_A\n  hosts: 5\n', /rules\.yaml:2:3 \[0\]\.hosts: expected a pattern, or a list of patterns/],
    ['- hosts: a\n', /rules\.yaml:1:3 \[0\]\.secrets: expected a pattern/],
    [
      '- secrets: A\n  host: a\n  pipelnes: x\n',
      /rules\.yaml:3:3 \[0\]\.pipelnes: is not a known key; did you mean pipelines\?/,
    ],
    ['secrets: A\n', /expected a list of rules/],
    ['', /is empty; expected a list/],
    ['- secrets: [', /rules\.yaml:1/],
  ])('does not start with rules that cannot be used: %j', (rules, message) => {
    expect(() => resolver(rules)).toThrow(message);
    expect(() => resolver(rules)).toThrow(/^AIRBYTE_SECRET_RULES cannot be used: /);
  });

  it('does not start without the file of its rules', () => {
    expect(() => secretResolverFromEnvironment({ AIRBYTE_SECRET_RULES: join(folder, 'missing.yaml') })).toThrow(
      /^AIRBYTE_SECRET_RULES cannot be used: .*missing\.yaml/,
    );
  });
});

describe('the activities of a worker with rules', () => {
  let bench: ActivityBench;
  beforeEach(async () => {
    bench = await ActivityBench.start(undefined, resolver(RULES));
  });
  afterEach(() => bench.stop());
  const attack = { host: 'attacker.example', password: '${env:SECRET_PROD}' };
  const sent = () => bench.airbyte.requests.filter(({ call }) => /create|update/.test(call));

  it('send nothing of a source or destination whose secret may not go there', async () => {
    bench.airbyte.on({
      'sources/list': () => ({ sources: [] }),
      'destinations/list': () => ({ destinations: [] }),
    });
    const desired = { workspaceId: 'w', name: 'n', definitionId: 'd-1', configuration: attack };
    const calls = [
      () => bench.run('applySource', desired),
      () => bench.run('applyDestination', desired),
      () => bench.run('createSource', desired),
      () => bench.run('createDestination', desired),
      () => bench.run('planSource', { ...desired, pipeline: 'shop' }),
      () => bench.run('planDestination', { ...desired, pipeline: 'shop' }),
      () => bench.run('updateSource', { sourceId: 's', name: 's', configuration: attack }),
      () => bench.run('updateDestination', { destinationId: 'd', name: 'd', configuration: attack }),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        ...{ type: 'InvalidInput', nonRetryable: true },
        message: expect.stringMatching(
          /^(source|destination)\.configuration\.password: \$\{env:SECRET_PROD\} is not sent/,
        ),
      });
    }
    expect(sent()).toEqual([]);
  });

  it('ask Airbyte for the name of the connector that a rule wants to know', async () => {
    const definitions = [
      { sourceDefinitionId: 'd-1', name: 'Postgres' },
      { sourceDefinitionId: 'd-2', name: 'HTTP' },
    ];
    bench.airbyte.on({
      'sources/list': () => ({ sources: [] }),
      'source_definitions/list': () => ({ sourceDefinitions: definitions }),
      'source_definition_specifications/get': () => ({ connectionSpecification: {} }),
      'sources/create': () => ({ sourceId: 's-1', name: 'shop' }),
    });
    const configuration = { password: '${env:SECRET_SHOP}' };
    const desired = { workspaceId: 'w', name: 'shop', pipeline: 'shop-eu', configuration };
    await expect(bench.run('applySource', { ...desired, definitionId: 'd-2' })).rejects.toMatchObject({
      message: expect.stringContaining("the rule does not list the connector 'HTTP', 'd-2'"),
    });
    expect(await bench.run('applySource', { ...desired, definitionId: 'd-1' })).toMatchObject({ created: true });
    expect(sent()).toMatchObject([
      { call: 'sources/create', body: { connectionConfiguration: { password: environment.SECRET_SHOP } } },
    ]);
  });
});
