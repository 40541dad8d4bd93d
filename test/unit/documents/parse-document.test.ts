import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pipelineDocumentSchema } from '../../../src/contract/pipeline-document';
import { PipelineDocumentError } from '../../../src/documents/document-error';
import { parsePipelineDocument, readPipelineDocument } from '../../../src/documents/parse-document';
import { typicalDocument } from '../contract/typical-document';

const YAML = `\
# A comment
name: postgres-to-minio
source:
  name: shop
  definition: Postgres
  configuration: { host: db, password: '\${env:SECRET_SHOP_PASSWORD}' }
destination:
  name: lake
  definition: S3
  configuration:
    s3_bucket_name: lake
connection:
  schedule: { every: 6h }
  streams:
    - { name: customers, syncMode: incremental, destinationSyncMode: append }
    - name: orders
      syncMode: incremental
      destinationSyncMode: append
`;

function errorOf(text: string): PipelineDocumentError {
  try {
    parsePipelineDocument(text, 'shop.yaml');
  } catch (error) {
    if (error instanceof PipelineDocumentError) return error;
    throw error;
  }
  throw new Error('the document was accepted');
}

/** The lines of the message that come of replacing one text of the document. */
function messagesWith(found: string, replacement: string): string[] {
  expect(YAML).toContain(found);
  return errorOf(YAML.replace(found, replacement)).message.split('\n');
}

describe('a pipeline document as text', () => {
  it('is read from YAML, with its defaults', () => {
    const document = parsePipelineDocument(YAML, 'shop.yaml');
    expect(document.source.configuration).toEqual({ host: 'db', password: '${env:SECRET_SHOP_PASSWORD}' });
    expect(document.connection.name).toBe('shop → lake');
    expect(document.sync).toMatchObject({ timeout: '1h' });
  });

  it.each([
    ['as one line', JSON.stringify(typicalDocument())],
    ['with tabs', JSON.stringify(typicalDocument(), null, '\t')],
    [
      'with a byte order mark and the line breaks of Windows',
      `\uFEFF${JSON.stringify(typicalDocument(), null, 2).replaceAll('\n', '\r\n')}`,
    ],
  ])('is read from JSON, %s', (_, text) => {
    expect(parsePipelineDocument(text)).toEqual(pipelineDocumentSchema().parse(typicalDocument()));
  });

  it('may use anchors and aliases for what it says twice', () => {
    const text = YAML.replace(
      '{ name: customers, syncMode: incremental',
      '{ name: customers, syncMode: &mode incremental',
    ).replace('      syncMode: incremental', '      syncMode: *mode');
    expect(parsePipelineDocument(text).connection.streams[1]?.syncMode).toBe('incremental');
  });

  it('leaves words like no and on what they are', () => {
    const text = YAML.replace('host: db', 'host: no, country: NO, mode: on, date: 2025-01-01');
    expect(parsePipelineDocument(text).source.configuration).toMatchObject({
      host: 'no',
      country: 'NO',
      mode: 'on',
      date: '2025-01-01',
    });
  });
});

