/** How a stream is told from others. Workflow code may import this file. */
export interface StreamName {
  name: string;
  namespace?: string | undefined;
}

/** `orders`, or with its namespace `public.orders`. */
export function fullNameOf({ name, namespace }: StreamName): string {
  return namespace === undefined ? name : `${namespace}.${name}`;
}

/** Whether a stream is called so, with or without its namespace. */
export function isNamed(stream: StreamName, wanted: string): boolean {
  return stream.name === wanted || fullNameOf(stream) === wanted;
}
