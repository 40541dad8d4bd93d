/** Resolves references to secrets, which the environment and the files of the worker hold, and masks secrets in texts. */
import { readFileSync } from 'node:fs';
import { InvalidEnvironmentError, readVariable } from '../configuration/read-variable';
import { DEFAULT_SECRET_DIR, DEFAULT_SECRET_NAMES } from '../configuration/variables';
import { decodeDocumentText } from '../documents/document-text';
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
  /** The variables of `${env:…}`. @default the environment of this process */
  env?: NodeJS.ProcessEnv;
  /** Patterns for the variables that resolve; `*` stands for any text. @default `SECRET_*` */
  namePatterns?: readonly string[];
  /** The folder of `${file:…}`. @default `/run/secrets` */
  directory?: string;
  /** Rules for where secrets may be sent. Without rules, documents may send them to any server. */
  rules?: SecretRules;
}

export interface SecretResolver {
  /**
   * Resolves the references in a configuration. Each call reads the secrets again, so a rotated secret needs no restart.
   *
   * @param path the path of the configuration in its document, for messages: `['source', 'configuration']`
   * @param recipient the connector and pipeline that the configuration is for, as far as they are known
   * @returns a copy of the configuration with its secrets. Send it only to Airbyte: never log or return it
   * @throws SecretError when a reference is malformed, not permitted, has no value, or the rules reject it
   */
  resolve(
    configuration: Readonly<Record<string, unknown>>,
    path?: FieldPath,
    recipient?: SecretRecipient,
  ): Record<string, unknown>;
  /** The rules that `resolve` checks; left out if there are none. */
  readonly rules?: SecretRules | undefined;
  /** A warning for the worker's start; undefined if there is nothing to warn of. */
  warning?(): string | undefined;
  /**
   * Masks all secrets of this worker in a text. When a check, a discovery or a job fails, connectors quote their
   * configuration, and the caller who requested it need not be the one who sent the configuration.
   */
  readonly mask: Mask;
  /**
   * All secrets of this worker, also those that it has sent and that have changed since then. Every text of Airbyte must be
   * masked with them, also hours after a secret was sent, and by a worker that did not send it.
   */
  readonly known: SecretSource;
}

/**
 * Creates a resolver for the secrets of this process. Every caller who may start a workflow chooses the references, so only
 * variables that match a pattern and files directly in the folder resolve: callers can read nothing else of the worker.
 *
 * @throws SecretError when a pattern matches every variable
 */
export function createSecretResolver(options: SecretResolverOptions = {}): SecretResolver {
  const { env = process.env, namePatterns = [DEFAULT_SECRET_NAMES], directory = DEFAULT_SECRET_DIR, rules } = options;
  const patterns = namePatterns.map(toRegExp);
  const isPermitted = (name: string) => patterns.some((pattern) => pattern.test(name));
  /** The secrets that were sent, by name and value, so that those that were rotated since then are included. */
  const sent = new Map<string, KnownSecret>();
  const files = new SecretFiles(directory);

  const lookUp = (reference: SecretReference): string => {
    if (reference.kind === 'file') return files.read(reference.name);
    if (!isPermitted(reference.name)) {
      throw new SecretError(
        `names a variable that this worker does not resolve; it resolves ${namePatterns.join(', ')}: ` +
          'rename the variable, or add a pattern to AIRBYTE_SECRET_NAMES where the worker runs',
      );
    }
    const value = withoutLineEnd(env[reference.name] ?? '');
    if (value === '') {
      throw new SecretError(`has no value: set ${reference.name} where the worker runs`);
    }
    return value;
  };

  const known = (): KnownSecret[] => {
    // Names first: reading a value of `process.env` is a call of native code, and this runs for each line of the log.
    const permitted = Object.keys(env)
      .filter(isPermitted)
      .map((name) => ({ name, value: withoutLineEnd(env[name] ?? '') }))
      .filter(({ value }) => value !== '');
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
      const secrets = known().length;
      if (rules !== undefined || secrets === 0) return undefined;
      return (
        `This worker resolves ${formatCount(secrets, 'secret')} without rules: every caller who may start its workflows can send them to any server. ` +
        'Set AIRBYTE_SECRET_RULES to restrict where each may be sent; see docs/security.md.'
      );
    },

    mask: new SecretMask(known).mask,
    known,
  };
}

/**
 * Creates the resolver that `AIRBYTE_SECRET_NAMES` (patterns, separated by commas), `AIRBYTE_SECRET_DIR` and
 * `AIRBYTE_SECRET_RULES` (a file) configure.
 *
 * @throws SecretError when a pattern matches every variable
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
    return new SecretRules(
      parseDocumentWith(secretRulesSchema, decodeDocumentText(readFileSync(file), file), file),
      file,
    );
  } catch (error) {
    throw new InvalidEnvironmentError('AIRBYTE_SECRET_RULES', `cannot be used: ${messageOf(error)}`);
  }
}

const INVALID_HEADER_CHARACTER =
  'contains a line break or another control character, which no header may contain: correct the secret where the worker runs';

/** Whether a field is sent as a header. */
function isHeaderField(field: FieldPath, text: string): boolean {
  return (
    field.some((segment) => /^(?:[\w-]*headers?|(?:proxy-)?authorization|(?:set-)?cookie)$/i.test(String(segment))) ||
    /^(?:Bearer|Basic|Token|ApiKey)\s/i.test(text)
  );
}

/** Converts `SECRET_*` to an expression that matches whole names. */
function toRegExp(pattern: string): RegExp {
  if (/^\*+$/.test(pattern)) {
    throw new SecretError(
      `AIRBYTE_SECRET_NAMES: ${pattern} would expose the worker's whole environment to every caller who may start a workflow; ` +
        'name the variables, or use a prefix such as SECRET_*',
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
