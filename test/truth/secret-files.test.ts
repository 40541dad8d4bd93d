import fs, { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { toFailure } from '../../activities/failures';
import { createSecretResolver, type SecretResolver } from '../../src/secrets/secret-resolver';

describe('masking an error', () => {
  let folder: string;
  let secrets: SecretResolver;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'secret-files-'));
    secrets = createSecretResolver({ env: {}, directory: folder });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, value: string) => writeFileSync(join(folder, name), value);
  const masked = (message: string) =>
    (toFailure(ApplicationFailure.retryable(message, 'AirbyteUnavailable'), secrets) as Error).message;

  /** Later, when what was written is no longer new. */
  function letTimePass(): void {
    const now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now + 60_000);
  }

  it('reads no file of secrets that was read for an error before', () => {
    for (let file = 0; file < 20; file++) write(`secret-${file}`, `the-value-of-${file}`);
    letTimePass();
    const calls = [jest.spyOn(fs, 'readFileSync'), jest.spyOn(fs, 'openSync'), jest.spyOn(fs, 'readdirSync')];
    for (let error = 0; error < 100; error++)
      expect(masked('the-value-of-7 was refused')).toBe('********** was refused');
    expect(calls.map(({ mock }) => mock.calls.length)).toEqual([20, 20, 1]);
  });

  it.each([
    ['written over', () => write('password', 'the-new-value')],
    [
      'replaced',
      () => {
        write('.new', 'the-new-value');
        renameSync(join(folder, '.new'), join(folder, 'password'));
      },
    ],
    ['put there in another file', () => write('other', 'the-new-value')],
  ])('knows a secret immediately that was %s', (_, rotate) => {
    write('password', 'the-old-value');
    letTimePass();
    expect(masked('the-old-value, the-new-value')).toBe('**********, the-new-value');
    rotate();
    expect(masked('the-new-value was refused')).toBe('********** was refused');
  });

  it('knows each of two secrets that were written right after each other', () => {
    for (const value of ['the-first-value', 'a-second-value!', 'the-third-value']) {
      write('password', value);
      expect(masked(`${value} was refused`)).toBe('********** was refused');
    }
  });

  it('knows a secret that Kubernetes has rotated, by turning the link to its folder', () => {
    const mount = (version: string, value: string) => {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'password'), value);
      symlinkSync(version, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    mount('..2026_01', 'the-old-value');
    symlinkSync('..data/password', join(folder, 'password'));
    letTimePass();
    expect(masked('the-old-value was refused')).toBe('********** was refused');
    mount('..2026_02', 'the-new-value');
    expect(masked('the-new-value was refused')).toBe('********** was refused');
  });

  it('knows a secret that was sent before it was taken away', () => {
    write('password', 'the-old-value');
    secrets.resolve({ password: '${file:password}' });
    rmSync(join(folder, 'password'));
    expect(masked('the-old-value was refused')).toBe('********** was refused');
  });
});
