import { matchesPattern } from '../text/name-pattern';

/** What a pipeline's stream is told by: exact, or with `*` for anything in it. */
export interface StreamSelector {
  name: string;
  namespace?: string | null | undefined;
}

/** Whether a stream of a pipeline stands for any number of streams: its name, or its namespace, has a `*` in it. */
export function isStreamPattern({ name, namespace }: StreamSelector): boolean {
  return name.includes('*') || namespace?.includes('*') === true;
}

/**
 * Whether a stream of the source is one that a pipeline's stream stands for. A namespace that one of them leaves out is
 * any: not every server says the namespaces of its streams.
 */
export function matchesStream(selector: StreamSelector, stream: StreamSelector): boolean {
  if (!matchesPattern(selector.name, stream.name)) return false;
  return selector.namespace == null || stream.namespace == null || matchesPattern(selector.namespace, stream.namespace);
}
