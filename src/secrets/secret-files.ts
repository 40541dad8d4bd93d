import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import type { KnownSecret } from '../text/masking/secret-mask';
import { withoutLineEnd } from '../text/secret-values';
import { SecretError } from './secret-error';

/** More than any credential has (Kubernetes' own limit); keeps a wrong file from being read into memory. */
const SECRET_FILE_LIMIT_BYTES = 1024 * 1024;

/** A change so soon after another one need not show in a file's times, which the system counts in steps. */
const FILE_TIME_RESOLUTION_MS = 50;

/** What was read at a path, and what tells whether it is still that. */
interface Read<T> {
  version: string;
  /** Whether every later change shows in the version. */
  isSettled: boolean;
  content: T;
}

/** The secrets in the files of a folder. */
export class SecretFiles {
  #names: Read<string[]> | undefined;
  readonly #values = new Map<string, Read<string | undefined>>();

  constructor(private readonly directory: string) {}

  /**
   * The secret in a file, read anew.
   *
   * @throws SecretError when there is none
   */
  read(name: string): string {
    return readSecretFile(this.directory, name);
  }

  /**
   * The secrets of all files, as far as they can be read: what cannot be read cannot have been sent either. Each error asks
   * for them, so a file is read only when it has changed since the last time.
   */
  all(): KnownSecret[] {
    this.#names = current(this.directory, this.#names, () => readdirSync(this.directory));
    const names = (this.#names?.content ?? []).filter((name) => !isHidden(name));
    for (const name of this.#values.keys()) if (!names.includes(name)) this.#values.delete(name);
    return names.flatMap((name) => {
      const value = current(join(this.directory, name), this.#values.get(name), () => this.#readIfUsable(name));
      if (value === undefined) this.#values.delete(name);
      else this.#values.set(name, value);
      return value?.content === undefined ? [] : [{ name, value: value.content }];
    });
  }

  #readIfUsable(name: string): string | undefined {
    try {
      return this.read(name);
    } catch (error) {
      if (error instanceof SecretError) return undefined;
      throw error;
    }
  }
}

/** What is at a path: what was read before, unless that has changed; undefined when nothing can be read there. */
function current<T>(path: string, before: Read<T> | undefined, read: () => T): Read<T> | undefined {
  try {
    const stats = statSync(path);
    const version = versionOf(stats);
    if (before?.isSettled && before.version === version) return before;
    return { version, isSettled: Date.now() - stats.ctimeMs > FILE_TIME_RESOLUTION_MS, content: read() };
  } catch (error) {
    // Many workers have no such folder.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

function versionOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join();
}

/** Where Kubernetes keeps what the links beside it lead to; and what no secret is: `.env`, `.git-credentials`. */
function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/**
 * Reads a secret from a file in the folder. The file may be a link, but not to a place outside: Kubernetes mounts each
 * secret as a link into a hidden folder beside it. A line break at the end is dropped from a single line.
 */
function readSecretFile(directory: string, name: string): string {
  if (isHidden(name))
    throw new SecretError('is hidden: no file whose name begins with a dot is lent; give it another name');
  const value = withoutLineEnd(readContent(directory, name));
  if (value.trim() === '') throw new SecretError(`has no value: ${join(directory, name)} is empty`);
  return value;
}

function readContent(directory: string, name: string): string {
  const file = join(directory, name);
  let descriptor: number | undefined;
  try {
    const target = realpathSync(file);
    const way = relative(realpathSync(directory), target);
    if (way === '..' || way.startsWith(`..${sep}`)) {
      throw new SecretError(`leads out of the worker's folder of secrets (${directory}): put the file itself there`);
    }
    if (isHidden(basename(target)))
      throw new SecretError(`leads to a hidden file (${basename(target)}), which is not lent`);
    // Not blocking, so that a named pipe is refused below instead of holding the worker up.
    descriptor = openSync(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new SecretError(`is not a file: ${file}`);
    // Who may write into the folder could give any file of the same disk a name there.
    if (stats.nlink > 1) {
      throw new SecretError(
        `has ${stats.nlink} names (hard links), of which others may be outside: put a copy there (${file})`,
      );
    }
    if (stats.size > SECRET_FILE_LIMIT_BYTES) throw new SecretError(`is larger than ${SECRET_FILE_LIMIT_BYTES} bytes`);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    if (error instanceof SecretError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? 'unknown reason'})`;
    throw new SecretError(
      `has no value: put it into ${file} where the worker runs, or set AIRBYTE_SECRET_DIR; ${reason}`,
      { cause: error },
    );
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
