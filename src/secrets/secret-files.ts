/** Reads secrets from the files of a folder. */
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

/** The limit of a secret, which is also that of Kubernetes. It prevents that a wrong file is read into memory. */
const SECRET_FILE_LIMIT_BYTES = 1024 * 1024;

/** The resolution of a file's times: two changes within it may have the same time. */
const FILE_TIME_RESOLUTION_MS = 50;

/** The content of a path when it was last read, and the version by which a later change is detected. */
interface CachedRead<T> {
  version: string;
  /** Whether every later change will change the version. */
  isSettled: boolean;
  content: T;
}

/** The secrets in the files of a folder. */
export class SecretFiles {
  #names: CachedRead<string[]> | undefined;
  readonly #values = new Map<string, CachedRead<string | undefined>>();

  constructor(private readonly directory: string) {}

  /**
   * Reads the secret in a file.
   *
   * @throws SecretError when it cannot be read
   */
  read(name: string): string {
    return readSecretFile(this.directory, name);
  }

  /**
   * Reads the secrets of all files, except those that cannot be read and so cannot have been sent. The masking of each error
   * needs them, so a file is read again only after it has changed.
   */
  all(): KnownSecret[] {
    this.#names = readIfChanged(this.directory, this.#names, () => readdirSync(this.directory));
    const names = (this.#names?.content ?? []).filter((name) => !isHidden(name));
    for (const name of this.#values.keys()) if (!names.includes(name)) this.#values.delete(name);
    return names.flatMap((name) => {
      const value = readIfChanged(join(this.directory, name), this.#values.get(name), () => this.#readIfUsable(name));
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

/** Reads a path again if it has changed; undefined if it cannot be read. */
function readIfChanged<T>(path: string, before: CachedRead<T> | undefined, read: () => T): CachedRead<T> | undefined {
  try {
    // Many workers have no folder of secrets, and an exception for each text that is masked would cost them time.
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const version = versionOf(stats);
    if (before?.isSettled && before.version === version) return before;
    return { version, isSettled: Date.now() - stats.ctimeMs > FILE_TIME_RESOLUTION_MS, content: read() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

function versionOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join();
}

/** Hidden files are no secrets: `.env`, `.git-credentials`, and the folder in which Kubernetes keeps the targets of its links. */
function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/**
 * Reads a secret from a file in the folder. The file may be a link, but must not lead out of the folder: Kubernetes mounts
 * each secret as a link into a hidden folder next to it. The line break after a single line is removed.
 */
function readSecretFile(directory: string, name: string): string {
  if (isHidden(name))
    throw new SecretError('is hidden: files whose name begins with a dot never resolve; rename the file');
  const value = withoutLineEnd(readContent(directory, name));
  if (value.trim() === '') throw new SecretError(`has no value: ${join(directory, name)} is empty`);
  return value;
}

function readContent(directory: string, name: string): string {
  const file = join(directory, name);
  let descriptor: number | undefined;
  try {
    const target = realpathSync(file);
    const relativePath = relative(realpathSync(directory), target);
    if (relativePath === '..' || relativePath.startsWith(`..${sep}`)) {
      throw new SecretError(
        `leads out of the worker's folder of secrets (${directory}): put the file itself into the folder`,
      );
    }
    if (isHidden(basename(target)))
      throw new SecretError(`leads to a hidden file (${basename(target)}), and hidden files never resolve`);
    // Non-blocking, so that a named pipe is rejected below instead of blocking the worker.
    descriptor = openSync(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new SecretError(`is not a file: ${file}`);
    // A user who may write into the folder could link any file of the same disk into it.
    if (stats.nlink > 1) {
      throw new SecretError(
        `has ${stats.nlink} hard links, some of which may be outside of the folder: put a copy into the folder (${file})`,
      );
    }
    if (stats.size > SECRET_FILE_LIMIT_BYTES) throw new SecretError(`is larger than ${SECRET_FILE_LIMIT_BYTES} bytes`);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    if (error instanceof SecretError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === 'ENOENT' ? 'the file does not exist' : `the file cannot be read (${code ?? 'unknown reason'})`;
    throw new SecretError(
      `has no value: put it into ${file} where the worker runs, or set AIRBYTE_SECRET_DIR; ${reason}`,
      { cause: error },
    );
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
