/** STATE payloads: what a connection remembers between syncs, and how a later one replaces an earlier one. */
import type { StatePayload, StreamDescriptor } from './protocol';

/** A unique key for a stream, in which the namespace and the name cannot run into each other. */
export function streamKey({ name, namespace }: StreamDescriptor): string {
  return JSON.stringify([namespace || null, name]);
}

/**
 * A stream's namespace as an object to spread. It is empty without a namespace, which some sources send as null or ''.
 */
export function namespaceOf({ namespace }: { namespace?: string | null | undefined }): { namespace?: string } {
  return namespace ? { namespace } : {};
}

/** A stream's name in messages. */
export function streamTitle({ name, namespace }: { name: string; namespace?: string | null | undefined }): string {
  return namespace ? `${namespace}.${name}` : name;
}

/** The stream that a STATE belongs to; undefined if it covers the whole connection. */
export function describedStream(state: StatePayload): StreamDescriptor | undefined {
  return state.type === 'STREAM' ? state.stream.stream_descriptor : undefined;
}

/** The state of one stream after the earlier syncs. */
export function findStreamState(state: unknown[], descriptor: StreamDescriptor): unknown {
  const key = streamKey(descriptor);
  for (const payload of state as StatePayload[]) {
    const described = describedStream(payload);
    if (payload.type === 'STREAM' && described && streamKey(described) === key) return payload.stream.stream_state;
  }
  return undefined;
}

/**
 * Adds a STATE to the earlier ones. It replaces the last state of its stream; a GLOBAL or LEGACY one covers the whole
 * connection and replaces everything.
 */
export function mergeState(remembered: unknown[], next: StatePayload): unknown[] {
  const described = describedStream(next);
  if (!described) return [next];
  const key = streamKey(described);
  const others = (remembered as StatePayload[]).filter((payload) => {
    const other = describedStream(payload);
    return other !== undefined && streamKey(other) !== key;
  });
  return [...others, next];
}
