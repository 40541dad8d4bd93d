/**
 * JSON whose numbers keep every digit. JavaScript's own reader rounds integers beyond 2^53 and decimals of more than 17
 * digits to the nearest double; here such a number is an {@link ExactNumber}, and every other value is what it always is.
 */
import { randomUUID } from 'node:crypto';

/** Stands in front of the digits of an exact number while it travels through JavaScript's own JSON as a string. */
const MARK = `exact number ${randomUUID()} `;
const MARKED = new RegExp(`"${MARK}([^"]*)"`, 'g');

/** Only a text with so many digits, or with so large an exponent, can have a number that a double does not hold. */
const MAY_HAVE_EXACT = /\d[\d.]{15}|\d[eE][+-]?\d{3}/;
const NUMBER_CHARACTER = /[-+.\deE]/;

let isWriting = false;

/** A number that JavaScript cannot hold, by its digits as they were written. */
export class ExactNumber {
  constructor(readonly digits: string) {}

  get isInteger(): boolean {
    return /^-?\d+$/.test(this.digits);
  }

  toString(): string {
    return this.digits;
  }

  /** A number in the text that {@link jsonText} makes; elsewhere its digits, as a string. */
  toJSON(): string {
    return isWriting ? MARK + this.digits : this.digits;
  }
}

/** Makes a number of its digits: JavaScript's own where that is the same number, else an exact one. */
export function numberOf(digits: string): number | ExactNumber {
  const number = Number(digits);
  return sameDecimal(String(number), digits) ? number : new ExactNumber(digits);
}

/** @throws SyntaxError as JSON.parse does */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!MAY_HAVE_EXACT.test(text)) return value;
  const marked = withMarkedNumbers(text);
  if (marked === text) return value;
  return JSON.parse(marked, (_key, each: unknown) =>
    typeof each === 'string' && each.startsWith(MARK) ? new ExactNumber(each.slice(MARK.length)) : each,
  );
}

/** The JSON of a value, with every digit of its exact numbers. `replacer` is JSON.stringify's own. */
export function jsonText(value: unknown, replacer?: (key: string, value: unknown) => unknown): string {
  isWriting = true;
  try {
    const text = JSON.stringify(value, replacer) ?? 'null';
    return text.includes(MARK) ? text.replaceAll(MARKED, '$1') : text;
  } finally {
    isWriting = false;
  }
}

/** A deep copy of a value that came out of JSON. */
export function copyOf<Value>(value: Value): Value {
  return parseJson(jsonText(value)) as Value;
}

/** Puts each number of a valid JSON text that a double does not hold into a marked string. */
function withMarkedNumbers(text: string): string {
  const parts: string[] = [];
  let copiedTo = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') {
      at = endOfString(text, at);
    } else if (character === '-' || (character >= '0' && character <= '9')) {
      const start = at;
      while (NUMBER_CHARACTER.test(text[at + 1] ?? '')) at += 1;
      const digits = text.slice(start, at + 1);
      if (digits.length < 5 || !(numberOf(digits) instanceof ExactNumber)) continue;
      parts.push(text.slice(copiedTo, start), `"${MARK}${digits}"`);
      copiedTo = at + 1;
    }
  }
  parts.push(text.slice(copiedTo));
  return parts.join('');
}

/** The place of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
}

function sameDecimal(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

/** A decimal as its digits without zeros at either end, and its power of ten; other texts as they are. */
function canonical(decimal: string): string {
  const match = /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d+))?$/.exec(decimal);
  if (!match) return decimal;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign === '-' ? '-' : ''}${significant}e${power}`;
}
