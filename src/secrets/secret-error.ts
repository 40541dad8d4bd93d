/** A reference to a secret does not resolve. The message has the field, the reference and what to do, but never the secret. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}
