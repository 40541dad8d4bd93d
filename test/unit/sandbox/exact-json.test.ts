import { describe, expect, it } from '@jest/globals';
import { copyOf, ExactNumber, jsonText, numberOf, parseJson } from '../../../sandbox/connectors/exact-json';

describe('exact JSON', () => {
  it.each([
    '{"id":9007199254740993,"small":1,"text":"9007199254740993"}',
    '[-9223372036854775808,9223372036854775807,18446744073709551615]',
    '{"nested":{"deep":[{"amount":12345678901234567890.123456789}]}}',
    '{"ratio":0.1234567890123456789,"huge":1e400,"tiny":4.9e-999}',
    '"a lone string with \\"9007199254740993\\" in it \\\\"',
    '123456789012345678901234567890',
    '{"__proto__":{"id":9007199254740993}}',
  ])('writes %s as it was read', (text) => {
    expect(jsonText(parseJson(text))).toBe(text);
  });

  it('leaves numbers that JavaScript holds what they are', () => {
    const text =
      '[9007199254740992, 1700000000000, 1.50, 1e3, -0.0, 0.1, 1.7976931348623157e308, 1000000000000000000000]';
    expect(parseJson(text)).toEqual(JSON.parse(text));
    expect(numberOf('1.50')).toBe(1.5);
    expect(numberOf('100000000000000000000000')).toBe(1e23);
  });

  it('keeps the digits of those that it does not hold', () => {
    expect(parseJson('{"id": 9007199254740993}')).toEqual({ id: new ExactNumber('9007199254740993') });
    expect(numberOf('0.30000000000000004')).toBe(0.30000000000000004);
    expect(numberOf('0.300000000000000041')).toEqual(new ExactNumber('0.300000000000000041'));
  });

  it('shows an exact number as its digits where another writer makes JSON', () => {
    expect(JSON.stringify(parseJson('[9007199254740993]'))).toBe('["9007199254740993"]');
  });

  it('copies exact numbers, too', () => {
    const value = parseJson('{"a":[9007199254740993]}');
    expect(copyOf(value)).toEqual(value);
    expect(copyOf(value)).not.toBe(value);
  });

  it('rejects what JSON.parse rejects', () => {
    expect(() => parseJson('{"id": NaN}')).toThrow(SyntaxError);
    expect(() => parseJson('{"id": 01234567890123456789}')).toThrow(SyntaxError);
  });
});