describe('what is wrong in a document', () => {
  it.each([
    [
      'a wrong value',
      '    - name: orders\n      syncMode: incremental',
      '    - name: orders\n      syncMode: cdc',
      ['shop.yaml:17:7 connection.streams[1].syncMode: expected one of full_refresh, incremental'],
    ],
    [
      'a wrong value inside of braces',
      '{ every: 6h }',
      '{ every: 6s }',
      ['shop.yaml:13:15 connection.schedule.every: expected whole minutes, because Airbyte supports no seconds'],
    ],
    ['a wrong type', 'name: shop', 'name: 12', ['shop.yaml:4:3 source.name: expected a string, found a number']],
    [
      'an unknown key',
      '  schedule:',
      '  schedul:',
      ['shop.yaml:13:3 connection.schedul: is not a known key; did you mean schedule?'],
    ],
    [
      'a key that is missing, at the object it is missing in',
      '  name: lake\n',
      '',
      ['shop.yaml:7:1 destination.name: is missing: expected a string (required)'],
    ],
    [
      'a key that is missing in an item of a list',
      '    - name: orders\n      syncMode',
      '    - syncMode',
      ['shop.yaml:16:7 connection.streams[1].name: is missing: expected a string (required)'],
    ],
    [
      'a value that is missing',
      'definition: Postgres',
      'definition:',
      ['shop.yaml:5:3 source.definition: is missing: expected a string (required)'],
    ],
    [
      'a stream that is a duplicate',
      'name: orders',
      'name: customers',
      ['shop.yaml:16:7 connection.streams[1]: is the same stream as connection.streams[0]'],
    ],
  ])('is said with its line, its column and its path: %s', (_, found, replacement, messages) => {
    expect(messagesWith(found, replacement)).toEqual(messages);
  });

  it('is all said together, from top to bottom', () => {
    const error = errorOf(
      YAML.replace('name: postgres-to-minio', 'nmae: x')
        .replace('definition: S3', 'definition: 3')
        .replace('every: 6h', 'every: often'),
    );
    expect(error.problems.map(({ line, path }) => `${line} ${path}`)).toEqual([
      '2 name',
      '2 nmae',
      '9 destination.definition',
      '13 connection.schedule.every',
    ]);
    expect(error.fileName).toBe('shop.yaml');
  });

  it('is found behind an alias, where the text is', () => {
    const text = YAML.replace('    s3_bucket_name: lake', '    login: *login').replace(
      'configuration: { host: db,',
      'configuration: { login: &login { api_key: hunter2 },',
    );
    const { problems } = errorOf(text);
    expect(problems.map(({ path, line }) => `${path} ${line}`)).toEqual([
      'source.configuration.login.api_key 6',
      'destination.configuration.login.api_key 6',
    ]);
  });

  it('is a number that would be rounded by reading it', () => {
    expect(messagesWith('host: db', 'account_id: 12345678901234567890')).toEqual([
      'shop.yaml:6:32: this number would be rounded; write it in quotes',
    ]);
  });

  it.each([
    ['nothing', '', 'is empty'],
    ['a comment', '# shop', 'is empty'],
    ['a text', 'shop', 'expected an object, found a string'],
    ['a list', '- name: shop', 'expected an object, found a list'],
    ['two documents', `${YAML}---\n${YAML}`, 'contains several documents'],
  ])('is that it holds %s', (_, text, message) => {
    expect(errorOf(text).message).toContain(message);
  });
});

describe('a literal secret in a file', () => {
  it.each([
    [
      'in the source',
      "password: '${env:SECRET_SHOP_PASSWORD}'",
      'password: hunter2',
      '6:30 source.configuration.password',
    ],
    [
      'in the destination',
      's3_bucket_name: lake',
      'secret_access_key: hunter2',
      '11:5 destination.configuration.secret_access_key',
    ],
    [
      'deep inside',
      's3_bucket_name: lake',
      'a: [{ b: { api_key: hunter2 } }]',
      '11:16 destination.configuration.a[0].b.api_key',
    ],
    ['as a number', 's3_bucket_name: lake', 'password: 1234567', '11:5 destination.configuration.password'],
    [
      'as a text of several lines',
      's3_bucket_name: lake',
      'note: |\n      -----BEGIN PRIVATE KEY-----\n      hunter2',
      '11:5 destination.configuration.note',
    ],
    ['in a URL', 'host: db', 'url: postgres://a:hunter2@db/x', '6:20 source.configuration.url'],
    [
      'under a key that has to be quoted',
      's3_bucket_name: lake',
      "'X-API-Key': hunter2",
      '11:5 destination.configuration.X-API-Key',
    ],
  ])('is rejected with the way to write it: %s', (_, found, replacement, place) => {
    const [message, ...others] = messagesWith(found, replacement);
    expect(others).toEqual([]);
    expect(message).toMatch(new RegExp(`^shop\\.yaml:${place.replace(/[[\].]/g, '\\$&')}: is a secret`));
    expect(message).toMatch(/write \$\{env:SECRET_[A-Z_]+\} .* or \$\{file:[a-z_]+\}/);
    expect(message).not.toMatch(/hunter2|1234567/);
  });
});

