/** The way to a field inside a configuration: keys of objects and positions in lists. */
export type Path = (string | number)[];

/**
 * Where in a value the fields are that its specification marks `airbyte_secret`. Looks into every branch of a `oneOf`,
 * since which of them was meant does not matter here.
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

/** What a path leads to; undefined when it leads nowhere. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
}

/** Whether a value has fields: an object, or a list. */
export function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}
