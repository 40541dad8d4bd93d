import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { airbyteOptionsFromEnvironment } from '../../src/configuration/client-options';
import { pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import { SecretFiles } from '../../src/secrets/secret-files';
import { createSecretResolver } from '../../src/secrets/secret-resolver';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const resolve = (value: unknown, env: NodeJS.ProcessEnv = {}) =>
  createSecretResolver({ env, directory: folder }).resolve(typeof value === 'object' ? { ...value } : { value });
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

describe('a file in the folder of secrets', () => {
  it('resolves where Kubernetes mounts it, as a link into a hidden folder', () => {
    mkdirSync(join(folder, '..2026_11_27'));
    write('..2026_11_27/password', 'hunter2');
    symlinkSync('..2026_11_27', join(folder, '..data'));
    symlinkSync('..data/password', join(folder, 'password'));
    expect(resolve('${file:password}')).toEqual({ value: 'hunter2' });
  });

  it('resolves where Docker mounts it, as a file', () => {
    write('shop-password', 'hunter2');
    expect(resolve('${file:shop-password}')).toEqual({ value: 'hunter2' });
  });

  it.each(['.env', '..data', '.git-credentials'])('does not resolve when it is hidden: %s', (name) => {
    write(name, 'hunter2');
    expect(() => resolve(`\${file:${name}}`)).toThrow(/no hidden file/);
    expect(() => new SecretFiles(folder).read(name)).toThrow(/begins with a dot/);
  });

  it('does not resolve when it is a link to a hidden file', () => {
    write('.env', 'hunter2');
    symlinkSync('.env', join(folder, 'innocent'));
    expect(() => resolve('${file:innocent}')).toThrow(/value: \$\{file:innocent\} leads to a hidden file \(\.env\)/);
  });

  it('does not resolve when it has another name, which may be outside', () => {
    mkdirSync(join(folder, 'lent'));
    write('outside', 'hunter2');
    linkSync(join(folder, 'outside'), join(folder, 'lent', 'inside'));
    const { resolve: lend } = createSecretResolver({ env: {}, directory: join(folder, 'lent') });
    expect(() => lend({ value: '${file:inside}' })).toThrow(
      /\$\{file:inside\} has 2 hard links.*put a copy into the folder/,
    );
  });

  it('does not resolve when it is none: a folder, a pipe, a link out of the folder, or something huge', () => {
    mkdirSync(join(folder, 'directory'));
    spawnSync('mkfifo', [join(folder, 'pipe')]);
    symlinkSync('/etc/passwd', join(folder, 'passwd'));
    write('huge', 'x'.repeat(2 * 1024 * 1024));
    expect(() => resolve('${file:directory}')).toThrow(/is not a file|cannot be read/);
    expect(() => resolve('${file:pipe}')).toThrow(/is not a file/);
    expect(() => resolve('${file:passwd}')).toThrow(/leads out of the worker's folder/);
    expect(() => resolve('${file:huge}')).toThrow(/is larger than/);
  });

  it.each(['a/b', '../x', '/etc/passwd', 'a\\b', '.hidden'])('has no path for a name: %s', (name) => {
    const checked = pipelineDocumentSchema().safeParse({
      name: 'shop',
      source: { name: 's', definition: 'd', configuration: { password: `\${file:${name}}` } },
      destination: { name: 'd', definition: 'd', configuration: {} },
      connection: { streams: [{ name: 'a', syncMode: 'full_refresh', destinationSyncMode: 'append' }] },
    });
    expect(checked.error?.issues).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(/a file in its folder of secrets: no path, no hidden file/),
      }),
    );
  });
});

describe.each([
  ['a line end', '\n'],
  ['a line end of Windows', '\r\n'],
])('%s behind a secret', (_, end) => {
  it('is not a part of it, in a file or in a variable of the worker', () => {
    write('password', `hunter2${end}`);
    expect(resolve({ one: '${file:password}', two: '${env:SECRET_A}' }, { SECRET_A: `hunter2${end}` })).toEqual({
      one: 'hunter2',
      two: 'hunter2',
    });
  });

  it("is not a part of the worker's own credentials", () => {
    write('token', `a-token${end}`);
    const url = { AIRBYTE_URL: 'http://localhost:8001' };
    const { auth: token } = airbyteOptionsFromEnvironment({ ...url, AIRBYTE_TOKEN: `a-token${end}` });
    const { auth: file } = airbyteOptionsFromEnvironment({ ...url, AIRBYTE_TOKEN_FILE: join(folder, 'token') });
    const basic = { AIRBYTE_USERNAME: `airbyte${end}`, AIRBYTE_PASSWORD: `hunter2${end}` };
    const { auth } = airbyteOptionsFromEnvironment({ ...url, ...basic });
    expect([token, file, auth]).toEqual([
      { kind: 'bearer', token: 'a-token' },
      { kind: 'bearer', token: 'a-token' },
      { kind: 'basic', username: 'airbyte', password: 'hunter2' },
    ]);
  });

  it('stays where a secret has several lines, as private keys do', () => {
    const key = `-----BEGIN KEY-----${end}abc${end}-----END KEY-----${end}`;
    write('key', key);
    expect(resolve('${file:key}')).toEqual({ value: key });
  });
});

describe('another control character in a secret', () => {
  it.each<[string, Record<string, unknown>]>([
    ['a header', { headers: { Authorization: '${env:SECRET_A}' } }],
    ['a header in a list', { http_headers: [{ name: 'X-Key', value: '${env:SECRET_A}' }] }],
    ['a header value', { value: 'Bearer ${env:SECRET_A}' }],
    ['a cookie', { Cookie: 'session=${env:SECRET_A}' }],
  ])('is rejected in %s', (_, configuration) => {
    for (const value of ['hunter\n2', 'hunter\r\nX-Evil: 1', 'hunter\u00002', '\u001bhunter2']) {
      expect(() => resolve(configuration, { SECRET_A: value })).toThrow(
        /: \$\{env:SECRET_A\} contains a line break or another control character, which no header may contain/,
      );
      expect(() => resolve(configuration, { SECRET_A: value })).not.toThrow(/hunter/);
    }
  });

  it('is taken elsewhere', () => {
    expect(resolve('${env:SECRET_A}', { SECRET_A: 'one\ntwo' })).toEqual({ value: 'one\ntwo' });
  });

  it.each([
    { AIRBYTE_USERNAME: 'airbyte', AIRBYTE_PASSWORD: 'hunter\n2' },
    { AIRBYTE_USERNAME: 'air\u0007byte', AIRBYTE_PASSWORD: 'hunter2' },
    { AIRBYTE_CLIENT_ID: 'id', AIRBYTE_CLIENT_SECRET: 'hunter\r\n2' },
    { AIRBYTE_TOKEN: 'hunter\n2' },
  ])("is rejected in the worker's own credentials, which are not repeated: %j", (credentials) => {
    const read = () => airbyteOptionsFromEnvironment({ AIRBYTE_URL: 'http://localhost:8001', ...credentials });
    expect(read).toThrow(/^AIRBYTE_\w+ has a line break or another control character/);
    expect(read).not.toThrow(/hunter/);
  });
});
