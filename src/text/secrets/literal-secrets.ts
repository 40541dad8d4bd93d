import { type FieldPath, formatPath } from '../field-path';
import { isObject } from '../json-object';
import { MASK } from '../masking/mask';
import { containsCertificate, containsSecret } from './secret-detection';
import { isSecretField, isSecretName, snakeCase } from './secret-names';
import { isNamed, leavesOf, mapLeaves } from './secret-references';

/** A header or a parameter of which the name and the value are fields of their own: `{ name: Cookie, value: … }`. */
const PAIR_NAME_KEY = /^(?:header_?|field_?|param(?:eter)?_?)?(?:name|key|header|field)$/i;
const PAIR_VALUE_KEY = /^(?:header_?|field_?|param(?:eter)?_?)?(?:value|values|content)$/i;

/**
 * The paths of the fields that hold a secret as it is, instead of naming it. A field is a secret by its name (`password`,
 * `api_key`, `client_secret`), by the name that stands beside it (`{ name: Authorization, value: … }`), or by how it
 * looks: a token of a known form, a URL or a connection string with a password, a private key.
 */
export function findLiteralSecrets(configuration: unknown, path: FieldPath = []): FieldPath[] {
  return [...literalSecrets(configuration, path, containsSecret)];
}

/**
 * The paths of the fields that the connector's own specification calls secret (`airbyte_secret`) and that hold a value
 * as it is.
 *
 * @param specification the connector's `connectionSpecification`, a JSON Schema
 */
export function findLiteralSecretsBySpecification(
  configuration: unknown,
  specification: unknown,
  path: FieldPath = [],
): string[] {
  return [...new Set([...specifiedSecrets(configuration, specification, path)].map(formatPath))];
}

/**
 * A copy of what Airbyte shows of a configuration, with something else in the place of each secret: of what it masks
 * itself, and, since not every server masks, of all that {@link findLiteralSecrets} finds, of what the specification calls
 * secret, and of certificates, which often come with their keys.
 */
export function replaceSecrets(
  configuration: Record<string, unknown>,
  specification: unknown,
  replacement: (path: FieldPath) => string,
): Record<string, unknown> {
  const looks = (text: string) => containsSecret(text) || containsCertificate(text);
  const secrets = new Set(
    [...literalSecrets(configuration, [], looks), ...specifiedSecrets(configuration, specification, [])].map(
      formatPath,
    ),
  );
  const replaced = (value: unknown, path: FieldPath) =>
    value === MASK || secrets.has(formatPath(path)) ? replacement(path) : value;
  return mapLeaves(configuration, [], replaced) as Record<string, unknown>;
}

function* literalSecrets(
  value: unknown,
  path: FieldPath,
  looks: (text: string) => boolean,
  beside = false,
): Generator<FieldPath> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* literalSecrets(item, [...path, index], looks, beside);
  } else if (isObject(value)) {
    const isPair = Object.entries(value).some(
      ([key, item]) => PAIR_NAME_KEY.test(key) && typeof item === 'string' && isSecretName(item),
    );
    for (const [key, item] of Object.entries(value)) {
      yield* literalSecrets(item, [...path, key], looks, isPair && PAIR_VALUE_KEY.test(key));
    }
  } else if (isLiteral(value) && (beside || isSecretField(path))) {
    yield path;
  } else if (typeof value === 'string' && (looks(value) || containsSecretJson(value, looks))) {
    yield path;
  }
}

/** Connectors take whole objects as a text: a service account, a list of headers. */
function containsSecretJson(text: string, looks: (text: string) => boolean): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    return !literalSecrets(JSON.parse(text), [], looks).next().done;
  } catch {
    return false;
  }
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

function isLiteral(value: unknown): boolean {
  if (typeof value === 'number') return true; // password: 123456
  return typeof value === 'string' && value !== '' && !isNamed(value);
}

// The last key of a written path: `.password`, `["X-API-Key"]`, `.api_keys[0]`.
const LAST_KEY = /(?:\["(.*?)"\]|([^.[\]]+))(?:\[\d+\])*$/;

/** What to do about a literal secret: said after the path of its field, which names the variable and the file. */
export function secretReferenceAdvice(path: FieldPath | string): string {
  const [, quoted, plain] = LAST_KEY.exec(typeof path === 'string' ? path : formatPath(path)) ?? [];
  const name = snakeCase(quoted ?? plain ?? '').replace(/^_+|_+$/g, '') || 'value';
  return (
    `is a secret and must not stand here as it is: write \${env:SECRET_${name.toUpperCase()}} and set that variable ` +
    `where the worker runs, or \${file:${name}} and put that file into the worker's folder of secrets`
  );
}
