/** What Airbyte shows in place of a secret. */
const SECRETS_MASK = '**********';

type Path = (string | number)[];

/** A copy in which every field that the specification marks `airbyte_secret` is masked. */
export function maskSecrets(configuration: Record<string, unknown>, specification: unknown): Record<string, unknown> {
  const masked = structuredClone(configuration);
  for (const path of secretPaths(specification, configuration)) setAt(masked, path, SECRETS_MASK);
  return masked;
}

/** A copy of an update in which every secret that came back masked is the stored one. */
export function keepMaskedSecrets(
  update: Record<string, unknown>,
  stored: Record<string, unknown>,
  specification: unknown,
): Record<string, unknown> {
  const kept = structuredClone(update);
  for (const path of secretPaths(specification, update)) {
    if (valueAt(update, path) !== SECRETS_MASK) continue;
    const secret = valueAt(stored, path);
    if (secret !== undefined) setAt(kept, path, secret);
  }
  return kept;
}

/** Where in this value the secrets are, whichever variant of a `oneOf` it is. */
function secretPaths(schema: unknown, value: unknown, path: Path = []): Path[] {
  if (!isObject(schema) || value === undefined || value === null) return [];
  if (schema['airbyte_secret'] === true) return [path];
  const paths: Path[] = [];
  for (const combination of ['oneOf', 'anyOf', 'allOf']) {
    const variants = schema[combination];
    if (Array.isArray(variants)) paths.push(...variants.flatMap((variant) => secretPaths(variant, value, path)));
  }
  if (Array.isArray(value)) {
    paths.push(...value.flatMap((item, index) => secretPaths(schema['items'], item, [...path, index])));
  } else if (isObject(value) && isObject(schema['properties'])) {
    for (const [name, property] of Object.entries(schema['properties'])) {
      if (Object.hasOwn(value, name)) paths.push(...secretPaths(property, value[name], [...path, name]));
    }
  }
  return paths;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
}

function setAt(value: unknown, path: Path, replacement: unknown): void {
  const holder = valueAt(value, path.slice(0, -1));
  const key = path.at(-1);
  if (isObject(holder) && key !== undefined) holder[key] = replacement;
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}
