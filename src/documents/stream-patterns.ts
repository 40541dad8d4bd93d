/** Streams of documents that are patterns for several streams of the source. */
import { matchesPattern } from '../text/name-pattern';

/** The name and namespace of a stream in a document; both may be patterns, in which `*` stands for any text. */
export interface StreamSelector {
  name: string;
  namespace?: string | null | undefined;
}

/** Whether a stream of a document is a pattern: its name or namespace contains a `*`. */
export function isStreamPattern({ name, namespace }: StreamSelector): boolean {
  return name.includes('*') || namespace?.includes('*') === true;
}

/**
 * Whether a stream of the source matches a stream of a document. If one of them has no namespace, only the names are compared,
 * because not every server returns namespaces.
 */
export function matchesStream(selector: StreamSelector, stream: StreamSelector): boolean {
  if (!matchesPattern(selector.name, stream.name)) return false;
  return selector.namespace == null || stream.namespace == null || matchesPattern(selector.namespace, stream.namespace);
}
