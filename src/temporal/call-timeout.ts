/** Timeouts of requests to Temporal. */
import type { ConnectionLike } from '@temporalio/client';

/** How long a request about the namespace or the server may take. */
export const RPC_TIMEOUT_MS = 10_000;

/** Makes requests to Temporal that fail when they are not complete within the timeout. */
export function withTimeout<T>(
  connection: Pick<ConnectionLike, 'withDeadline'>,
  timeoutMs: number,
  call: () => Promise<T>,
): Promise<T> {
  return connection.withDeadline(Date.now() + timeoutMs, call);
}
