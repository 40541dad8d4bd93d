import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../src/json-object';
import type { FieldPath } from '../src/pipeline/field-path';
import { findSecretReferences } from '../src/pipeline/secret-references';
import { MASK } from '../src/secret-masking';

/** A field of a configuration that is not as a document wants it. */
export interface ConfigurationChange {
  path: FieldPath;
  /** As the document has it: secrets are named in it. */
  wanted: unknown;
}

/**
 * What Airbyte has otherwise than a document wants it, as far as it shows: secrets come back masked.
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
  return isDeepStrictEqual(resolved, existing) ? [] : [{ path, wanted: named }];
}

/** What a path leads to; undefined when it leads nowhere. */
export function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}
