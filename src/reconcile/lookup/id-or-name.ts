import { DomainError } from '../../contract/domain-error';

export interface IdAndName {
  id: string;
  name?: string | undefined;
}

/** Finds objects by id or exact name. An id takes precedence over a name. */
export class Lookup<T> {
  readonly #byId = new Map<string, T>();
  readonly #byName = new Map<string, T[]>();

  constructor(
    objects: Iterable<T>,
    private readonly idAndNameOf: (object: T) => IdAndName,
  ) {
    for (const object of objects) {
      const { id, name } = idAndNameOf(object);
      this.#byId.set(id, object);
      if (name === undefined) continue;
      const namesakes = this.#byName.get(name);
      if (namesakes) namesakes.push(object);
      else this.#byName.set(name, [object]);
    }
  }

  byId(id: string | undefined): T | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** The object with the id, or all with the name. */
  byIdOrName(idOrName: string): readonly T[] {
    const withId = this.byId(idOrName);
    return withId === undefined ? (this.#byName.get(idOrName) ?? []) : [withId];
  }

  /**
   * The object with the name; undefined when there is none.
   *
   * @param kind what the objects are, for the message
   * @param advice what a user can do about several objects of one name
   * @throws DomainError `AirbyteConflict` when there are several
   */
  onlyByName(name: string, kind: string, advice: string): T | undefined {
    return requireOnly(this.#byName.get(name) ?? [], this.idAndNameOf, kind, name, advice);
  }
}

/** @throws DomainError `AirbyteConflict` when several objects match the name */
export function requireOnly<T>(
  matches: readonly T[],
  idAndNameOf: (object: T) => IdAndName,
  kind: string,
  name: string,
  advice: string,
): T | undefined {
  if (matches.length <= 1) return matches[0];
  const ids = matches.map((match) => idAndNameOf(match).id);
  throw new DomainError('AirbyteConflict', `${describeNamesakes(kind, name, ids)} ${advice}`);
}

/** `Several sources are named 'shop': 1, 2.` */
export function describeNamesakes(kind: string, name: string, ids: readonly string[]): string {
  return `Several ${kind}s are named '${name}': ${ids.join(', ')}.`;
}

/** The number of names that an error shows of a long list. */
const MAXIMUM_NAMES_IN_ERROR = 10;

/** `'crm', 'orders' and 3 more`; `nothing` */
export function quoteNames(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  const shown = names.slice(0, MAXIMUM_NAMES_IN_ERROR).map((name) => `'${name}'`);
  const more = names.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
