import { describe, expect, it } from '@jest/globals';
import { JsonTrimmer, type TrimRules } from '../../../src/airbyte/http/json-trimmer';

const SIZES = [1, 2, 3, 5, 7, 64, 1_000, 1_000_000];

/** Gives a text to a trimmer in chunks of so many bytes. */
function trim(text: string, size: number, rules: TrimRules, limit = Number.POSITIVE_INFINITY): JsonTrimmer {
  const trimmer = new JsonTrimmer(rules, limit);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) trimmer.push(bytes.subarray(at, at + size));
  return trimmer;
}

function trimmed(value: unknown, size: number, rules: TrimRules): unknown {
  return JSON.parse(trim(JSON.stringify(value), size, rules).takeText().toString());
}

const ODD = ['', '"', '\\', '\\"', ']', '} , {', '[', 'é', '🙂', '\u2028', '\n\t', '\u0000', '\\u0022', 'null'];

describe.each(SIZES)('a JSON text that comes in %i bytes at a time', (size) => {
  it('is unchanged where the rules omit nothing', () => {
    const value = { ODD, [ODD.join()]: [[], {}, [{ a: [1.5e-7, true, null, { b: ODD }] }], 'x'] };
    expect(trimmed(value, size, {})).toEqual(value);
    expect(trimmed([value, value], size, {})).toEqual([value, value]);
    const spaced = JSON.stringify(value, null, 2);
    expect(JSON.parse(trim(spaced, size, {}).takeText().toString())).toEqual(value);
  });

  it('keeps the last elements of the named lists, and all elements of others', () => {
    const lines = Array.from({ length: 50 }, (_, line) => `"${line}" \\ ] , é ${ODD[line % ODD.length]}`);
    const events = Array.from({ length: 30 }, (_, line) => ({ message: `] ${line}`, deep: [{ x: [1, 2] }] }));
    const value = { other: ['lines', ['kept'], { events: 'none' }], a: { lines }, b: { events }, empty: { lines: [] } };
    expect(trimmed(value, size, { lastElementsOf: ['lines', 'events'] })).toEqual({
      ...value,
      a: { lines: lines.slice(-20) },
      b: { events: events.slice(-20) },
    });
  });

  it('cuts long texts between two characters, and no names of fields', () => {
    const longName = 'n'.repeat(200);
    const value = Object.fromEntries(ODD.map((odd, index) => [`${longName}${index}`, odd.repeat(300)]));
    const cut = trimmed(value, size, { maximumTextBytes: 100 }) as Record<string, string>;
    expect(Object.keys(cut)).toEqual(Object.keys(value));
    for (const [name, text] of Object.entries(cut)) {
      expect(value[name]?.startsWith(text) || text.endsWith('\ud83d')).toBe(true);
      expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThanOrEqual(120);
    }
  });

  it('omits the values that are too large together', () => {
    const large = { deep: ['}', { large: 'x'.repeat(100) }] };
    const value = {
      items: [
        { large, id: 1 },
        { id: 2, large },
        { id: 3, large: 7 },
      ],
      large: 'y',
    };
    const budget = JSON.stringify(large).length + 10;
    expect(trimmed(value, size, { omittedFields: ['large'], budget })).toEqual({
      items: [
        { large, id: 1 },
        { id: 2, large: null },
        { id: 3, large: 7 },
      ],
      large: 'y',
    });
  });

  it.each([
    ['a field', 'data', (items: unknown) => ({ next: 'n', data: items, more: { data: [7] } })],
    ['the whole response', undefined, (items: unknown) => items],
  ] as const)('hands on the items of a list that is %s', (_, field, wrap) => {
    const taken: unknown[] = [];
    const take = (item: Buffer) => taken.push(JSON.parse(item.toString()));
    const items = [{ id: 1, data: [1, 2], large: ODD }, ODD[1], 3, [], { lines: ['a', 'b'] }];
    const rules = { items: { field, take }, omittedFields: ['large'], lastElementsOf: ['lines'] };
    expect(trimmed(wrap(items), size, rules)).toEqual(wrap([]));
    expect(taken).toEqual([{ id: 1, data: [1, 2], large: null }, ...items.slice(1)]);
  });

  it('can be closed inside a list of which only the last elements are kept', () => {
    const text = '{"a":[{"lines":["0","1"]},{"lines":["2","3","and so on';
    const trimmer = trim(text, size, { lastElementsOf: ['lines'] });
    const ended = trimmer.closeInsideList((field) => JSON.stringify(`${field} end here`));
    expect(JSON.parse(String(ended))).toEqual({
      a: [{ lines: ['0', '1'] }, { lines: ['2', '3', 'lines end here'] }],
    });
    expect(trim('{"a":[1,', size, { lastElementsOf: ['lines'] }).closeInsideList(() => '')).toBeUndefined();
  });
});

it('says when the kept parts are larger than the limit', () => {
  expect(trim('{"a":"12345"}', 4, {}, 13).isFull).toBe(false);
  expect(trim('{"a":"123456"}', 4, {}, 13).isFull).toBe(true);
  expect(trim(JSON.stringify({ large: 'x'.repeat(100) }), 4, { omittedFields: ['large'] }, 20).isFull).toBe(false);
});

it('rejects what is nested deeper than any response of Airbyte', () => {
  expect(() => trim('['.repeat(100_000), 1_000, {})).toThrow('the response is nested deeper than 1000 levels');
});
