import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createSecretResolver,
  SecretError,
  type SecretResolver,
  secretResolverFromEnvironment,
} from '../../../src/secrets/secret-resolver';

const VALUE = 'hunter2-correct-horse';

/** The error of a resolution that has to fail, after a look that it says nothing it must not. */
function errorOf(resolver: SecretResolver, text: string): SecretError {
  try {
    resolver.resolve({ login: { password: text } });
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    expect(error.message).not.toContain(VALUE);
    expect(error.message).toMatch(/^login\.password: /);
    return error;
  }
  throw new Error(`${text} was resolved`);
}

let root: string;
let directory: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secrets-'));
  directory = join(root, 'secrets');
  mkdirSync(directory);
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(name: string, content: string, folder = directory): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('the secrets of a configuration', () => {
  it('are put into a copy of it, and listed to be masked', () => {
    write('key', VALUE);
    const env = { SECRET_A: 'a-value', SECRET_B: 'b-value' };
    const configuration = {
      host: 'db',
      port: 5432,
      ssl: true,
      nothing: null,
      password: '${env:SECRET_A}',
      urls: ['redis://:${env:SECRET_B}@cache?again=${env:SECRET_A}'],
      key: { pem: '${file:key}' },
      path: '${NAMESPACE}',
    };
    const before = structuredClone(configuration);

    const resolved = createSecretResolver({ env, directory }).resolve(configuration);

    expect(resolved).toEqual({
      ...configuration,
      password: 'a-value',
      urls: ['redis://:b-value@cache?again=a-value'],
      key: { pem: VALUE },
    });
    expect(configuration).toEqual(before);
  });

  it('are taken as they are: not replaced again, and without a meaning for $&', () => {
    const env = { SECRET_A: '${env:SECRET_B} $& $1', SECRET_B: 'b-value' };
    expect(createSecretResolver({ env }).resolve({ password: '${env:SECRET_A}' })).toEqual({
      password: '${env:SECRET_B} $& $1',
    });
  });

  it('are looked up anew each time, so that a rotated one is used', () => {
    const env = { SECRET_A: 'old' };
    const resolver = createSecretResolver({ env });
    expect(resolver.resolve({ a: '${env:SECRET_A}' })).toEqual({ a: 'old' });
    env.SECRET_A = 'new';
    expect(resolver.resolve({ a: '${env:SECRET_A}' })).toEqual({ a: 'new' });
  });

  it('are named with their whole path when the path of the configuration is given', () => {
    const resolve = () =>
      createSecretResolver({ env: {} }).resolve({ a: ['${env:SECRET_A}'] }, ['source', 'configuration']);
    expect(resolve).toThrow(
      'source.configuration.a[0]: ${env:SECRET_A} has no value: set SECRET_A where the worker runs',
    );
  });

  it('must be written as references are', () => {
    expect(errorOf(createSecretResolver({ env: {} }), '${env:SECRET_X:-hunter2}').message).not.toContain('hunter2');
    expect(errorOf(createSecretResolver({ directory }), '${file:../outside}').message).toContain('no path');
  });
});