describe('what the parser stumbles over', () => {
  it.each([
    ['a quote that does not end', 'password: "hunter2', 'the closing quote of a text is missing'],
    ['the other quote', "password: 'hunter2", 'the closing quote of a text is missing'],
    ['an alias of nothing', 'password: *hunter2', 'in quotes'],
    ['an unknown tag', 'password: !hunter2 x', 'in quotes'],
    ['a tag that does not end', 'password: !<hunter2', 'in quotes'],
    ['a tag of another type', 'password: !!int hunter2', 'has an unknown tag'],
    ['an unknown escape', 'password: "\\qhunter2"', 'in single quotes, a backslash is an ordinary character'],
    ['a character that YAML keeps', 'password: @hunter2', 'write the value in quotes'],
    ['a backtick', 'password: `hunter2`', 'write the value in quotes'],
    ['a percent sign', '%hunter2\n---\na: b', 'value that begins with %'],
    ['a colon in a value', 'password: hunter2: x', 'in quotes'],
    ['a colon that is missing', 'name: x\nhunter2', 'expected a key and its value'],
    ['a bracket that is not closed', 'a: {password: hunter2', 'a bracket is not closed'],
    ['a bracket at the root that is not closed', '{"password": "hunter2"', 'a bracket is not closed'],
    ['a tab', 'a:\n\tpassword: hunter2', 'is indented with a tab'],
    ['a tab in brackets', 'a:\n  b: {\n\tpassword: hunter2\n  }', 'is indented with a tab'],
    ['a wrong indent', 'a:\n  b: 1\n password: hunter2', 'has the wrong indentation'],
    ['a key that is a duplicate', 'a: 1\na: hunter2', 'is a duplicate key'],
    ['a key that is a list', '? [hunter2]\n: 1', 'a key must be a text'],
    ['a block header', 'password: |hunter2\n  x', 'is not valid YAML'],
    ['text after the end', 'password: "x" hunter2', 'is not valid YAML'],
    ['an alias of itself', 'password: &hunter2 [*hunter2]', 'refer to themselves'],
  ])('is said without the text itself: %s', (_, text, message) => {
    const error = errorOf(text);
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^shop\.yaml(:\d+:\d+)?: /);
    expect(error.message).not.toContain('hunter2');
    expect(error.problems).toHaveLength(1);
  });

  it('has its position', () => {
    expect(errorOf('name: shop\nsource:\n  name: [a, b}\n').message).toMatch(/^shop\.yaml:3:\d+: /);
  });

  it('is not a flood of aliases', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(10)}]`,
    );
    expect(errorOf(['l0: &l0 x', ...levels].join('\n')).message).toContain('too many of them');
  });
});

describe('a pipeline document in a file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read', async () => {
    const file = join(folder, 'shop.yaml');
    writeFileSync(file, YAML);
    expect(await readPipelineDocument(file)).toEqual(parsePipelineDocument(YAML));
  });

  it('is named in what is wrong with it', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'name: [');
    await expect(readPipelineDocument(file)).rejects.toThrow(`${file}:1:`);
  });

  it('is missed when it is not there', async () => {
    const file = join(folder, 'none.yaml');
    await expect(readPipelineDocument(file)).rejects.toThrow(`${file}: the file does not exist`);
  });

  it('is read from UTF-16 with a byte order mark, as PowerShell writes it', async () => {
    const file = join(folder, 'utf-16.yaml');
    for (const bytes of [Buffer.from(`\ufeff${YAML}`, 'utf16le'), Buffer.from(`\ufeff${YAML}`, 'utf16le').swap16()]) {
      writeFileSync(file, bytes);
      expect(await readPipelineDocument(file)).toEqual(parsePipelineDocument(YAML));
    }
  });

  it.each([
    ['Latin-1', Buffer.from(YAML.replace('shop', 'caf\u00e9'), 'latin1')],
    ['UTF-16 without a byte order mark', Buffer.from(YAML, 'utf16le')],
  ])('must not be in %s', async (_, bytes) => {
    const file = join(folder, 'encoded.yaml');
    writeFileSync(file, bytes);
    await expect(readPipelineDocument(file)).rejects.toThrow(`${file}: is no text in UTF-8; save it in that encoding`);
  });

  it('must not be a folder', async () => {
    await expect(readPipelineDocument(folder)).rejects.toThrow(`${folder}: is a folder`);
  });
});
