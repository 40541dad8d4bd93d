import { isDeepStrictEqual } from 'node:util';
import type { FieldPath } from '../text/field-path';
import { isObject } from '../text/json-object';
import { MASK } from '../text/masking/mask';
import { findSecretReferences } from '../text/secrets/secret-references';

/** A field of a configuration that differs from the document. */
export interface ConfigurationChange {
  path: FieldPath;
  /** The value in the document, which names secrets. Undefined: the document no longer has the field. */
  desired: unknown;
}

/**
 * Finds the fields whose values in Airbyte differ from the document, as far as Airbyte shows them: it masks secrets. A null, an
 * empty text, an empty list and a missing field count as equal, since servers use each of them for a missing value.
 *
 * @param named the document's configuration
 * @param resolved the document's configuration with its secrets resolved
 * @param existing the configuration in Airbyte
 */
export function findConfigurationChanges(
  named: unknown,
  resolved: unknown,
  existing: unknown,
  path: FieldPath = [],
): ConfigurationChange[] {
  if (existing === MASK || findSecretReferences(named).some(({ path: reference }) => reference === '')) return [];
  // Fields that only Airbyte has are the connector's defaults.
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
  return isDeepStrictEqual(resolved, existing) ? [] : [{ path, desired: named }];
}

/**
 * Finds the fields that an earlier document had and the present one leaves out, as far as Airbyte still has them. An update
 * removes them, so that the connector uses its own default again.
 */
export function findRemovedFields(
  earlier: unknown,
  named: unknown,
  existing: unknown,
  path: FieldPath = [],
): ConfigurationChange[] {
  if (!isObject(earlier) || !isObject(named) || !isObject(existing)) return [];
  return Object.keys(earlier).flatMap((key): ConfigurationChange[] => {
    const field = [...path, key];
    if (isEmptyValue(existing[key]) || isEmptyValue(earlier[key])) return [];
    if (named[key] === undefined) return [{ path: field, desired: undefined }];
    return findRemovedFields(earlier[key], named[key], existing[key], field);
  });
}

/** The value at a path; undefined when there is none. */
export function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

/** Whether a value is empty: no value, an empty text or list, or an object of empty values. */
function isEmptyValue(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isEmptyValue);
}
