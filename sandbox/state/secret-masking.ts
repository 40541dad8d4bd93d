import { copyOf } from '../connectors/exact-json';
import { isObject, type Path, secretPaths, valueAt } from '../connectors/secret-paths';

/** What Airbyte shows instead of a secret. */
const SECRETS_MASK = '**********';

/** A copy of a configuration in which every field that the specification marks `airbyte_secret` is masked. */
export function maskSecrets(configuration: Record<string, unknown>, specification: unknown): Record<string, unknown> {
  const masked = copyOf(configuration);
  for (const path of secretPaths(specification, configuration)) setAt(masked, path, SECRETS_MASK);
  return masked;
}

/** A copy of an update in which every secret that was sent back masked has its stored value. */
export function restoreMaskedSecrets(
  update: Record<string, unknown>,
  stored: Record<string, unknown>,
  specification: unknown,
): Record<string, unknown> {
  const restored = copyOf(update);
  for (const path of secretPaths(specification, update)) {
    if (valueAt(update, path) !== SECRETS_MASK) continue;
    const secret = valueAt(stored, path);
    if (secret !== undefined) setAt(restored, path, secret);
  }
  return restored;
}

function setAt(value: unknown, path: Path, replacement: unknown): void {
  const holder = valueAt(value, path.slice(0, -1));
  const key = path.at(-1);
  if (isObject(holder) && key !== undefined) holder[key] = replacement;
}
