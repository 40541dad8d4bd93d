import { type FieldPath, formatPath } from '../field-path';
import { isObject } from '../json-object';

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
// A file's name is one segment without a slash, so it cannot leave the folder of secrets; hidden files are not lent.
const REFERENCE = /\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)|file:([A-Za-z0-9_-][A-Za-z0-9._-]*))\}/g;
const REFERENCE_LIKE = /\$\{\s*(?:env|file)\s*:/gi;

/** Said wherever a reference is refused for its form. */
export const REFERENCE_GRAMMAR =
  'expected ${env:SECRET_NAME} (a variable of the worker) or ${file:name} (a file in its folder of secrets, no path, no hidden file)';

/** The references inside one text, in their order. A text may be more than the reference: `Bearer ${env:SECRET_CRM}`. */
function referencesIn(text: string): SecretReference[] {
  return [...text.matchAll(REFERENCE)].map(toReference);
}

/** `{{ config['api_key'] }}`: what a low-code connector puts in by itself. */
const TEMPLATE = /\{\{[^{}]*\}\}/;

/** Whether a text names its secret, all or a part of it, instead of holding it. */
export function isNamed(text: string): boolean {
  return TEMPLATE.test(text) || referencesIn(text).length > 0;
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
  return (text.match(REFERENCE_LIKE)?.length ?? 0) !== referencesIn(text).length;
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
