import { ExactNumber } from '../connectors/exact-json';
import { BadObjectSchemaError } from './errors';

/**
 * Rejects a configuration that its specification forbids: a missing required field, a wrong type, or a value outside of
 * an enumeration. Airbyte validates all of JSON Schema; these three cover the mistakes that users make.
 *
 * @throws BadObjectSchemaError
 */
export function assertValidConfiguration(configuration: unknown, specification: Record<string, unknown>): void {
  const problems = problemsOf(configuration, specification, '$');
  if (problems.length === 0) return;
  throw new BadObjectSchemaError(
    'json schema validation failed when comparing the data to the json schema. \n' +
      `Errors: ${problems.join(', ')} \nSchema: \n${JSON.stringify(specification, undefined, 2)}`,
  );
}

function problemsOf(value: unknown, schema: unknown, path: string): string[] {
  if (!isRecord(schema)) return [];
  const typeProblem = wrongType(value, schema['type'], path);
  if (typeProblem !== undefined) return [typeProblem];
  const problems: string[] = [];
  const allowed = schema['enum'];
  if (Array.isArray(allowed) && !allowed.includes(value)) {
    problems.push(`${path}: does not have a value in the enumeration ${JSON.stringify(allowed)}`);
  }
  if ('const' in schema && schema['const'] !== value) {
    problems.push(`${path}: must be the constant value '${String(schema['const'])}'`);
  }
  if (isRecord(value)) {
    for (const name of Array.isArray(schema['required']) ? schema['required'] : []) {
      if (value[String(name)] === undefined) problems.push(`${path}: required property '${String(name)}' not found`);
    }
    for (const [name, property] of Object.entries(isRecord(schema['properties']) ? schema['properties'] : {})) {
      if (value[name] !== undefined) problems.push(...problemsOf(value[name], property, `${path}.${name}`));
    }
  }
  if (Array.isArray(value)) {
    problems.push(...value.flatMap((item, index) => problemsOf(item, schema['items'], `${path}[${index}]`)));
  }
  return [...problems, ...variantProblems(value, schema, path)];
}

/** A value has to fit one variant. If it fits none, these are the problems with the variant that comes closest. */
function variantProblems(value: unknown, schema: Record<string, unknown>, path: string): string[] {
  const variants = schema['oneOf'] ?? schema['anyOf'];
  if (!Array.isArray(variants) || variants.length === 0) return [];
  const [nearest] = variants
    .map((variant) => problemsOf(value, variant, path))
    .sort((one, other) => one.length - other.length);
  return nearest ?? [];
}

function wrongType(value: unknown, type: unknown, path: string): string | undefined {
  const allowed = (Array.isArray(type) ? type : [type]).filter((name) => typeof name === 'string');
  if (allowed.length === 0) return undefined;
  const found = typeName(value);
  if (allowed.includes(found) || (found === 'integer' && allowed.includes('number'))) return undefined;
  return `${path}: ${found} found, ${allowed.join(' or ')} expected`;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof ExactNumber) return value.isInteger ? 'integer' : 'number';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}
