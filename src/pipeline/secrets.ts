import { type KnownSecret, type Mask, SecretMask, type SecretSource } from '../masking/secret-mask';
import { type FieldPath, formatPath } from './field-path';
import { SecretError } from './secret-error';
import { SecretFiles } from './secret-files';
import {
  hasMalformedReference,
  mapLeaves,
  REFERENCE_GRAMMAR,
  replaceReferences,
  type SecretReference,
} from './secret-references';

export { SecretError };

/** Which variables may be named when `AIRBYTE_SECRET_NAMES` says nothing. */
const DEFAULT_SECRET_NAMES: readonly string[] = ['SECRET_*'];
/** Where the files of secrets are when `AIRBYTE_SECRET_DIR` says nothing: where Docker and Kubernetes put them. */
const DEFAULT_SECRET_DIR = '/run/secrets';

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
  readonly mask: Mask;
  /**
   * Every secret that this worker gives out, and those that it has sent and that have changed since: what has to be masked
   * in each text of Airbyte's, also hours after it was sent, and by a worker that did not send it.
   */
  readonly known: SecretSource;
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
  /** Those that were sent, by what they go by, also when they have been rotated since. */
  const sent = new Map<string, KnownSecret>();
  const files = new SecretFiles(directory);

  const lookUp = (reference: SecretReference): string => {
    if (reference.kind === 'file') return files.read(reference.name);
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

  const known = (): KnownSecret[] => {
    const permitted = Object.entries(env).flatMap(([name, value]) =>
      value && isPermitted(name) ? [{ name, value }] : [],
    );
    return [...sent.values(), ...permitted, ...files.all()];
  };

  return {
    resolve(configuration, path = []) {
      const resolveText = (text: unknown, field: FieldPath) => {
        if (typeof text !== 'string') return text;
        if (hasMalformedReference(text)) throw new SecretError(`${formatPath(field)}: ${REFERENCE_GRAMMAR}`);
        return replaceReferences(text, (reference) => {
          const value = withPlace(field, reference, () => lookUp(reference));
          sent.set(`${reference.name}=${value}`, { name: reference.name, value });
          return value;
        });
      };
      return mapLeaves(configuration, path, resolveText) as Record<string, unknown>;
    },

    mask: new SecretMask(known).mask,
    known,
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
