import { describe, expect, it } from '@jest/globals';
import { findConfigurationChanges, valueAt } from '../../../src/reconcile/configuration-difference';

const changes = (named: unknown, existing: unknown, resolved = named) =>
  findConfigurationChanges(named, resolved, existing).map(({ path, desired }) => [path.join('.'), desired]);

describe('the changes of a configuration', () => {
  it('are those of its fields, each by its path', () => {
    const named = { host: 'db2', port: 5432, ssl_mode: { mode: 'require' }, schemas: ['public', 'sales'] };
    const existing = { host: 'db1', port: 5432, ssl_mode: { mode: 'disable' }, schemas: ['public', 'old'] };
    expect(changes(named, existing)).toEqual([
      ['host', 'db2'],
      ['ssl_mode.mode', 'require'],
      ['schemas.1', 'sales'],
    ]);
  });

  it('are none of what the connector has added', () => {
    expect(changes({ host: 'db' }, { host: 'db', port: 5432 })).toEqual([]);
  });

  it('are none of secrets, masked or not', () => {
    const named = { password: '${env:SECRET_DB}', key: '${file:key}' };
    expect(changes(named, { password: '**********', key: 'shown' }, { password: 'new', key: 'other' })).toEqual([]);
  });

  it('are the whole field where its kind or its length is another', () => {
    expect(changes({ schemas: ['a', 'b'], ssl: { mode: 'x' } }, { schemas: ['a'], ssl: true })).toEqual([
      ['schemas', ['a', 'b']],
      ['ssl', { mode: 'x' }],
    ]);
  });
});

describe('the value at a path', () => {
  it('is found in objects and lists, and is nothing where the path leads nowhere', () => {
    const value = { a: [{ b: 1 }] };
    expect(valueAt(value, ['a', 0, 'b'])).toBe(1);
    expect(valueAt(value, ['a', 1, 'b'])).toBeUndefined();
    expect(valueAt(value, ['x', 'y'])).toBeUndefined();
  });
});
