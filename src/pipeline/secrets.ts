import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { maskSecrets } from '../secret-masking';
import { type FieldPath, formatPath } from './field-path';
import {
  hasMalformedReference,
  mapLeaves,
  REFERENCE_GRAMMAR,
  replaceReferences,
  type SecretReference,
} from './secret-references';

/** Which variables may be named when `AIRBYTE_SECRET_NAMES` says nothing. */
const DEFAULT_SECRET_NAMES: readonly string[] = ['SECRET_*'];
/** Where the files of secrets are when `AIRBYTE_SECRET_DIR` says nothing: where Docker and Kubernetes put them. */
const DEFAULT_SECRET_DIR = '/run/secrets';

/** More than any credential has (Kubernetes' own limit); keeps a wrong file from being read into memory. */
const SECRET_FILE_LIMIT_BYTES = 1024 * 1024;

/** A shorter value is not looked for in every text: there it would rather be a part of some other word. */
const SHORTEST_RECOGNISED = 4;
/** The same for a line of a secret that has several. */
const SHORTEST_LINE_RECOGNISED = 8;

/** A secret that cannot be resolved. Its message names the field, the reference and what to do, never a value. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

export interface SecretResolverOptions {
  /** Where `${env:…}` is looked up. Default: the environment of this process. */
  env?: NodeJS.ProcessEnv;
  /** The variables that may be named, `*` stands for anything. Default: `SECRET_*`. */
  namePatterns?: readonly string[];
  /** The folder that `${file:…}` is looked up in. Default: `/run/secrets`. */
  directory?: string;
}

export interface SecretResolver {
  /**
   * Puts the secrets into a configuration. They are looked up anew each time, so a rotated one needs no restart.
   *
   * @param path where the configuration stands, for messages: `['source', 'configuration']`
   * @returns a copy of the configuration with its secrets in it. For Airbyte only: never log it, never return it
   * @throws SecretError when a reference is malformed, not permitted, or has no value
   */
  resolve(configuration: Readonly<Record<string, unknown>>, path?: FieldPath): Record<string, unknown>;
  /**
   * A text of somebody else's, without any secret that this worker gives out: connectors quote what they were configured
   * with when a check, a discovery or a job fails, and whoever asked for that need not have sent the configuration.
   */
  mask(text: string): string;
}

/**
 * A resolver for the secrets of this process. Whoever may start a workflow chooses the references, so only variables
 * that match the patterns and files that are directly in the folder resolve: nothing else of the worker can be read.
 *
 * @throws SecretError when a pattern would let every variable through
 */
export function createSecretResolver(options: SecretResolverOptions = {}): SecretResolver {
  const { env = process.env, namePatterns = DEFAULT_SECRET_NAMES, directory = DEFAULT_SECRET_DIR } = options;
  const patterns = namePatterns.map(toRegExp);
  const isPermitted = (name: string) => patterns.some((pattern) => pattern.test(name));
  /** Those that were sent, also when they have been rotated since. */
  const sent = new Set<string>();

  const lookUp = (reference: SecretReference): string => {
    if (reference.kind === 'file') return readSecretFile(directory, reference.name);
    if (!isPermitted(reference.name)) {
      throw new SecretError(
        `names a variable that is not among those the worker gives out (${namePatterns.join(', ')}): ` +
          'rename it, or permit it with AIRBYTE_SECRET_NAMES where the worker runs',
      );
    }
    const value = env[reference.name];
    if (value === undefined || value === '') {
      throw new SecretError(`has no value: set ${reference.name} where the worker runs`);
    }
    return value;
  };

  return {
    resolve(configuration, path = []) {
      const resolveText = (text: unknown, field: FieldPath) => {
        if (typeof text !== 'string') return text;
        if (hasMalformedReference(text)) throw new SecretError(`${formatPath(field)}: ${REFERENCE_GRAMMAR}`);
        return replaceReferences(text, (reference) => {
          const value = withPlace(field, reference, () => lookUp(reference));
          sent.add(value);
          return value;
        });
      };
      return mapLeaves(configuration, path, resolveText) as Record<string, unknown>;
    },

    mask(text) {
      const permitted = Object.entries(env).flatMap(([name, value]) => (value && isPermitted(name) ? [value] : []));
      const values = [...sent, ...permitted, ...secretsInFiles(directory)];
      return maskSecrets(text, values.flatMap(recognisable));
    },
  };
}

/**
 * The resolver that `AIRBYTE_SECRET_NAMES` (patterns, separated by commas) and `AIRBYTE_SECRET_DIR` ask for.
 *
 * @throws SecretError when a pattern would let every variable through
 */
export function secretResolverFromEnvironment(env: NodeJS.ProcessEnv = process.env): SecretResolver {
  const namePatterns = (env['AIRBYTE_SECRET_NAMES'] ?? '').split(/[\s,]+/).filter((pattern) => pattern !== '');
  return createSecretResolver({
    env,
    namePatterns: namePatterns.length === 0 ? DEFAULT_SECRET_NAMES : namePatterns,
    directory: env['AIRBYTE_SECRET_DIR'] || DEFAULT_SECRET_DIR,
  });
}

/** What a secret is recognised by: itself and, in a log or in a text made one line, each line that it has. */
function recognisable(value: string): string[] {
  const lines = value.split(/\s*\n\s*/).filter((line) => line.length >= SHORTEST_LINE_RECOGNISED);
  return value.length >= SHORTEST_RECOGNISED ? [value, ...lines] : lines;
}

/** `SECRET_*` as an expression over whole names. */
function toRegExp(pattern: string): RegExp {
  if (/^\*+$/.test(pattern)) {
    throw new SecretError(
      `AIRBYTE_SECRET_NAMES: ${pattern} would give the worker's whole environment to whoever may start a workflow; ` +
        'name the variables, or a prefix such as SECRET_*',
    );
  }
  const escaped = pattern.split(/\*+/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}

function withPlace<T>(path: FieldPath, reference: SecretReference, lookUp: () => T): T {
  try {
    return lookUp();
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    throw new SecretError(`${formatPath(path)}: ${reference.text} ${error.message}`, { cause: error.cause });
  }
}

/**
 * Reads a secret from a file in the folder. The file may be a link, but not to a place outside: Kubernetes mounts each
 * secret as a link into a hidden folder beside it. A line break at the end is dropped from a single line, which is how
 * editors and `echo` leave it; text of several lines, such as a private key, stays as it is.
 */
function readSecretFile(directory: string, name: string): string {
  const content = readContent(directory, name);
  const value = /^[^\r\n]*\r?\n$/.test(content) ? content.replace(/\r?\n$/, '') : content;
  if (value.trim() === '') throw new SecretError(`has no value: ${join(directory, name)} is empty`);
  return value;
}

/** What the files in the folder hold, as far as they can be read: what cannot be read cannot have been sent either. */
function secretsInFiles(directory: string): string[] {
  try {
    return readdirSync(directory).flatMap((name) => {
      try {
        return [readSecretFile(directory, name)];
      } catch (error) {
        if (error instanceof SecretError) return [];
        throw error;
      }
    });
  } catch (error) {
    // Many workers have no such folder.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return [];
  }
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
    // Not blocking, so that a named pipe is refused below instead of holding the worker up.
    descriptor = openSync(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new SecretError(`is not a file: ${file}`);
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
