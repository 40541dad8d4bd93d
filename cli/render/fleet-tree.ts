import type { FleetConnectionProgress, FleetPhase, FleetProgress } from '../../src/contract/fleet-progress';
import { oneLine } from '../../src/text/control-characters';
import { describeEnd, describeJobOf, labelsOf } from './fleet-progress';
import type { ProgressJob } from './progress-display';
import type { Paint } from './terminal';
import { textWidth, truncate } from './terminal-text';

const MARKS: Record<FleetPhase, { mark: string; style: Parameters<Paint>[0] }> = {
  waiting: { mark: '·', style: 'dim' },
  running: { mark: '▸', style: 'cyan' },
  succeeded: { mark: '✓', style: 'green' },
  failed: { mark: '✗', style: 'red' },
  cancelled: { mark: '✗', style: 'red' },
  skipped: { mark: '-', style: 'dim' },
};

/** How many further dependencies of a connection are named on its line. */
const MAXIMUM_NAMED_DEPENDENCIES = 3;

/** Columns. Connections deeper in the tree are not indented further. */
const WIDEST_INDENT = 60;

interface Branch {
  connection: FleetConnectionProgress;
  /** The lines to the left of it: `│  └─ `. */
  lead: string;
  /** The connection above it in the tree; undefined at the root. */
  under?: FleetConnectionProgress;
}

/**
 * A fleet as a tree, with one line for each connection. Each is below the dependency that can end last; its other
 * dependencies are named on its line.
 *
 * @param jobs of connections that run, by their ids
 * @param columns the width of the terminal
 */
export function fleetTree(
  { levels }: Pick<FleetProgress, 'levels'>,
  { jobs, columns, paint }: { jobs: ReadonlyMap<string, ProgressJob>; columns: number; paint: Paint },
): string[] {
  const connections = levels.flat();
  const label = labelsOf(connections);
  const byId = new Map(connections.map((connection) => [connection.connectionId, connection]));
  const branches = toBranches(levels, byId);
  const heads = branches.map(({ connection, lead }) => `${lead}${MARKS[connection.phase].mark} ${label(connection)}`);
  const width = Math.max(0, ...heads.map(textWidth));
  return branches.map(({ connection, under }, index) => {
    const head = heads[index] ?? '';
    const others = connection.dependsOn
      .filter((id) => id !== under?.connectionId)
      .map((id) => byId.get(id))
      .filter((other) => other !== undefined)
      .map(label);
    const detail = describeEnd(connection) ?? describeJobOf(connection, jobs) ?? connection.phase;
    const line = `${head}${' '.repeat(width - textWidth(head))}  ${oneLine(detail)}${describeOtherDependencies(others)}`;
    return paintMark(truncate(line.trimEnd(), columns), connection.phase, paint);
  });
}

/** Every connection once, in the order of the tree's lines. */
function toBranches(levels: FleetConnectionProgress[][], byId: ReadonlyMap<string, FleetConnectionProgress>): Branch[] {
  const levelOf = new Map(
    levels.flatMap((level, depth) => level.map(({ connectionId }) => [connectionId, depth] as const)),
  );
  const below = new Map<string | undefined, FleetConnectionProgress[]>();
  for (const connection of levels.flat()) {
    const depth = (levelOf.get(connection.connectionId) ?? 0) - 1;
    const last = connection.dependsOn.find((id) => levelOf.get(id) === depth);
    below.set(last, [...(below.get(last) ?? []), connection]);
  }
  const branches: Branch[] = [];
  // Without recursion, because dependencies may be thousands of connections deep.
  const open = (id: string | undefined, indent: string): { branch: Branch; indent: string }[] =>
    (below.get(id) ?? []).map((connection, index, siblings) => {
      const isLast = index === siblings.length - 1;
      const under = id === undefined ? undefined : byId.get(id);
      const branch = { connection, lead: `${indent}${isLast ? '└─ ' : '├─ '}`, ...(under && { under }) };
      return { branch, indent: indent.length < WIDEST_INDENT ? `${indent}${isLast ? '   ' : '│  '}` : indent };
    });
  const stack = open(undefined, '').reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    branches.push(next.branch);
    stack.push(...open(next.branch.connection.connectionId, next.indent).reverse());
  }
  return branches;
}

function describeOtherDependencies(others: string[]): string {
  if (others.length === 0) return '';
  const more = others.length - MAXIMUM_NAMED_DEPENDENCIES;
  return ` (also after ${others.slice(0, MAXIMUM_NAMED_DEPENDENCIES).join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
}

/** Paints the mark of a line. The first mark found is the connection's own, because the lines to its left contain none. */
function paintMark(line: string, phase: FleetPhase, paint: Paint): string {
  const { mark, style } = MARKS[phase];
  const at = line.indexOf(`${mark} `);
  return at < 0 ? line : `${line.slice(0, at)}${paint(style, mark)}${line.slice(at + mark.length)}`;
}
