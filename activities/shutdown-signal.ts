import { Context } from '@temporalio/activity';

/** Aborted when the worker shuts down: what waits only is better left to the next worker. */
export function shutdownSignal(): AbortSignal {
  const shutdown = new AbortController();
  const context = Context.current();
  const { cancellationSignal: cancelled } = context;
  const onCancelled = () => {
    if (context.cancellationDetails?.workerShutdown) shutdown.abort(cancelled.reason);
  };
  if (cancelled.aborted) onCancelled();
  else cancelled.addEventListener('abort', onCancelled, { once: true });
  return shutdown.signal;
}
