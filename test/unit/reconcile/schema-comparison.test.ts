import { describe, expect, it } from '@jest/globals';
import type { Catalog, CatalogStream } from '../../../src/airbyte/schemas';
import {
  describeSchemaChange,
  describeSchemaDrift,
  schemaChangesPolicyOf,
  toSchemaDrift,
} from '../../../src/contract/schema-changes';
import { findSchemaChanges } from '../../../src/reconcile/schema-comparison';

const orders = (properties: Record<string, unknown>, config: CatalogStream['config'] = {}): Catalog => ({
  streams: [{ stream: { name: 'orders', namespace: 'public', jsonSchema: { type: 'object', properties } }, config }],
});
const id = { type: 'integer' };

/** What is said of a connection with these fields whose source has those. */
const changes = (before: Record<string, unknown>, now: Record<string, unknown>, config?: CatalogStream['config']) =>
  findSchemaChanges(orders(before, config), orders(now)).map(describeSchemaChange);

describe('the changes of a schema', () => {
  it('are none where the source has what the connection was set up with', () => {
    expect(changes({ id, name: { type: 'string' } }, { name: { type: 'string' }, id })).toEqual([]);
  });

  it('are fields that came, went, or have another type', () => {
    const before = { id, note: { type: 'string' }, total: { type: 'integer' } };
    const now = { id, total: { type: 'number' }, discount: { type: ['null', 'number'] } };
    expect(changes(before, now)).toEqual([
      'public.orders: field discount added (number)',
      'public.orders: field note removed',
      'public.orders: type of total changed from integer to number',
    ]);
  });

  it.each([
    ['that may be null now', { type: 'string' }, { type: ['null', 'string'] }],
    ['whose type one side does not tell', { type: 'string' }, {}],
    ['that is the same by a reference', { $ref: 'Types.json#/definitions/Date' }, { $ref: 'T.json#/x/Date' }],
  ])('are not counted for a field %s', (_, before, now) => {
    expect(changes({ field: before }, { field: now })).toEqual([]);
  });

  it.each([
    [
      { type: 'string', format: 'date' },
      { type: 'string', format: 'date-time' },
      'string (date)',
      'string (date-time)',
    ],
    [{ type: 'number', airbyte_type: 'integer' }, { type: 'number' }, 'number (integer)', 'number'],
    [{ type: 'array', items: id }, { type: 'array', items: { type: 'string' } }, 'array of integer', 'array of string'],
    [{ oneOf: [id, { type: 'string' }] }, { type: 'string' }, 'integer or string', 'string'],
  ])('tell types in full: %j → %j', (before, now, from, to) => {
    expect(changes({ field: before }, { field: now })).toEqual([
      `public.orders: type of field changed from ${from} to ${to}`,
    ]);
  });

  it('go into objects, and into the objects of lists', () => {
    const nested = (fields: object) => ({ address: { type: 'object', properties: fields } });
    expect(changes(nested({ city: {} }), nested({ city: {}, zip: { type: 'string' } }))).toEqual([
      'public.orders: field address.zip added (string)',
    ]);
    const list = (fields: object) => ({ lines: { type: 'array', items: { type: 'object', properties: fields } } });
    expect(changes(list({ sku: {} }), list({}))).toEqual(['public.orders: field lines.sku removed']);
  });

  it('are no new fields where the connection syncs some of them only', () => {
    expect(changes({ id }, { id, name: {} }, { fieldSelectionEnabled: true })).toEqual([]);
    expect(changes({ id }, { name: {} }, { fieldSelectionEnabled: true })).toEqual(['public.orders: field id removed']);
  });

  it('are streams that the source no longer has, but not those that are not synced', () => {
    const none = { streams: [] };
    expect(findSchemaChanges(orders({ id }), none).map(describeSchemaChange)).toEqual([
      'public.orders: no longer in the source',
    ]);
    expect(findSchemaChanges(orders({ id }, { selected: false }), none)).toEqual([]);
  });

  it('are none of the fields where the connection does not show them, as in the public API', () => {
    const shown: Catalog = { streams: [{ stream: { name: 'orders' }, config: {} }] };
    expect(findSchemaChanges(shown, orders({ id }))).toEqual([]);
  });
});

describe('a drift', () => {
  const many = Array.from({ length: 250 }, (_, nth) => ({
    stream: 'orders',
    kind: 'field removed' as const,
    field: `f${nth}`,
  }));

  it('is none without a change', () => {
    expect(toSchemaDrift([])).toBeUndefined();
  });

  it('is reported in a payload that stays small, and says how much it leaves out', () => {
    expect(toSchemaDrift(many)).toMatchObject({ changes: many.slice(0, 200), moreChanges: 50 });
  });

  it('is described in one readable line', () => {
    const drift = toSchemaDrift(many);
    expect(drift && describeSchemaDrift(drift, 2)).toBe(
      'orders: field f0 removed; orders: field f1 removed; and 248 more',
    );
    expect(describeSchemaDrift({ changes: many.slice(0, 1), moreChanges: 0 })).toBe('orders: field f0 removed');
  });
});

describe("Airbyte's word for what becomes of changes", () => {
  it.each([
    ['ignore', 'ignore'],
    ['propagate_columns', 'propagate'],
    ['disable', 'fail'],
    ['propagate_fully', undefined],
    [undefined, undefined],
  ])('%s is %s in a document', (word, policy) => {
    expect(schemaChangesPolicyOf(word)).toBe(policy);
  });
});
