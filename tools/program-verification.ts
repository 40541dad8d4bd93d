import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ExecutableName } from './download';

/**
 * SHA-256 of the programs of the versions in `EXECUTABLE_VERSIONS`, for each `<platform>-<arch>` of Node. A cached or
 * downloaded program runs only if its hash is one of these. They are in the code because an attacker who can replace a
 * program in the cache could also replace a hash next to it.
 */
export const PROGRAM_HASHES: Readonly<Record<ExecutableName, Readonly<Record<string, string>>>> = {
  temporal: {
    'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
    'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
    'darwin-x64': 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
    'darwin-arm64': '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
  },
  'temporal-test-server': {
    'linux-x64': '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5',
    'linux-arm64': 'a968eca117487a0314acfc9738892acee6064c6db2dbd9fdb9b4f8823606460c',
    'darwin-x64': '0aa60a4278bc313167f6d2e46cb362c95df2551384d7c593887e79f4a92aa4ac',
    'darwin-arm64': '3a9cd757fc118c0cf134c6fa16d5cf901a02985d02782a11029f7c2833e95cb6',
  },
};

/** The folder is not safe for programs, because another user could replace them. */
export class UnsafeFolderError extends Error {
  override readonly name = 'UnsafeFolderError';
}

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * Creates the folder if necessary, and ensures that only this user can write to it. Otherwise another user could replace
 * a program after its check.
 *
 * @throws UnsafeFolderError when it belongs to another user, is a link, or is in a folder that every user can write to
 */
export async function ensurePrivateFolder(folder: string, onProgress?: (message: string) => void): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Windows has no such owners and modes; there the folder is in the user's own profile.
  if (process.getuid === undefined) return;
  const advice = 'Remove it, or set XDG_CACHE_HOME to a folder that only you can write to.';
  const [found, parent] = await Promise.all([lstat(folder), lstat(dirname(folder))]);
  if (!found.isDirectory()) throw new UnsafeFolderError(`${folder} is a link, which may lead anywhere. ${advice}`);
  if (found.uid !== process.getuid()) throw new UnsafeFolderError(`${folder} belongs to another user. ${advice}`);
  if ((parent.mode & 0o002) !== 0 && (parent.mode & STICKY) === 0) {
    throw new UnsafeFolderError(
      `Any user can replace ${folder}, because any user can write to the folder that it is in. ${advice}`,
    );
  }
  if ((found.mode & WRITABLE_BY_OTHERS) === 0) return;
  onProgress?.(`Others could write to ${folder}, from which programs are run: only you can now.`);
  await chmod(folder, 0o700);
}

/**
 * Whether a file is the expected program: a regular file of this user, executable, writable by no other user, with the
 * expected hash.
 *
 * @param sha256 undefined for a platform without a hash; then only the owner and the mode are checked
 */
export async function isTrustedProgram(file: string, sha256: string | undefined): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined);
  if (!found?.isFile() || (found.mode & 0o100) === 0) return false;
  if (process.getuid !== undefined) {
    if (found.uid !== process.getuid() || (found.mode & WRITABLE_BY_OTHERS) !== 0) return false;
  }
  return sha256 === undefined || (await hashOf(file)) === sha256;
}

/** Removes a file, folder or link at a program's path. Of a link it removes the link, not the target. */
export async function removeIfPresent(file: string): Promise<boolean> {
  const existed = (await lstat(file).catch(() => undefined)) !== undefined;
  await rm(file, { recursive: true, force: true });
  return existed;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  // A program has 150 MB and its check delays the start, so it is read in large chunks.
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  return hash.digest('hex');
}
