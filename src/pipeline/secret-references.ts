import { isObject } from '../json-object';
import { MASK } from '../secret-masking';
import { type FieldPath, formatPath } from './field-path';

/** A secret that a configuration names: `${env:SECRET_SHOP}` or `${file:shop-password}`. */
export interface SecretReference {
  kind: 'env' | 'file';
  name: string;
  /** The reference as it is written. */
  text: string;
}

/** A reference together with the field that holds it. */
export interface LocatedSecretReference extends SecretReference {
  path: string;
}

// Other ${…} are left alone: connectors have placeholders of their own (S3's path format: ${NAMESPACE}/${STREAM_NAME}).
// A file's name is one segment without a slash, so it cannot leave the folder of secrets; `.` and `..` are no files.
const REFERENCE = /\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)|file:((?!\.{1,2}\})[A-Za-z0-9._-]+))\}/g;
const MEANT_AS_REFERENCE = /\$\{\s*(?:env|file)\s*:/gi;

/** Said wherever a reference is refused for its form. */
export const REFERENCE_GRAMMAR =
  'expected ${env:SECRET_NAME} (a variable of the worker) or ${file:name} (a file in its folder of secrets, no path)';

/** The references inside one text, in their order. A text may be more than the reference: `Bearer ${env:SECRET_CRM}`. */
function referencesIn(text: string): SecretReference[] {
  return [...text.matchAll(REFERENCE)].map(toReference);
}

/** Replaces each reference of a text once; what comes in is not looked through for references again. */
export function replaceReferences(text: string, resolve: (reference: SecretReference) => string): string {
  return text.replace(REFERENCE, (...match) => resolve(toReference(match as string[])));
}

function toReference(match: readonly (string | undefined)[]): SecretReference {
  const [text = '', variable, file = ''] = match;
  return variable === undefined ? { kind: 'file', name: file, text } : { kind: 'env', name: variable, text };
}

/** Whether a text holds something that was meant as a reference and is none, such as `${env:}` or `${file:../key}`. */
export function hasMalformedReference(text: string): boolean {
  return (text.match(MEANT_AS_REFERENCE)?.length ?? 0) !== referencesIn(text).length;
}

/** Every reference of a configuration, with the path of its field. */
export function findSecretReferences(configuration: unknown, path: FieldPath = []): LocatedSecretReference[] {
  return [...leavesOf(configuration, path)].flatMap(({ value, path: field }) =>
    typeof value === 'string'
      ? referencesIn(value).map((reference) => ({ ...reference, path: formatPath(field) }))
      : [],
  );
}

/** The paths of the fields that hold something like a reference that is none. */
export function findMalformedReferences(configuration: unknown, path: FieldPath = []): FieldPath[] {
  return [...leavesOf(configuration, path)]
    .filter(({ value }) => typeof value === 'string' && hasMalformedReference(value))
    .map((leaf) => leaf.path);
}

/**
 * The paths of the fields that hold a secret as it is, instead of naming it. A field is a secret by its name
 * (`password`, `api_key`, `client_secret`), or by what it holds: a URL or a parameter with a password, an
 * `Authorization` value, a private key.
 */
export function findLiteralSecrets(configuration: unknown, path: FieldPath = []): FieldPath[] {
  return [...leavesOf(configuration, path)]
    .filter(({ value, path: field }) =>
      isSecretName(fieldName(field)) ? isLiteral(value) : typeof value === 'string' && holdsSecret(value),
    )
    .map((leaf) => leaf.path);
}

/**
 * The paths of the fields that the connector's own specification calls secret (`airbyte_secret`) and that hold a value
 * as it is.
 *
 * @param specification the connector's `connectionSpecification`, a JSON Schema
 */
export function findLiteralsOfSpecification(
  configuration: unknown,
  specification: unknown,
  path: FieldPath = [],
): string[] {
  return [...new Set([...specifiedSecrets(configuration, specification, path)].map(formatPath))];
}

/**
 * A copy of what Airbyte shows of a configuration, with something else in the place of each secret: of what it masks
 * itself, and, since not every server masks, of what is a secret by its name, by what it holds, or by the specification.
 */
export function replaceSecrets(
  configuration: Record<string, unknown>,
  specification: unknown,
  replacement: (path: FieldPath) => string,
): Record<string, unknown> {
  const secrets = new Set(
    [...findLiteralSecrets(configuration), ...specifiedSecrets(configuration, specification, [])].map(formatPath),
  );
  const replaced = (value: unknown, path: FieldPath) =>
    value === MASK || secrets.has(formatPath(path)) ? replacement(path) : value;
  return mapLeaves(configuration, [], replaced) as Record<string, unknown>;
}

/** A copy of a JSON value with each of its values that are no lists and no objects replaced. */
export function mapLeaves(
  value: unknown,
  path: FieldPath,
  replace: (value: unknown, path: FieldPath) => unknown,
): unknown {
  if (Array.isArray(value)) return value.map((item, index) => mapLeaves(item, [...path, index], replace));
  if (!isObject(value)) return replace(value, path);
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [key, mapLeaves(item, [...path, key], replace)]));
}

