import type { Catalog, CatalogStream } from '../airbyte/schemas';
import type { StreamSelector } from './stream-patterns';

/** The streams of a catalog by their names: a source may have tens of thousands, and two of one name. */
export class StreamsByName {
  readonly #streams = new Map<string, CatalogStream[]>();

  constructor({ streams }: Catalog) {
    for (const each of streams) {
      const { name } = each.stream;
      const others = this.#streams.get(name);
      if (others === undefined) this.#streams.set(name, [each]);
      else others.push(each);
    }
  }

  named(name: string): readonly CatalogStream[] {
    return this.#streams.get(name) ?? [];
  }

  /** What a stream of a document may mean: those of its namespace, else those that say none; all where it has none. */
  meantBy({ name, namespace }: StreamSelector): readonly CatalogStream[] {
    const named = this.named(name);
    if (namespace == null) return named;
    const exact = named.filter(({ stream }) => stream.namespace === namespace);
    return exact.length > 0 ? exact : named.filter(({ stream }) => stream.namespace == null);
  }

  /** The one stream that is meant; undefined where there is none, or where it may be one of several. */
  find(selector: StreamSelector): CatalogStream | undefined {
    const [match, ...others] = this.meantBy(selector);
    return others.length === 0 ? match : undefined;
  }
}
