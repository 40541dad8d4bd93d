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
  .regex(/^\S(?:.*\S)?$/, 'expected a pattern, such as SECRET_SHOP_*, without blanks around it');
const patterns = z
  .union([pattern, z.array(pattern).min(1, 'expected at least one pattern')], {
    error: 'expected a pattern, or a list of patterns',
  })
  .transform((given) => [given].flat());

const rule = strictObject({
  secrets: patterns.describe('The secrets that it is about: SECRET_SHOP_*, env:SECRET_SHOP_*, file:shop-*.'),
  pipelines: patterns.optional().describe('The names of the pipelines that may send them; left out: any.'),
  definitions: patterns.optional().describe('The connectors that they may go to, by name or id; left out: any.'),
  hosts: patterns
    .optional()
    .describe('The hosts that they may go to, all that the configuration names; left out: any, or none.'),
});

/** The words of a rule, which may be written in the singular where it has one of the thing. */
const PLURALS = { secret: 'secrets', pipeline: 'pipelines', definition: 'definitions', host: 'hosts' };

/** A file of rules: a list, as it is written in YAML or JSON. */
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

/** Which secrets may go where. */
export type SecretRule = z.output<typeof secretRulesSchema>[number];

/** Who is to get a configuration with its secrets in it. What is left out is not known, and no rule that names it fits. */
export interface SecretRecipient {
  pipeline?: string | undefined;
  /** The names of the connector's definition: its id, its name, its Docker repository. */
  definition?: readonly string[] | undefined;
}

/** The rules of a worker that lends secrets only to those whom they name. */
export class SecretRules {
  constructor(
    private readonly rules: readonly SecretRule[],
    /** The file that they are in, for messages. */
    private readonly file: string,
  ) {}

  /** Whether it has to be known which connector a configuration is for. */
  needsDefinition(configuration: unknown): boolean {
    return findSecretReferences(configuration).some((reference) =>
      this.#rulesOf(reference).some(({ definitions }) => definitions !== undefined),
    );
  }

  /**
   * @param resolve looks up the secrets that hosts are made of
   * @throws SecretError that names the first secret which no rule lets go there, its field, and why
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
      const objections = rules.map((each) => objectionsOf(each, recipient, hosts));
      if (objections.some((each) => each.length === 0)) continue;
      throw new SecretError(this.#refusal(reference, fewest(objections)));
    }
  }

  #rulesOf({ kind, name }: SecretReference): SecretRule[] {
    const names = [name, `${kind}:${name}`];
    return this.rules.filter(({ secrets }) => secrets.some((each) => names.some((one) => matchesPattern(each, one))));
  }

  #refusal({ path, text, name }: LocatedSecretReference, objections: readonly string[] | undefined): string {
    const why = objections === undefined ? 'none is about it' : objections.join('; ');
    return (
      `${path}: ${text} is not sent, since no rule of ${this.file} lets it go there: ${why}. ` +
      `Correct the document, or ask whoever runs the worker for a rule for ${name} in that file (AIRBYTE_SECRET_RULES)`
    );
  }
}

/** Those of the rule that is nearest to letting the secret go. */
function fewest(objections: readonly string[][]): string[] | undefined {
  return [...objections].sort((one, other) => one.length - other.length)[0];
}

function objectionsOf(
  { pipelines, definitions, hosts: permitted }: SecretRule,
  { pipeline, definition }: SecretRecipient,
  hosts: readonly NamedHost[],
): string[] {
  const objections: string[] = [];
  if (pipelines && !pipelines.some((each) => pipeline !== undefined && matchesPattern(each, pipeline))) {
    objections.push(
      pipeline === undefined ? 'it is not sent by a pipeline' : `the pipeline '${pipeline}' is not in it`,
    );
  }
  if (definitions && !definitions.some((each) => definition?.some((name) => isDefinition(each, name)))) {
    objections.push(`the connector ${definition === undefined ? '' : `'${definition.join("', '")}' `}is not in it`);
  }
  if (permitted) {
    if (hosts.length === 0) objections.push('it is about hosts, and the configuration names none');
    const other = hosts.find((host) => !permitted.some((each) => isHost(each, host)));
    if (other) {
      const named = other.isSecret ? 'the host in a secret' : `the host '${other.name}'`;
      objections.push(`${named} (${formatPath(other.path)}) is not in it`);
    }
  }
  return objections;
}

function isDefinition(wanted: string, name: string): boolean {
  return matchesPattern(wanted.toLowerCase(), name.toLowerCase());
}

function isHost(wanted: string, { name, port, isAmbiguous }: NamedHost): boolean {
  if (wanted === '*') return true;
  if (isAmbiguous) return false;
  const [, host = wanted, wantedPort] = /^(.*[^:]):(\d+)$/.exec(wanted) ?? [];
  const isPort = wantedPort === undefined || port === undefined || wantedPort === port;
  return isPort && matchesPattern(host.toLowerCase().replace(/^\[(.*)\]$/, '$1'), name);
}
