/** STATE payloads: what a connection remembers between syncs, and how a later one takes an earlier one's place. */
import type { StatePayload, StreamDescriptor } from './protocol';

/** One key for a stream's identity; a namespace cannot run into a name. */
export function streamKey({ name, namespace }: StreamDescriptor): string {
  return JSON.stringify([namespace || null, name]);
}

/** A stream's namespace as a field to spread: none where it has none, which sources also write as null or empty. */
export function namespaceOf({ namespace }: { namespace?: string | null | undefined }): { namespace?: string } {
  return namespace ? { namespace } : {};
}

/** A stream's name for people. */
export function streamTitle({ name, namespace }: { name: string; namespace?: string | null | undefined }): string {
  return namespace ? `${namespace}.${name}` : name;
}

/** The stream a STATE speaks of; undefined for those that speak of the whole connection. */
export function describedStream(state: StatePayload): StreamDescriptor | undefined {
  return state.type === 'STREAM' ? state.stream.stream_descriptor : undefined;
}

/** What an earlier sync remembered of one stream. */
export function findStreamState(state: unknown[], descriptor: StreamDescriptor): unknown {
  const key = streamKey(descriptor);
  for (const payload of state as StatePayload[]) {
    const described = describedStream(payload);
    if (payload.type === 'STREAM' && described && streamKey(described) === key) return payload.stream.stream_state;
  }
  return undefined;
}

/**
 * Adds a STATE to those remembered: it takes the place of the stream's last one. A GLOBAL or LEGACY one takes the place
 * of everything, since it speaks of the whole connection.
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
