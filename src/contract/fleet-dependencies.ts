import { findDuplicates } from '../text/duplicates';
import { type FieldPath, formatPath } from '../text/field-path';
import { nearestName } from '../text/nearest-name';
import type { LocatedProblem } from './validation/schema-problems';

/** An order as people write it: at each connection, or for all of them in one map. */
export interface DependencyDeclarations {
  connections?: readonly { connection: string; dependsOn: readonly string[] }[] | undefined;
  dependsOn: Readonly<Record<string, readonly string[]>>;
}

/** For each connection of a fleet the places, in the list of them all, of those it depends on. */
export type Order = number[][];

interface Dependency {
  on: number;
  path: FieldPath;
}

/** Beyond so many names nobody is told which one was probably meant: to compare with all of them takes long. */
const MAXIMUM_NAMES_TO_COMPARE = 500;

/** Names that the message about a circle shows. */
const MAXIMUM_NAMES_IN_CYCLE = 10;

/**
 * Reads an order among a fleet's connections.
 *
 * @param names what each connection may be called in it, the first of them for messages
 * @returns the order; with problems, it is not to be used
 */
export function parseDependencies(
  { connections = [], dependsOn }: DependencyDeclarations,
  names: readonly (readonly string[])[],
): { order: Order; problems: LocatedProblem[] } {
  const problems: LocatedProblem[] = [];
  const places = indexesByName(names);
  const find = (name: string, path: FieldPath): number | undefined => {
    const [place, ...others] = places.get(name) ?? [];
    if (place === undefined) problems.push({ path, message: unknownConnectionMessage([...places.keys()], name) });
    else if (others.length > 0) problems.push({ path, message: 'is the name of several connections; give the id' });
    return others.length > 0 ? undefined : place;
  };
  const dependencies: Dependency[][] = names.map(() => []);
  const add = (of: number, written: readonly string[], path: FieldPath): void => {
    for (const [index, name] of written.entries()) {
      const on = find(name, [...path, index]);
      if (on !== undefined) dependencies[of]?.push({ on, path: [...path, index] });
    }
  };
  for (const [index, member] of connections.entries())
    add(index, member.dependsOn, ['connections', index, 'dependsOn']);
  for (const [name, written] of Object.entries(dependsOn)) {
    const of = find(name, ['dependsOn', name]);
    if (of !== undefined) add(of, written, ['dependsOn', name]);
  }
  const circle = findCycle(dependencies);
  if (circle) problems.push(cycleProblem(circle, names));
  return { order: dependencies.map((each) => [...new Set(each.map(({ on }) => on))]), problems };
}

/** A problem for each connection that a fleet has more than once. @param ids the id or name of each connection */
export function duplicateProblems(ids: readonly string[]): LocatedProblem[] {
  return findDuplicates(ids).map(({ index, first }) => ({
    path: ['connections', index],
    message: `is the same connection as ${formatPath(['connections', first])}`,
  }));
}

/** How far down the order each connection is: 0 depends on nothing, 1 on nothing below 0, and so on. */
export function dependencyLevels(order: Order): number[] {
  return findLevels(order).map((level) => level ?? 0);
}

/** Undefined for those in a circle, and for those that depend on one. */
function findLevels(order: Order): (number | undefined)[] {
  const levels: (number | undefined)[] = order.map(() => undefined);
  const open = order.map((dependencies) => dependencies.length);
  const dependants = dependantsOf(order);
  let settled = [...order.keys()].filter((place) => open[place] === 0);
  for (let level = 0; settled.length > 0; level++) {
    const next: number[] = [];
    for (const place of settled) {
      levels[place] = level;
      for (const dependant of dependants[place] ?? []) {
        const left = (open[dependant] ?? 0) - 1;
        open[dependant] = left;
        if (left === 0) next.push(dependant);
      }
    }
    settled = next;
  }
  return levels;
}

/** For each connection the places of those that depend on it. */
export function dependantsOf(order: Order): number[][] {
  const dependants: number[][] = order.map(() => []);
  for (const [place, dependencies] of order.entries()) for (const on of dependencies) dependants[on]?.push(place);
  return dependants;
}

function indexesByName(names: readonly (readonly string[])[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, ofOne] of names.entries()) {
    for (const name of new Set(ofOne)) places.set(name, [...(places.get(name) ?? []), place]);
  }
  return places;
}

function unknownConnectionMessage(known: readonly string[], name: string): string {
  const meant = known.length > MAXIMUM_NAMES_TO_COMPARE ? undefined : nearestName(name, known);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `is not one of the fleet's connections${hint}`;
}

/** The connections of a circle in the order in which each depends on the next, with the last dependency of it. */
function findCycle(
  dependencies: readonly (readonly Dependency[])[],
): { places: number[]; path: FieldPath } | undefined {
  const levels = findLevels(dependencies.map((each) => [...new Set(each.map(({ on }) => on))]));
  const isStuck = (place: number): boolean => levels[place] === undefined;
  const start = levels.indexOf(undefined);
  if (start < 0) return undefined;
  // Each that is stuck depends on one that is: following these leads into a circle, if not from its first place.
  const seen = new Map<number, number>();
  const places: number[] = [];
  let path: FieldPath = [];
  for (let place = start; !seen.has(place); ) {
    seen.set(place, places.length);
    places.push(place);
    const next = dependencies[place]?.find(({ on }) => isStuck(on));
    if (next === undefined) return undefined;
    path = next.path;
    place = next.on;
    const begin = seen.get(place);
    if (begin !== undefined) return { places: places.slice(begin), path };
  }
  return undefined;
}

function cycleProblem(
  { places, path }: { places: number[]; path: FieldPath },
  names: readonly (readonly string[])[],
): LocatedProblem {
  const called = [...places, places[0]].map((place) => names[place ?? 0]?.[0] ?? '');
  const shown =
    called.length > MAXIMUM_NAMES_IN_CYCLE
      ? [...called.slice(0, MAXIMUM_NAMES_IN_CYCLE - 1), '…', called.at(-1)]
      : called;
  return { path, message: `makes a circle, in which each waits for the next: ${shown.join(' → ')}` };
}
