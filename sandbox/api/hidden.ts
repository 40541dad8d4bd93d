import { JobNotFoundError, NotFoundError } from '../state/errors';
import type { ApiContext } from './call';

/** What callers have a role for: whether there is such an object is told to those alone who may see it. */
const GUARDED = new Set([
  ...['STANDARD_WORKSPACE', 'SOURCE_CONNECTION', 'DESTINATION_CONNECTION'],
  ...['STANDARD_SYNC', 'STANDARD_SYNC_OPERATION'],
]);

/**
 * Whether Airbyte denies what it would otherwise not find: with its own authentication on, an unknown or deleted id
 * belongs to no workspace, and the caller has no role there.
 */
export function isHidden(error: unknown, { authentication, behaviour }: ApiContext): boolean {
  if (!authentication.isAirbytes || !behaviour.has('roles')) return false;
  return error instanceof JobNotFoundError || (error instanceof NotFoundError && GUARDED.has(error.configType));
}
