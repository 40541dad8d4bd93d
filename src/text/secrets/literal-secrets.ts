/** Finds secrets that a configuration contains as literals, instead of references to them. */
import { type FieldPath, formatPath } from '../field-path';
import { isObject } from '../json-object';
import { MASK } from '../masking/mask';
import { containsCertificate, containsSecret } from './secret-detection';
import { isSecretField, isSecretName, snakeCase } from './secret-names';
import { containsReference, leavesOf, mapLeaves } from './secret-references';

/** The keys of a header or parameter whose name and value are separate fields: `{ name: Cookie, value: … }`. */
const PAIR_NAME_KEY = /^(?:header_?|field_?|param(?:eter)?_?)?(?:name|key|header|field)$/i;
const PAIR_VALUE_KEY = /^(?:header_?|field_?|param(?:eter)?_?)?(?:value|values|content)$/i;

/**
 * The paths of the fields that contain a secret itself, instead of a reference to it. A field is a secret by its own name
 * (`password`, `api_key`, `client_secret`), by the name in the same object (`{ name: Authorization, value: … }`), or by its
 * form: a token of a known form, a URL or a connection string with a password, a private key.
 */
export function findLiteralSecrets(configuration: unknown, path: FieldPath = []): FieldPath[] {
  return [...literalSecrets(configuration, path, containsSecret)];
}

/**
 * The paths of the fields that the connector's specification declares as secret (`airbyte_secret`) and that contain a
 * literal.
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
 * Copies a configuration that Airbyte has returned, and replaces each secret in it: the values that Airbyte has masked and,
 * because not every server masks, what {@link findLiteralSecrets} finds, what the specification declares as secret, and
 * certificates, which often include their keys.
 */
export function replaceSecrets(
  configuration: Record<string, unknown>,
  specification: unknown,
  replacement: (path: FieldPath) => string,
): Record<string, unknown> {
  const isSecretText = (text: string) => containsSecret(text) || containsCertificate(text);
  const secrets = new Set(
    [...literalSecrets(configuration, [], isSecretText), ...specifiedSecrets(configuration, specification, [])].map(
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
  isSecretText: (text: string) => boolean,
  isValueOfSecretPair = false,
): Generator<FieldPath> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      yield* literalSecrets(item, [...path, index], isSecretText, isValueOfSecretPair);
  } else if (isObject(value)) {
    const isPair = Object.entries(value).some(
      ([key, item]) => PAIR_NAME_KEY.test(key) && typeof item === 'string' && isSecretName(item),
    );
    for (const [key, item] of Object.entries(value)) {
      yield* literalSecrets(item, [...path, key], isSecretText, isPair && PAIR_VALUE_KEY.test(key));
    }
  } else if (isLiteral(value) && (isValueOfSecretPair || isSecretField(path))) {
    yield path;
  } else if (typeof value === 'string' && (isSecretText(value) || containsSecretJson(value, isSecretText))) {
    yield path;
  }
}

/** Some connectors accept whole objects as JSON text: a service account, a list of headers. */
function containsSecretJson(text: string, isSecretText: (text: string) => boolean): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    return !literalSecrets(JSON.parse(text), [], isSecretText).next().done;
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
    // A field that is secret in one alternative counts as secret in all: the value does not say which alternative it is of.
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
  return typeof value === 'string' && value !== '' && !containsReference(value);
}

// The last key of a formatted path: `.password`, `["X-API-Key"]`, `.api_keys[0]`.
const LAST_KEY = /(?:\["(.*?)"\]|([^.[\]]+))(?:\[\d+\])*$/;

/** What to write instead of a literal secret. The path of its field gives the variable and the file their names. */
export function secretReferenceAdvice(path: FieldPath | string): string {
  const [, quoted, plain] = LAST_KEY.exec(typeof path === 'string' ? path : formatPath(path)) ?? [];
  const name = snakeCase(quoted ?? plain ?? '').replace(/^_+|_+$/g, '') || 'value';
  return (
    `is a secret and must not be in the document: write \${env:SECRET_${name.toUpperCase()}} and set that variable ` +
    `where the worker runs, or \${file:${name}} and put that file into the worker's folder of secrets`
  );
}