describe('a variable', () => {
  it.each(['HOME', 'AIRBYTE_CLIENT_SECRET', 'XSECRET_A', 'secret_a', 'SECRET'])(
    'named %s does not resolve unless it is permitted',
    (name) => {
      const { message } = errorOf(createSecretResolver({ env: { [name]: VALUE } }), `\${env:${name}}`);
      expect(message).toContain(`\${env:${name}}`);
      expect(message).toContain('SECRET_*');
      expect(message).toContain('AIRBYTE_SECRET_NAMES');
    },
  );

  it('is rejected in the same words whether it exists or not, so that names cannot be tried out', () => {
    const message = errorOf(createSecretResolver({ env: { HOME: VALUE } }), '${env:HOME}').message;
    expect(errorOf(createSecretResolver({ env: {} }), '${env:HOME}').message).toBe(message);
  });

  it.each([undefined, ''])('without a value (%j) is missed', (value) => {
    const { message } = errorOf(createSecretResolver({ env: { SECRET_A: value } }), '${env:SECRET_A}');
    expect(message).toBe('login.password: ${env:SECRET_A} has no value: set SECRET_A where the worker runs');
  });

  it.each([
    ['SHOP_PASSWORD', 'SHOP_PASSWORD', true],
    ['SHOP_PASSWORD', 'SHOP_PASSWORD_2', false],
    ['SHOP_*', 'SHOP_', true],
    ['*_PASSWORD', 'SHOP_PASSWORD', true],
    ['*_PASSWORD', 'SHOP_PASSWORDS', false],
    ['SHOP_*_KEY', 'SHOP_A_B_KEY', true],
    ['SHOP_*_KEY', 'SHOP_KEY', false],
    ['SHOP.', 'SHOPS', false],
    ['SHOP|HOME', 'HOME', false],
  ])('with the pattern %s: %s resolves: %j', (pattern, name, resolves) => {
    const resolver = createSecretResolver({ env: { [name]: VALUE }, namePatterns: [pattern] });
    if (resolves) expect(resolver.resolve({ a: `\${env:${name}}` })).toEqual({ a: VALUE });
    else errorOf(resolver, `\${env:${name}}`);
  });

  it.each(['*', '**'])('cannot be any at all: the pattern %s is rejected at the start', (pattern) => {
    expect(() => createSecretResolver({ namePatterns: ['SECRET_*', pattern] })).toThrow(SecretError);
  });
});

describe('a file', () => {
  const resolve = (name: string) => createSecretResolver({ directory }).resolve({ a: `\${file:${name}}` })['a'];

  it.each([
    ['a line break at the end', `${VALUE}\n`, VALUE],
    ['one of Windows', `${VALUE}\r\n`, VALUE],
    ['none', VALUE, VALUE],
  ])('of one line is read with %s', (_, content, value) => {
    write('password', content);
    expect(resolve('password')).toBe(value);
  });

  it('of one line keeps its blanks', () => {
    write('password', ' two words \n');
    expect(resolve('password')).toBe(' two words ');
  });

  it('of several lines stays as it is, as private keys have to', () => {
    write('key.pem', '-----BEGIN\nabc\n-----END\n');
    expect(resolve('key.pem')).toBe('-----BEGIN\nabc\n-----END\n');
  });

  it('may be a link inside of the folder, as Kubernetes mounts them', () => {
    mkdirSync(join(directory, '..2025_01_01'));
    write('password', VALUE, join(directory, '..2025_01_01'));
    symlinkSync('..2025_01_01', join(directory, '..data'));
    symlinkSync('..data/password', join(directory, 'password'));
    expect(resolve('password')).toBe(VALUE);
  });

  it('may be in a folder that is itself a link', () => {
    write('password', VALUE);
    symlinkSync(directory, join(root, 'link'));
    const resolver = createSecretResolver({ directory: join(root, 'link') });
    expect(resolver.resolve({ a: '${file:password}' })).toEqual({ a: VALUE });
  });

  it.each([
    ['the absolute way', () => join(root, 'outside')],
    ['the relative way', () => '../outside'],
  ])('must not be a link that leads out of the folder, %s', (_, target) => {
    write('outside', VALUE, root);
    symlinkSync(target(), join(directory, 'link'));
    const { message } = errorOf(createSecretResolver({ directory }), '${file:link}');
    expect(message).toContain(`leads out of the worker's folder of secrets (${directory})`);
  });

  it('must not be a link into a folder whose name begins with that of the folder', () => {
    mkdirSync(join(root, 'secrets-of-others'));
    write('password', VALUE, join(root, 'secrets-of-others'));
    symlinkSync('../secrets-of-others/password', join(directory, 'link'));
    errorOf(createSecretResolver({ directory }), '${file:link}');
  });

  it.each(['../outside', '..', '.', '/etc/passwd', 'sub/password', '..\\outside', ''])(
    'is not found by the way %j',
    (name) => {
      write('outside', VALUE, root);
      errorOf(createSecretResolver({ directory }), `\${file:${name}}`);
    },
  );

  it('that is missing is named with its folder', () => {
    const { message } = errorOf(createSecretResolver({ directory }), '${file:password}');
    expect(message).toContain('${file:password} has no value');
    expect(message).toContain(join(directory, 'password'));
    expect(message).toContain('AIRBYTE_SECRET_DIR');
  });

  it('is missing when the folder is', () => {
    expect(errorOf(createSecretResolver({ directory: join(root, 'none') }), '${file:a}').message).toContain(
      'does not exist',
    );
  });

  it.each(['', '\n', ' \n'])('must not be empty (%j)', (content) => {
    write('password', content);
    expect(errorOf(createSecretResolver({ directory }), '${file:password}').message).toContain('is empty');
  });

  it('must not be a folder', () => {
    mkdirSync(join(directory, 'folder'));
    expect(errorOf(createSecretResolver({ directory }), '${file:folder}').message).toContain('is not a file');
  });

  it('must not be a pipe, which would hold the worker up', () => {
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    expect(errorOf(createSecretResolver({ directory }), '${file:pipe}').message).toContain('is not a file');
  });

  it('must not be larger than any secret is', () => {
    truncateSync(write('large', VALUE), 1024 * 1024 + 1);
    expect(errorOf(createSecretResolver({ directory }), '${file:large}').message).toContain('is larger than');
  });
});

