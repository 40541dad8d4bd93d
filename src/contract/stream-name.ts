/** The name of a stream, which is unique together with its namespace. */
export interface StreamName {
  name: string;
  namespace?: string | undefined;
}

/** `orders`, or with its namespace `public.orders`. */
export function fullNameOf({ name, namespace }: StreamName): string {
  return namespace === undefined ? name : `${namespace}.${name}`;
}

/** Whether a name is that of a stream, with or without its namespace. */
export function matchesStreamName(stream: StreamName, name: string): boolean {
  return stream.name === name || fullNameOf(stream) === name;
}
