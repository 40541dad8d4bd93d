/** The path to a field inside a configuration: keys of objects and indexes of lists. */
export type Path = (string | number)[];

/**
 * The paths of all fields that a specification marks `airbyte_secret`. It follows every branch of a `oneOf`, because it
 * does not matter here which of them applies.
 */
export function secretPaths(schema: unknown, value: unknown, path: Path = []): Path[] {
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

/** The value at a path; undefined if there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
}

/** Whether a value is an object or a list. */
export function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}
