/** The dependencies between the connections of a fleet: reads them from a document, and puts the connections in order. */
import { findDuplicates } from '../text/duplicates';
import { type FieldPath, formatPath } from '../text/field-path';
import { nearestName } from '../text/nearest-name';
import type { LocatedProblem } from './validation/schema-problems';

/** Dependencies as documents declare them: at each connection, or for all connections in one map. */
export interface DependencyDeclarations {
  connections?: readonly { connection: string; dependsOn: readonly string[] }[] | undefined;
  dependsOn: Readonly<Record<string, readonly string[]>>;
}

/** For each connection of a fleet, the indexes of the connections that it depends on. */
export type DependencyGraph = number[][];

interface Dependency {
  on: number;
  path: FieldPath;
}

/** With more names, messages suggest no similar name, because comparing all of them takes too long. */
const MAXIMUM_NAMES_TO_COMPARE = 500;

/** How many names the message about a cycle shows. */
const MAXIMUM_NAMES_IN_CYCLE = 10;

/**
 * Reads the dependencies between a fleet's connections.
 *
 * @param names for each connection the names that a declaration may use; messages use the first
 * @returns the graph, which must not be used if there are problems
 */
export function parseDependencies(
  { connections = [], dependsOn }: DependencyDeclarations,
  names: readonly (readonly string[])[],
): { order: DependencyGraph; problems: LocatedProblem[] } {
  const problems: LocatedProblem[] = [];
  const indexes = indexesByName(names);
  const find = (name: string, path: FieldPath): number | undefined => {
    const [index, ...others] = indexes.get(name) ?? [];
    if (index === undefined) problems.push({ path, message: unknownConnectionMessage([...indexes.keys()], name) });
    else if (others.length > 0)
      problems.push({ path, message: 'is the name of several connections; write the id of one instead' });
    return others.length > 0 ? undefined : index;
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
  const cycle = findCycle(dependencies);
  if (cycle) problems.push(cycleProblem(cycle, names));
  return { order: dependencies.map((each) => [...new Set(each.map(({ on }) => on))]), problems };
}

/** A problem for each connection that a fleet has more than once. @param ids the id or name of each connection */
export function duplicateProblems(ids: readonly string[]): LocatedProblem[] {
  return findDuplicates(ids).map(({ index, first }) => ({
    path: ['connections', index],
    message: `is the same connection as ${formatPath(['connections', first])}`,
  }));
}

/** The level of each connection: those of level 0 depend on no other, those of level 1 only on level 0, and so on. */
export function dependencyLevels(order: DependencyGraph): number[] {
  return findLevels(order).map((level) => level ?? 0);
}

/** The levels; undefined for a connection that is in a cycle or depends on one. */
function findLevels(order: DependencyGraph): (number | undefined)[] {
  const levels: (number | undefined)[] = order.map(() => undefined);
  const open = order.map((dependencies) => dependencies.length);
  const dependants = dependantsOf(order);
  let settled = [...order.keys()].filter((index) => open[index] === 0);
  for (let level = 0; settled.length > 0; level++) {
    const next: number[] = [];
    for (const index of settled) {
      levels[index] = level;
      for (const dependant of dependants[index] ?? []) {
        const left = (open[dependant] ?? 0) - 1;
        open[dependant] = left;
        if (left === 0) next.push(dependant);
      }
    }
    settled = next;
  }
  return levels;
}

/** For each connection, the indexes of the connections that depend on it. */
export function dependantsOf(order: DependencyGraph): number[][] {
  const dependants: number[][] = order.map(() => []);
  for (const [index, dependencies] of order.entries()) for (const on of dependencies) dependants[on]?.push(index);
  return dependants;
}

function indexesByName(names: readonly (readonly string[])[]): Map<string, number[]> {
  const indexes = new Map<string, number[]>();
  for (const [index, ofOne] of names.entries()) {
    for (const name of new Set(ofOne)) indexes.set(name, [...(indexes.get(name) ?? []), index]);
  }
  return indexes;
}

function unknownConnectionMessage(known: readonly string[], name: string): string {
  const meant = known.length > MAXIMUM_NAMES_TO_COMPARE ? undefined : nearestName(name, known);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `is not one of the fleet's connections${hint}`;
}

/** The connections of a cycle, each of which depends on the next, and the path of the dependency that closes the cycle. */
function findCycle(
  dependencies: readonly (readonly Dependency[])[],
): { indexes: number[]; path: FieldPath } | undefined {
  const levels = findLevels(dependencies.map((each) => [...new Set(each.map(({ on }) => on))]));
  const isStuck = (index: number): boolean => levels[index] === undefined;
  const start = levels.indexOf(undefined);
  if (start < 0) return undefined;
  // Each connection without a level depends on another one without a level, so following them leads into a cycle.
  const seen = new Map<number, number>();
  const indexes: number[] = [];
  let path: FieldPath = [];
  for (let index = start; !seen.has(index); ) {
    seen.set(index, indexes.length);
    indexes.push(index);
    const next = dependencies[index]?.find(({ on }) => isStuck(on));
    if (next === undefined) return undefined;
    path = next.path;
    index = next.on;
    const begin = seen.get(index);
    if (begin !== undefined) return { indexes: indexes.slice(begin), path };
  }
  return undefined;
}

function cycleProblem(
  { indexes, path }: { indexes: number[]; path: FieldPath },
  names: readonly (readonly string[])[],
): LocatedProblem {
  const called = [...indexes, indexes[0]].map((index) => names[index ?? 0]?.[0] ?? '');
  const shown =
    called.length > MAXIMUM_NAMES_IN_CYCLE
      ? [...called.slice(0, MAXIMUM_NAMES_IN_CYCLE - 1), '…', called.at(-1)]
      : called;
  return { path, message: `makes a cycle, in which each connection waits for the next: ${shown.join(' → ')}` };
}