function* specifiedSecrets(value: unknown, schema: unknown, path: FieldPath): Generator<FieldPath> {
  if (!isObject(schema)) return;
  if (schema['airbyte_secret'] === true) {
    for (const leaf of leavesOf(value, path)) if (isLiteral(leaf.value)) yield leaf.path;
    return;
  }
  for (const combinator of ['oneOf', 'anyOf', 'allOf']) {
    const schemas = schema[combinator];
    // A field that is secret in one of the alternatives is treated as secret in all: they share names, not meanings.
    if (Array.isArray(schemas)) for (const each of schemas) yield* specifiedSecrets(value, each, path);
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* specifiedSecrets(item, schema['items'], [...path, index]);
  } else if (isObject(value) && isObject(schema['properties'])) {
    for (const [key, property] of Object.entries(schema['properties'])) {
      if (Object.hasOwn(value, key)) yield* specifiedSecrets(value[key], property, [...path, key]);
    }
  }
}

// The last key of a written path: `.password`, `["X-API-Key"]`, `.api_keys[0]`.
const LAST_KEY = /(?:\["(.*?)"\]|([^.[\]]+))(?:\[\d+\])*$/;

/** What to do about a literal secret: said after the path of its field, which names the variable and the file. */
export function howToWriteSecret(path: FieldPath | string): string {
  const [, quoted, plain] = LAST_KEY.exec(typeof path === 'string' ? path : formatPath(path)) ?? [];
  const name = snakeCase(quoted ?? plain ?? '').replace(/^_+|_+$/g, '') || 'value';
  return (
    `is a secret and must not stand here as it is: write \${env:SECRET_${name.toUpperCase()}} and set that variable ` +
    `where the worker runs, or \${file:${name}} and put that file into the worker's folder of secrets`
  );
}

// The ends of names, in snake case, that mean a secret. `max_tokens`, `primary_key`, `token_url`, `service_account_email` do not.
const SECRET_NAME = new RegExp(
  `(?:^|_)(?:${[
    'password|passwd|pwd|passphrase|passcode|secret|token|authorization|credentials?',
    '(?:api|access|secret|private|ssh|client|account|shared|master|signing|encryption|auth|authentication|hmac)_?key',
    'access_key_id|hmac_key_access_id|secret_value|secret_string',
    'credentials?_json|service_account(?:_(?:key|json|info|credentials))?',
    'connection_(?:string|uri|url)|sas_url',
  ].join('|')})$`,
);

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(snakeCase(name));
}

/** `clientSecret`, `Client-Secret` and `client_secret` are one name. */
function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}

/** The name that says what a field is: its key or, in a list, the list's key in the singular (`api_keys[0]`). */
function fieldName(path: FieldPath): string {
  const key = path.findLast((segment) => typeof segment !== 'number');
  const name = key === undefined ? '' : String(key);
  return typeof path.at(-1) === 'number' ? name.replace(/s$/, '') : name;
}

function isLiteral(value: unknown): boolean {
  if (typeof value === 'number') return true; // password: 123456
  return typeof value === 'string' && value !== '' && referencesIn(value).length === 0;
}

const URL_PASSWORD = /\w:\/\/[^/?#\s:@]*:([^/?#\s@]+)@/g;
const PARAMETER = /(?:^|[?&;\s])([\w.-]+)=([^&;\s]+)/g;
const AUTHORIZATION = /^(?:Bearer|Basic)\s+(\S+)$/gi;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY/;

function holdsSecret(text: string): boolean {
  return (
    PRIVATE_KEY.test(text) ||
    [...text.matchAll(URL_PASSWORD), ...text.matchAll(AUTHORIZATION)].some(([, secret]) => isLiteral(secret)) ||
    [...text.matchAll(PARAMETER)].some(([, name = '', secret]) => isSecretName(name) && isLiteral(secret))
  );
}

/** Every value of a configuration that holds no other, with the path of its field. */
export function* leavesOf(value: unknown, path: FieldPath): Generator<{ value: unknown; path: FieldPath }> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* leavesOf(item, [...path, index]);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) yield* leavesOf(item, [...path, key]);
  } else {
    yield { value, path };
  }
}
