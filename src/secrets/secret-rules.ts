/** The rules that restrict to which connectors and hosts, and by which pipelines, a worker's secrets may be sent. */
import { z } from 'zod';
import { strictObject } from '../contract/validation/schema-problems';
import { type FieldPath, formatPath } from '../text/field-path';
import { matchesPattern } from '../text/name-pattern';
import {
  findSecretReferences,
  type LocatedSecretReference,
  type SecretReference,
} from '../text/secrets/secret-references';
import { hostsOf, type NamedHost } from './configuration-hosts';
import { SecretError } from './secret-error';

const pattern = z
  .string()
  .regex(/^\S(?:.*\S)?$/, 'expected a pattern, such as SECRET_SHOP_*, without blanks at the beginning and the end');
const patterns = z
  .union([pattern, z.array(pattern).min(1, 'expected at least one pattern')], {
    error: 'expected a pattern, or a list of patterns',
  })
  .transform((given) => [given].flat());

const rule = strictObject({
  secrets: patterns.describe('The secrets of this rule: SECRET_SHOP_*, env:SECRET_SHOP_*, file:shop-*.'),
  pipelines: patterns
    .optional()
    .describe('The names of the pipelines that may send them. If left out, every pipeline may.'),
  definitions: patterns
    .optional()
    .describe('The connector definitions that may get them, by name or id. If left out, every connector may.'),
  hosts: patterns
    .optional()
    .describe(
      'The hosts that a configuration with these secrets may name. If left out, it may name any host, or none.',
    ),
});

/** The keys of a rule that may also be singular. */
const PLURALS = { secret: 'secrets', pipeline: 'pipelines', definition: 'definitions', host: 'hosts' };

/** The schema of a rules file in YAML or JSON. */
export const secretRulesSchema = z.array(
  z.preprocess((given) => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
    const entries = Object.entries(given).map(([key, value]) => [
      Object.hasOwn(PLURALS, key) ? PLURALS[key as keyof typeof PLURALS] : key,
      value,
    ]);
    return new Set(entries.map(([key]) => key)).size === entries.length ? Object.fromEntries(entries) : given;
  }, rule),
  { error: 'expected a list of rules: - { secrets: SECRET_SHOP_*, hosts: db.example.com }' },
);

/** Where some secrets may be sent. */
export type SecretRule = z.output<typeof secretRulesSchema>[number];

/** The recipient of a configuration with its secrets. A part that is left out is unknown, and rules that restrict it do not match. */
export interface SecretRecipient {
  pipeline?: string | undefined;
  /** The id, name and Docker repository of the connector's definition. */
  definition?: readonly string[] | undefined;
}

/** The rules of a worker that sends secrets only to the recipients that they permit. */
export class SecretRules {
  constructor(
    private readonly rules: readonly SecretRule[],
    /** The file of the rules, for messages. */
    private readonly file: string,
  ) {}

  /** Whether a check of this configuration needs the definition of its connector. */
  needsDefinition(configuration: unknown): boolean {
    return findSecretReferences(configuration).some((reference) =>
      this.#rulesOf(reference).some(({ definitions }) => definitions !== undefined),
    );
  }

  /**
   * Checks that the rules permit every secret of a configuration.
   *
   * @param resolve resolves references that are part of a host
   * @throws SecretError with the first secret that no rule permits, its field, and the reason
   */
  check(
    configuration: unknown,
    path: FieldPath,
    recipient: SecretRecipient,
    resolve: (reference: SecretReference, path: FieldPath) => string,
  ): void {
    const references = findSecretReferences(configuration, path);
    if (references.length === 0) return;
    const hosts = hostsOf(configuration, path, resolve);
    for (const reference of references) {
      const rules = this.#rulesOf(reference);
      const violations = rules.map((each) => ruleViolations(each, recipient, hosts));
      if (violations.some((each) => each.length === 0)) continue;
      throw new SecretError(this.#violationMessage(reference, nearestRule(violations)));
    }
  }

  #rulesOf({ kind, name }: SecretReference): SecretRule[] {
    const names = [name, `${kind}:${name}`];
    return this.rules.filter(({ secrets }) => secrets.some((each) => names.some((one) => matchesPattern(each, one))));
  }

  #violationMessage({ path, text, name }: LocatedSecretReference, violations: readonly string[] | undefined): string {
    const why = violations === undefined ? 'no rule concerns it' : violations.join('; ');
    return (
      `${path}: ${text} is not sent, because no rule in ${this.file} permits it: ${why}. ` +
      `Correct the document, or ask the worker's operator for a rule for ${name} in that file (AIRBYTE_SECRET_RULES)`
    );
  }
}

/** The violations of the rule that has the fewest. */
function nearestRule(violations: readonly string[][]): string[] | undefined {
  return [...violations].sort((one, other) => one.length - other.length)[0];
}

function ruleViolations(
  { pipelines, definitions, hosts: permitted }: SecretRule,
  { pipeline, definition }: SecretRecipient,
  hosts: readonly NamedHost[],
): string[] {
  const violations: string[] = [];
  if (pipelines && !pipelines.some((each) => pipeline !== undefined && matchesPattern(each, pipeline))) {
    violations.push(
      pipeline === undefined ? 'no pipeline sends it' : `the rule does not list the pipeline '${pipeline}'`,
    );
  }
  if (definitions && !definitions.some((each) => definition?.some((name) => isDefinition(each, name)))) {
    const connector = definition === undefined ? 'the connector' : `the connector '${definition.join("', '")}'`;
    violations.push(`the rule does not list ${connector}`);
  }
  if (permitted) {
    if (hosts.length === 0) violations.push('the rule restricts hosts, and the configuration names none');
    const other = hosts.find((host) => !permitted.some((each) => isHost(each, host)));
    if (other) {
      const named = other.isSecret ? 'the host in a secret' : `the host '${other.name}'`;
      violations.push(`the rule does not list ${named} (${formatPath(other.path)})`);
    }
  }
  return violations;
}

function isDefinition(pattern: string, name: string): boolean {
  return matchesPattern(pattern.toLowerCase(), name.toLowerCase());
}

function isHost(pattern: string, { name, port, isAmbiguous }: NamedHost): boolean {
  if (pattern === '*') return true;
  if (isAmbiguous) return false;
  const [, host = pattern, permittedPort] = /^(.*[^:]):(\d+)$/.exec(pattern) ?? [];
  const isPort = permittedPort === undefined || port === undefined || permittedPort === port;
  return isPort && matchesPattern(host.toLowerCase().replace(/^\[(.*)\]$/, '$1'), name);
}
