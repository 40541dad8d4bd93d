import { types } from 'node:util';

/**
 * The message of an error. If a connection fails on each address of a host, Node throws one error without a message
 * that has the reasons in `errors`; `fetch` has its reason in `cause`.
 */
export function reasonOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  const { errors } = error as { errors?: unknown };
  if (error.message === '' && Array.isArray(errors)) return errors.map(reasonOf).join('; ');
  if (error.message === 'fetch failed' && error.cause !== undefined) return reasonOf(error.cause);
  return error.message || error.name;
}

/** The code of an error, or of the first error that it aggregates: `ECONNREFUSED`, or a SQLSTATE. */
export function codeOf(error: unknown): string | undefined {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : undefined;
}
