/** Masks a connector's secrets in what it writes. */
import type { ConnectorConfiguration } from './protocol';
import { isObject, secretPaths, valueAt } from './secret-paths';

/** Masking shorter values would make messages unreadable without protecting anything. */
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

/** The text with each of the values masked, as in Airbyte. */
export function withoutSecrets(text: string, values: readonly string[]): string {
  return values.reduce((masked, value) => masked.replaceAll(value, '**********'), text);
}
