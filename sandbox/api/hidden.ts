import { JobNotFoundError, NotFoundError } from '../state/errors';
import type { ApiContext } from './call';

/**
 * The types of objects for which callers need a role. Only a caller with a role learns whether such an object exists.
 */
const GUARDED = new Set([
  ...['STANDARD_WORKSPACE', 'SOURCE_CONNECTION', 'DESTINATION_CONNECTION'],
  ...['STANDARD_SYNC', 'STANDARD_SYNC_OPERATION'],
]);

/**
 * Whether Airbyte denies access instead of reporting that an object does not exist. With its own authentication on, an
 * unknown or deleted id belongs to no workspace, and so the caller has no role for it.
 */
export function isHidden(error: unknown, { authentication, behaviour }: ApiContext): boolean {
  if (!authentication.isAirbyteOwn || !behaviour.has('roles')) return false;
  return error instanceof JobNotFoundError || (error instanceof NotFoundError && GUARDED.has(error.configType));
}
