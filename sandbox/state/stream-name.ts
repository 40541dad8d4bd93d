/** What identifies a stream within a source or a connection. */
export interface StreamName {
  name: string;
  namespace?: string;
}

export function sameStream(one: StreamName, other: StreamName): boolean {
  return one.name === other.name && (one.namespace ?? '') === (other.namespace ?? '');
}

/** Picks the name and the namespace out of an object that has more fields. */
export function nameOf({ name, namespace }: StreamName): StreamName {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}
