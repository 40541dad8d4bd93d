import { DomainError } from '../contract/domain-error';

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
      if (name !== undefined) this.#byName.set(name, [...(this.#byName.get(name) ?? []), object]);
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
   * @param advice what a user can do about several objects of one name
   * @throws DomainError `AirbyteConflict` when there are several
   */
  onlyByName(name: string, kind: string, advice: string): T | undefined {
    return requireOnly(this.#byName.get(name) ?? [], kind, name, this.idAndNameOf, advice);
  }
}

/** @throws DomainError `AirbyteConflict` that names the ids, when there are several objects of the name */
export function requireOnly<T>(
  matches: readonly T[],
  kind: string,
  name: string,
  idAndNameOf: (object: T) => IdAndName,
  advice: string,
): T | undefined {
  if (matches.length <= 1) return matches[0];
  const ids = matches.map((match) => idAndNameOf(match).id).join(', ');
  throw new DomainError('AirbyteConflict', `Several ${kind}s are named '${name}': ${ids}. ${advice}`);
}
