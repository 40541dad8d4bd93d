import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Download } from '../../tools/download';
import { cacheFolder, EXECUTABLE_VERSIONS, findExecutable } from '../../tools/executables';
import { UnsafeFolderError } from '../../tools/program-verification';

const RELEASED = '#!/bin/sh\necho released\n';
const PLANTED = '#!/bin/sh\necho planted\n';
const sha256 = createHash('sha256').update(RELEASED).digest('hex');

describe('a program in the cache of downloads', () => {
  let root: string;
  let env: NodeJS.ProcessEnv;
  let folder: string;
  let cached: string;
  let said: string[];
  let downloads: number;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'cached-programs-'));
    env = { XDG_CACHE_HOME: join(root, 'cache') };
    folder = cacheFolder(env);
    cached = join(folder, `temporal-${EXECUTABLE_VERSIONS.temporal}`);
    said = [];
    downloads = 0;
    await mkdir(folder, { recursive: true, mode: 0o700 });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const fetching =
    (content: string): Download =>
    async ({ destination }) => {
      downloads += 1;
      await writeFile(destination, content, { mode: 0o755 });
    };
  const find = (content = RELEASED) =>
    findExecutable('temporal', {
      env,
      sha256,
      downloads: [fetching(content)],
      onProgress: (message) => void said.push(message),
    });

  it('runs when it is the one that was released, without a download', async () => {
    await writeFile(cached, RELEASED, { mode: 0o755 });
    expect(await find()).toBe(cached);
    expect(downloads).toBe(0);
    expect(said).toEqual([]);
  });

  it('does not run when it was planted: it is replaced by the one that was released, which is said', async () => {
    await writeFile(cached, PLANTED, { mode: 0o755 });
    expect(await find()).toBe(cached);
    expect(await readFile(cached, 'utf8')).toBe(RELEASED);
    expect(said[0]).toMatch(/is not the program that was released as temporal .*, and was removed/);
  });

  it('is checked each time, so that one that was replaced since does not run', async () => {
    await find();
    await writeFile(cached, PLANTED);
    await find();
    expect(await readFile(cached, 'utf8')).toBe(RELEASED);
    expect(downloads).toBe(2);
  });

  it('does not run where it is a link, even to the one that was released, and what the link leads to stays', async () => {
    const elsewhere = join(root, 'elsewhere');
    await writeFile(elsewhere, RELEASED, { mode: 0o755 });
    await symlink(elsewhere, cached);
    await find();
    expect(downloads).toBe(1);
    expect(await readFile(elsewhere, 'utf8')).toBe(RELEASED);
  });

  it('is not kept when another one was downloaded than the one that was released', async () => {
    await expect(find(PLANTED)).rejects.toThrow(/What was downloaded is not the program that was released/);
    await expect(stat(cached)).rejects.toThrow(/ENOENT/);
  });

  it('lies in a folder that no other user can write to, and an unsafe folder is named', async () => {
    await writeFile(cached, RELEASED, { mode: 0o755 });
    await chmod(folder, 0o777);
    expect(await find()).toBe(cached);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(said).toEqual([expect.stringContaining(`Others could write to ${folder}`)]);
  });

  it('is neither run nor fetched where the folder is a link, which may lead anywhere', async () => {
    await rm(folder, { recursive: true });
    const elsewhere = join(root, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, `temporal-${EXECUTABLE_VERSIONS.temporal}`), RELEASED, { mode: 0o755 });
    await symlink(elsewhere, folder);
    await expect(find()).rejects.toThrow(UnsafeFolderError);
    expect(downloads).toBe(0);
  });

  it('is neither run nor fetched where any user can replace the folder', async () => {
    await chmod(join(root, 'cache'), 0o777);
    await expect(find()).rejects.toThrow(/Any user can replace .* XDG_CACHE_HOME/);
    await chmod(join(root, 'cache'), 0o1777);
    expect(await find()).toBe(cached);
  });
});
