import { describe, expect, it } from '@jest/globals';
import { isStreamPattern, matchesStream } from '../../../src/documents/stream-patterns';

describe('a pattern for streams', () => {
  it('is a name or a namespace with a * in it', () => {
    expect(isStreamPattern({ name: 'order_*' })).toBe(true);
    expect(isStreamPattern({ name: 'orders', namespace: 'eu_*' })).toBe(true);
    expect(isStreamPattern({ name: 'order_?', namespace: 'public' })).toBe(false);
  });

  it.each([
    ['order_*', 'order_items', true],
    ['order_*', 'order_', true],
    ['order_*', 'orders', false],
    ['order_*', 'my_order_items', false],
    ['*', 'anything at all', true],
    ['*_log', 'audit_log', true],
    ['a*b*c', 'a-b-c', true],
    ['a**c', 'abc', true],
    ['order.*', 'order_items', false],
    ['order.*', 'order.items', true],
    ['(orders)*', '(orders)2', true],
    ['Orders*', 'orders2', false],
  ])('%s against %s: %s', (name, stream, fits) => {
    expect(matchesStream({ name }, { name: stream })).toBe(fits);
  });

  it('compares namespaces if both sides have one', () => {
    const pattern = { name: '*', namespace: 'sales_*' };
    expect(matchesStream(pattern, { name: 'orders', namespace: 'sales_eu' })).toBe(true);
    expect(matchesStream(pattern, { name: 'orders', namespace: 'public' })).toBe(false);
    expect(matchesStream(pattern, { name: 'orders' })).toBe(true);
    expect(matchesStream({ name: '*' }, { name: 'orders', namespace: 'public' })).toBe(true);
  });
});
