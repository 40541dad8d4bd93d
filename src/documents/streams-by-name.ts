/** Finds a catalog's streams by name and namespace. */
import type { Catalog, CatalogStream } from '../airbyte/schemas';
import type { StreamSelector } from './stream-patterns';

/** An index of a catalog's streams by name. A source may have tens of thousands of streams, and several of one name. */
export class StreamsByName {
  readonly #streams = new Map<string, CatalogStream[]>();
  readonly #inNamespaces = new Map<string, CatalogStream[]>();

  constructor({ streams }: Catalog) {
    const add = (map: Map<string, CatalogStream[]>, key: string, stream: CatalogStream) => {
      const others = map.get(key);
      if (others === undefined) map.set(key, [stream]);
      else others.push(stream);
    };
    for (const each of streams) {
      add(this.#streams, each.stream.name, each);
      add(this.#inNamespaces, keyOf(each.stream), each);
    }
  }

  named(name: string): readonly CatalogStream[] {
    return this.#streams.get(name) ?? [];
  }

  /** The stream with exactly this name and namespace, or with this name and no namespace. */
  findExact(stream: StreamSelector): CatalogStream | undefined {
    return this.#inNamespaces.get(keyOf(stream))?.[0];
  }

  /** The streams that a document's stream may stand for: those of its namespace, or else those without one; all if it has none. */
  candidatesFor({ name, namespace }: StreamSelector): readonly CatalogStream[] {
    const named = this.named(name);
    if (namespace == null) return named;
    const exact = this.#inNamespaces.get(keyOf({ name, namespace })) ?? [];
    return exact.length > 0 ? exact : named.filter(({ stream }) => stream.namespace == null);
  }

  /** The only candidate; undefined if there are none or several. */
  find(selector: StreamSelector): CatalogStream | undefined {
    const [match, ...others] = this.candidatesFor(selector);
    return others.length === 0 ? match : undefined;
  }
}

function keyOf({ name, namespace }: StreamSelector): string {
  return `${namespace ?? ''}\u0000${name}`;
}
