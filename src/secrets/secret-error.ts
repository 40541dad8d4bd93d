/** A secret that cannot be resolved. Its message names the field, the reference and what to do, never a value. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}