describe('the environment of the worker', () => {
  it('permits SECRET_* and /run/secrets by default', () => {
    const resolver = secretResolverFromEnvironment({
      SECRET_A: VALUE,
      AIRBYTE_SECRET_NAMES: '',
      AIRBYTE_SECRET_DIR: '',
    });
    expect(resolver.resolve({ a: '${env:SECRET_A}' })).toEqual({ a: VALUE });
    expect(errorOf(resolver, '${file:surely-no-such-file}').message).toContain('/run/secrets/surely-no-such-file');
  });

  it('says which names and which folder are permitted instead', () => {
    write('password', VALUE);
    const env = {
      SHOP_A: 'a',
      LAKE: 'b',
      SECRET_A: 'c',
      AIRBYTE_SECRET_NAMES: 'SHOP_*, LAKE',
      AIRBYTE_SECRET_DIR: directory,
    };
    const resolver = secretResolverFromEnvironment(env);
    expect(resolver.resolve({ x: '${env:SHOP_A}${env:LAKE}${file:password}' })).toEqual({
      x: `ab${VALUE}`,
    });
    expect(errorOf(resolver, '${env:SECRET_A}').message).toContain('SHOP_*, LAKE');
  });

  it('must not permit everything', () => {
    expect(() => secretResolverFromEnvironment({ AIRBYTE_SECRET_NAMES: '*' })).toThrow('AIRBYTE_SECRET_NAMES');
  });
});

describe('a text of Airbyte', () => {
  it('is masked of everything that this worker gives out, whether it has sent it or not', () => {
    write('key', `${VALUE}\n`);
    const env = { SECRET_A: 'value-of-a', HOME: '/home/worker' };
    const masked = createSecretResolver({ env, directory }).mask(`value-of-a and ${VALUE} of /home/worker`);
    expect(masked).toBe('********** and ********** of /home/worker');
  });

  it('is masked of what was sent before it was rotated', () => {
    const env = { SECRET_A: 'the-old-value' };
    const resolver = createSecretResolver({ env, directory: join(root, 'none') });
    resolver.resolve({ password: '${env:SECRET_A}' });
    env.SECRET_A = 'the-new-value';
    expect(resolver.mask('the-old-value, the-new-value')).toBe('**********, **********');
  });

  it.each([
    ['line by line, as in a log', (key: string) => key.split('\n').at(1) ?? ''],
    ['as one line', (key: string) => key.replaceAll('\n', ' ')],
  ])('is masked of a secret of several lines that stands there %s', (_, quote) => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n';
    write('key', key);
    const masked = createSecretResolver({ env: {}, directory }).mask(quote(key));
    expect(masked).toContain('**********');
    expect(masked).not.toMatch(/MIIE|hkiG/);
  });

  it('keeps its words where a secret is hardly longer than a letter', () => {
    expect(createSecretResolver({ env: { SECRET_A: 'no' }, directory }).mask('no such table')).toBe('no such table');
  });

  it('is masked although other files of the folder cannot be read', () => {
    write('key', VALUE);
    write('empty', '');
    mkdirSync(join(directory, 'folder'));
    expect(createSecretResolver({ env: {}, directory }).mask(VALUE)).toBe('**********');
  });
});
