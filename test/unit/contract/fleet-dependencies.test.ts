import { describe, expect, it } from '@jest/globals';
import {
  type DependencyDeclarations,
  dependencyLevels,
  duplicateProblems,
  parseDependencies,
} from '../../../src/contract/fleet-dependencies';
import { formatPath } from '../../../src/text/field-path';

const NAMES = [['crm'], ['shop'], ['orders'], ['reports']];

/** What is wrong with an order among these, a line for each. */
function problemsOf(order: Partial<DependencyDeclarations>, names = NAMES): string[] {
  return parseDependencies({ dependsOn: {}, ...order }, names).problems.map(
    ({ path, message }) => `${formatPath(path)}: ${message}`,
  );
}

describe('an order among connections', () => {
  it('is read from a map and from each connection, merged', () => {
    const connections = [
      { connection: 'crm', dependsOn: [] },
      { connection: 'shop', dependsOn: [] },
      { connection: 'orders', dependsOn: ['shop'] },
      { connection: 'reports', dependsOn: ['orders'] },
    ];
    const { order, problems } = parseDependencies({ connections, dependsOn: { reports: ['crm', 'orders'] } }, NAMES);
    expect(problems).toEqual([]);
    expect(order).toEqual([[], [], [1], [2, 0]]);
    expect(dependencyLevels(order)).toEqual([0, 0, 1, 2]);
  });

  it('may call a connection by any of its names', () => {
    const names = [
      ['crm', 'id-1'],
      ['shop', 'id-2'],
    ];
    expect(parseDependencies({ dependsOn: { 'id-2': ['crm'] } }, names)).toEqual({ order: [[], [0]], problems: [] });
  });

  it('rejects names that no connection has, and suggests the most similar name', () => {
    expect(problemsOf({ dependsOn: { orders: ['shoop', 'billing'], nothing: ['crm'] } })).toEqual([
      "dependsOn.orders[0]: is not one of the fleet's connections; did you mean shop?",
      "dependsOn.orders[1]: is not one of the fleet's connections",
      "dependsOn.nothing: is not one of the fleet's connections",
    ]);
  });

  it('rejects a name that several connections have', () => {
    const names = [
      ['crm', 'id-1'],
      ['crm', 'id-2'],
      ['shop', 'id-3'],
    ];
    expect(problemsOf({ dependsOn: { shop: ['crm'] } }, names)).toEqual([
      'dependsOn.shop[0]: is the name of several connections; write the id of one instead',
    ]);
    expect(problemsOf({ dependsOn: { shop: ['id-2'] } }, names)).toEqual([]);
  });

  it('rejects a cycle, and names only its connections', () => {
    const dependsOn = { reports: ['orders'], orders: ['shop'], shop: ['crm', 'orders'] };
    expect(problemsOf({ dependsOn })).toEqual([
      'dependsOn.orders[0]: makes a cycle, in which each connection waits for the next: shop → orders → shop',
    ]);
  });

  it('rejects a connection that waits for itself', () => {
    const connections = [{ connection: 'crm', dependsOn: ['crm'] }];
    expect(problemsOf({ connections }, [['crm']])).toEqual([
      'connections[0].dependsOn[0]: makes a cycle, in which each connection waits for the next: crm → crm',
    ]);
  });

  it('can be thousands of connections deep', () => {
    const names = Array.from({ length: 5_000 }, (_, place) => [`c${place}`]);
    const dependsOn = Object.fromEntries(names.slice(1).map(([name = ''], place) => [name, [`c${place}`]]));
    const { order, problems } = parseDependencies({ dependsOn }, names);
    expect(problems).toEqual([]);
    expect(dependencyLevels(order).at(-1)).toBe(4_999);
  });
});

describe('connections that a fleet has more than once', () => {
  it('are found, each with the index of the first', () => {
    expect(duplicateProblems(['a', 'b', 'a', 'a'])).toEqual([
      { path: ['connections', 2], message: 'is the same connection as connections[0]' },
      { path: ['connections', 3], message: 'is the same connection as connections[0]' },
    ]);
    expect(duplicateProblems(['a', 'b'])).toEqual([]);
  });
});
