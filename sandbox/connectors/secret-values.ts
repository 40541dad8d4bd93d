/** Keeps what a connector says about itself free of what it was trusted with. */
import type { ConnectorConfiguration } from './protocol';

/** Shorter values would blot out half of every message, and protect nothing. */
const MINIMUM_LENGTH = 4;

type Schema = Record<string, unknown>;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The values in a configuration that its specification marks `airbyte_secret`, longest first. Looks into every branch of
 * a `oneOf`, since which of them was meant does not matter here.
 */
export function secretValues(specification: Schema, config: ConnectorConfiguration): string[] {
  const found = new Set<string>();
  const collect = (schema: unknown, value: unknown): void => {
    if (!isObject(schema)) return;
    if (schema['airbyte_secret'] === true) collectStrings(value, found);
    for (const branch of [schema['oneOf'], schema['anyOf'], schema['allOf']]) {
      if (Array.isArray(branch)) for (const each of branch) collect(each, value);
    }
    if (isObject(value) && isObject(schema['properties'])) {
      for (const [name, property] of Object.entries(schema['properties'])) collect(property, value[name]);
    }
    if (Array.isArray(value)) for (const each of value) collect(schema['items'], each);
  };
  collect(specification, config);
  return [...found].sort((a, b) => b.length - a.length);
}

function collectStrings(value: unknown, found: Set<string>): void {
  if (typeof value === 'string' && value.length >= MINIMUM_LENGTH) found.add(value);
  else if (Array.isArray(value)) for (const each of value) collectStrings(each, found);
  else if (isObject(value)) for (const each of Object.values(value)) collectStrings(each, found);
}

/** The text with each of the values put out of sight, as Airbyte does it. */
export function maskSecrets(text: string, values: readonly string[]): string {
  return values.reduce((masked, value) => masked.replaceAll(value, '**********'), text);
}
