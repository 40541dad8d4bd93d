/** Keeps what a connector says about itself free of what it was trusted with. */
import type { ConnectorConfiguration } from './protocol';
import { isObject, secretPaths, valueAt } from './secret-paths';

/** Shorter values would blot out half of every message, and protect nothing. */
const MINIMUM_LENGTH = 4;

/** The values in a configuration that its specification marks `airbyte_secret`, longest first. */
export function secretValues(specification: Record<string, unknown>, config: ConnectorConfiguration): string[] {
  const values = secretPaths(specification, config).flatMap((path) => textsIn(valueAt(config, path)));
  return [...new Set(values)].sort((a, b) => b.length - a.length);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= MINIMUM_LENGTH ? [value] : [];
  return isObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** The text with each of the values put out of sight, as Airbyte does it. */
export function withoutSecrets(text: string, values: readonly string[]): string {
  return values.reduce((masked, value) => masked.replaceAll(value, '**********'), text);
}
