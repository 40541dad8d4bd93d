/** References to secrets in a configuration: `${env:NAME}` and `${file:name}`. */
import { type FieldPath, formatPath } from '../field-path';
import { isObject } from '../json-object';

/** A reference to a secret in a configuration: `${env:SECRET_SHOP}` or `${file:shop-password}`. */
export interface SecretReference {
  kind: 'env' | 'file';
  name: string;
  /** The reference as the configuration has it. */
  text: string;
}

/** A reference and the path of its field. */
export interface LocatedSecretReference extends SecretReference {
  path: string;
}

// Other ${…} stay as they are: connectors have their own placeholders (S3's path format: ${NAMESPACE}/${STREAM_NAME}).
// A file's name has no slash, so it cannot lead out of the folder of secrets, and no dot at its beginning, because hidden
// files never resolve.
const REFERENCE = /\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)|file:([A-Za-z0-9_-][A-Za-z0-9._-]*))\}/g;
const REFERENCE_LIKE = /\$\{\s*(?:env|file)\s*:/gi;

/** The message for a malformed reference. */
export const REFERENCE_GRAMMAR =
  'expected ${env:SECRET_NAME} (a variable of the worker) or ${file:name} (a file in its folder of secrets: no path, no hidden file)';

/** The references in a text, in their order. A text may contain more than the reference: `Bearer ${env:SECRET_CRM}`. */
function referencesIn(text: string): SecretReference[] {
  return [...text.matchAll(REFERENCE)].map(toReference);
}

/** `{{ config['api_key'] }}`: a template that a low-code connector resolves. */
const TEMPLATE = /\{\{[^{}]*\}\}/;

/** Whether a text contains a reference to a secret or a connector's template, so that the text itself is no secret. */
export function containsReference(text: string): boolean {
  return TEMPLATE.test(text) || referencesIn(text).length > 0;
}

/** Replaces each reference of a text once. References in a resolved value stay as they are. */
export function replaceReferences(text: string, resolve: (reference: SecretReference) => string): string {
  return text.replace(REFERENCE, (...match) => resolve(toReference(match as string[])));
}

function toReference(match: readonly (string | undefined)[]): SecretReference {
  const [text = '', variable, file = ''] = match;
  return variable === undefined ? { kind: 'file', name: file, text } : { kind: 'env', name: variable, text };
}

/** Whether a text contains a malformed reference, such as `${env:}` or `${file:../key}`. */
export function hasMalformedReference(text: string): boolean {
  return (text.match(REFERENCE_LIKE)?.length ?? 0) !== referencesIn(text).length;
}

/** All references of a configuration. */
export function findSecretReferences(configuration: unknown, path: FieldPath = []): LocatedSecretReference[] {
  return [...leavesOf(configuration, path)].flatMap(({ value, path: field }) =>
    typeof value === 'string'
      ? referencesIn(value).map((reference) => ({ ...reference, path: formatPath(field) }))
      : [],
  );
}

/** The paths of the fields that contain a malformed reference. */
export function findMalformedReferences(configuration: unknown, path: FieldPath = []): FieldPath[] {
  return [...leavesOf(configuration, path)]
    .filter(({ value }) => typeof value === 'string' && hasMalformedReference(value))
    .map((leaf) => leaf.path);
}

/** Copies a JSON value, and replaces each of its values that is neither a list nor an object. */
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

/** All values of a configuration that are neither lists nor objects, with their paths. */
export function* leavesOf(value: unknown, path: FieldPath): Generator<{ value: unknown; path: FieldPath }> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* leavesOf(item, [...path, index]);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) yield* leavesOf(item, [...path, key]);
  } else {
    yield { value, path };
  }
}
