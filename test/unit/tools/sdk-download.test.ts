import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EXECUTABLE_VERSIONS } from '../../../tools/executables';
import { downloadWithSdk } from '../../../tools/sdk-download';

describe('downloadWithSdk', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sdk-download-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each(['temporal', 'temporal-test-server'] as const)(
    "fails with the SDK's own reason where %s cannot be downloaded, and leaves nothing",
    async (name) => {
      // An address where no proxy listens stands in for a machine without a network.
      const env = { ...process.env, HTTPS_PROXY: 'http://127.0.0.1:1' };
      const destination = join(folder, name);
      await expect(downloadWithSdk({ name, version: EXECUTABLE_VERSIONS[name], destination, env })).rejects.toThrow(
        /^The Temporal SDK's own download failed \(.*(?:refused|unsuccessful|error).*\)\.$/i,
      );
      expect(await readdir(folder)).toEqual([]);
    },
    60_000,
  );
});
