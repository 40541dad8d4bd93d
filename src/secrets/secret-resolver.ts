import { readFileSync } from 'node:fs';
import { InvalidEnvironmentError, readVariable } from '../configuration/read-variable';
import { DEFAULT_SECRET_DIR, DEFAULT_SECRET_NAMES } from '../configuration/variables';
import { parseDocumentWith } from '../documents/parse-document';
import { messageOf } from '../text/error-message';
import { type FieldPath, formatPath } from '../text/field-path';
import { formatCount } from '../text/formatting';
import { type KnownSecret, type Mask, SecretMask, type SecretSource } from '../text/masking/secret-mask';
import { hasControlCharacter, withoutLineEnd } from '../text/secret-values';
import {
  hasMalformedReference,
  mapLeaves,
  REFERENCE_GRAMMAR,
  replaceReferences,
  type SecretReference,
} from '../text/secrets/secret-references';
import { SecretError } from './secret-error';
import { SecretFiles } from './secret-files';
import { type SecretRecipient, SecretRules, secretRulesSchema } from './secret-rules';

export { SecretError };

export interface SecretResolverOptions {
  /** Where `${env:…}` is looked up. Default: the environment of this process. */
  env?: NodeJS.ProcessEnv;
  /** The variables that may be named, `*` stands for anything. Default: `SECRET_*`. */
  namePatterns?: readonly string[];
  /** The folder that `${file:…}` is looked up in. Default: `/run/secrets`. */
  directory?: string;
  /** Where secrets may go; left out: wherever a document sends them. */
  rules?: SecretRules;
}

export interface SecretResolver {
  /**
   * Puts the secrets into a configuration. They are looked up anew each time, so a rotated one needs no restart.
   *
   * @param path where the configuration stands, for messages: `['source', 'configuration']`
   * @param recipient whom the configuration is for, as far as it is known
   * @returns a copy of the configuration with its secrets in it. For Airbyte only: never log it, never return it
   * @throws SecretError when a reference is malformed, not permitted, has no value, or may not go there by the rules
   */
  resolve(
    configuration: Readonly<Record<string, unknown>>,
    path?: FieldPath,
    recipient?: SecretRecipient,
  ): Record<string, unknown>;
  /** The rules that `resolve` keeps to; left out: there are none. */
  readonly rules?: SecretRules | undefined;
  /** What is to be said once of how this worker lends its secrets. */
  warning?(): string | undefined;
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
  const { env = process.env, namePatterns = [DEFAULT_SECRET_NAMES], directory = DEFAULT_SECRET_DIR, rules } = options;
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
    const value = withoutLineEnd(env[reference.name] ?? '');
    if (value === '') {
      throw new SecretError(`has no value: set ${reference.name} where the worker runs`);
    }
    return value;
  };

  const known = (): KnownSecret[] => {
    const permitted = Object.entries(env).flatMap(([name, value]) =>
      value && isPermitted(name) ? [{ name, value: withoutLineEnd(value) }] : [],
    );
    return [...sent.values(), ...permitted, ...files.all()];
  };

  return {
    rules,

    resolve(configuration, path = [], recipient = {}) {
      const lookUpAt = (reference: SecretReference, field: FieldPath) =>
        withFieldPath(field, reference, () => lookUp(reference));
      rules?.check(configuration, path, recipient, lookUpAt);
      const resolveText = (text: unknown, field: FieldPath) => {
        if (typeof text !== 'string') return text;
        if (hasMalformedReference(text)) throw new SecretError(`${formatPath(field)}: ${REFERENCE_GRAMMAR}`);
        return replaceReferences(text, (reference) => {
          const value = lookUpAt(reference, field);
          if (hasControlCharacter(value) && isHeaderField(field, text)) {
            throw new SecretError(`${formatPath(field)}: ${reference.text} ${INVALID_HEADER_CHARACTER}`);
          }
          sent.set(`${reference.name}=${value}`, { name: reference.name, value });
          return value;
        });
      };
      return mapLeaves(configuration, path, resolveText) as Record<string, unknown>;
    },

    warning() {
      const lent = known().length;
      if (rules !== undefined || lent === 0) return undefined;
      return (
        `This worker lends ${formatCount(lent, 'secret')} without rules: whoever may start its workflows can have them sent to any server. ` +
        'Set AIRBYTE_SECRET_RULES to say where each may go; see docs/security.md.'
      );
    },

    mask: new SecretMask(known).mask,
    known,
  };
}

/**
 * The resolver that `AIRBYTE_SECRET_NAMES` (patterns, separated by commas), `AIRBYTE_SECRET_DIR` and
 * `AIRBYTE_SECRET_RULES` (a file) ask for.
 *
 * @throws SecretError when a pattern would let every variable through
 * @throws InvalidEnvironmentError when the rules cannot be used, with the file, the line and the field
 */
export function secretResolverFromEnvironment(env: NodeJS.ProcessEnv = process.env): SecretResolver {
  const rulesFile = readVariable(env, 'AIRBYTE_SECRET_RULES');
  return createSecretResolver({
    env,
    namePatterns: readVariable(env, 'AIRBYTE_SECRET_NAMES'),
    directory: readVariable(env, 'AIRBYTE_SECRET_DIR'),
    ...(rulesFile !== undefined && { rules: readRules(rulesFile) }),
  });
}

function readRules(file: string): SecretRules {
  try {
    return new SecretRules(parseDocumentWith(secretRulesSchema, readFileSync(file, 'utf8'), file), file);
  } catch (error) {
    throw new InvalidEnvironmentError('AIRBYTE_SECRET_RULES', `cannot be used: ${messageOf(error)}`);
  }
}

const INVALID_HEADER_CHARACTER =
  'has a line break or another control character in it, which no header may have: correct it where the worker runs';

/** Whether a text is sent as a header, or as a part of one. */
function isHeaderField(field: FieldPath, text: string): boolean {
  return (
    field.some((segment) => /^(?:[\w-]*headers?|(?:proxy-)?authorization|(?:set-)?cookie)$/i.test(String(segment))) ||
    /^(?:Bearer|Basic|Token|ApiKey)\s/i.test(text)
  );
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

function withFieldPath<T>(path: FieldPath, reference: SecretReference, lookUp: () => T): T {
  try {
    return lookUp();
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    throw new SecretError(`${formatPath(path)}: ${reference.text} ${error.message}`, { cause: error.cause });
  }
}
