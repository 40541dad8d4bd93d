import { isDeepStrictEqual } from 'node:util';
import type { FieldPath } from '../text/field-path';
import { isObject } from '../text/json-object';
import { MASK } from '../text/masking/mask';
import { findSecretReferences } from '../text/secrets/secret-references';

/** A field of a configuration that is not as a document wants it. */
export interface ConfigurationChange {
  path: FieldPath;
  /** As the document has it: secrets are named in it. Undefined: the document no longer has the field. */
  wanted: unknown;
}

/**
 * What Airbyte has otherwise than a document wants it, as far as it shows: secrets come back masked. A null, an
 * empty text, an empty list and nothing at all count as equal, since servers write nothing in each of these ways.
 *
 * @param named the document's configuration
 * @param resolved the same with its secrets in it
 * @param existing Airbyte's
 */
export function findConfigurationChanges(
  named: unknown,
  resolved: unknown,
  existing: unknown,
  path: FieldPath = [],
): ConfigurationChange[] {
  if (existing === MASK || findSecretReferences(named).some(({ path: place }) => place === '')) return [];
  // What the connector added as defaults is none of the document's business.
  if (isObject(named) && isObject(resolved) && isObject(existing)) {
    return Object.keys(named).flatMap((key) =>
      findConfigurationChanges(named[key], resolved[key], existing[key], [...path, key]),
    );
  }
  if (Array.isArray(named) && Array.isArray(resolved) && Array.isArray(existing) && named.length === existing.length) {
    return named.flatMap((item, index) =>
      findConfigurationChanges(item, resolved[index], existing[index], [...path, index]),
    );
  }
  if (isEmptyValue(resolved) && isEmptyValue(existing)) return [];
  return isDeepStrictEqual(resolved, existing) ? [] : [{ path, wanted: named }];
}

/**
 * The fields that an earlier document had and the present one leaves out, as far as Airbyte still has them. They are to go:
 * the connector's own default comes into force again.
 */
export function findRemovedFields(
  earlier: unknown,
  named: unknown,
  existing: unknown,
  path: FieldPath = [],
): ConfigurationChange[] {
  if (!isObject(earlier) || !isObject(named) || !isObject(existing)) return [];
  return Object.keys(earlier).flatMap((key): ConfigurationChange[] => {
    const place = [...path, key];
    if (isEmptyValue(existing[key]) || isEmptyValue(earlier[key])) return [];
    if (named[key] === undefined) return [{ path: place, wanted: undefined }];
    return findRemovedFields(earlier[key], named[key], existing[key], place);
  });
}

/** What a path leads to; undefined when it leads nowhere. */
export function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

/** Whether a value says nothing: also an object or a list that holds nothing that does. */
function isEmptyValue(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isEmptyValue);
}
