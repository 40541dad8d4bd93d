import type { FieldPath } from '../../text/field-path';
import { formatNumber } from '../../text/formatting';
import { describeLocatedProblems } from './schema-problems';

/** Temporal takes 2 MiB of an input; some of it is left for what is written into it on the way, such as defaults. */
export const MAXIMUM_INPUT_BYTES = 2_000_000;
/** The configurations of low-code connectors, the deepest there are, have some 30 levels. */
export const MAXIMUM_DEPTH = 100;
/** So many have some 40,000 streams that are written out, which are more than 2 MB. */
const MAXIMUM_VALUES = 300_000;
/** A connector's configuration may hold whole files as a text: keys, certificates, manifests. Nothing else is long. */
const MAXIMUM_TEXT_LENGTH = 10_000;
const MAXIMUM_KEY_LENGTH = 1_000;
/** Of an id of anything; Temporal's own ids, which hold one, may have 1,000 bytes. */
export const MAXIMUM_ID_LENGTH = 200;

/** The first bound that an input exceeds, and where. */
export interface LimitViolation {
  path: FieldPath;
  message: string;
}

/** A value with the way to it, kept as links since most are never written. */
interface Place {
  value: unknown;
  depth: number;
  key: string | number | undefined;
  parent: Place | undefined;
  isConfiguration: boolean;
}

const SIZE_ADVICE = 'select streams by pattern (order_*) instead of one by one, or make several documents of it';

/**
 * Finds out whether something that a caller sends is beyond what can be worked with: what is too deep overflows a stack,
 * what is too large Temporal does not take, and both would be tried again until the time is over. It neither recurses nor
 * goes on after the first bound that is exceeded, so that anything may be given to it, also what refers to itself.
 */
export function findLimitViolation(input: unknown): LimitViolation | undefined {
  const places: Place[] = [{ value: input, depth: 0, key: undefined, parent: undefined, isConfiguration: false }];
  let bytes = 0;
  let values = 1;
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const { value, depth, key, isConfiguration } = place;
    if (depth > MAXIMUM_DEPTH) {
      return { path: pathOf(place).slice(0, 3), message: `is nested more than ${MAXIMUM_DEPTH} levels deep` };
    }
    const items = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    values += items.length;
    if (values > MAXIMUM_VALUES) {
      return { path: [], message: `holds more than ${formatNumber(MAXIMUM_VALUES)} values: ${SIZE_ADVICE}` };
    }
    if (typeof key === 'string') {
      if (key.length > MAXIMUM_KEY_LENGTH) {
        return { path: pathOf(place.parent), message: `has a key of more than ${MAXIMUM_KEY_LENGTH} characters` };
      }
      bytes += jsonBytes(key) + 1;
    }
    if (typeof value === 'string') {
      if (!isConfiguration && value.length > MAXIMUM_TEXT_LENGTH) {
        return { path: pathOf(place), message: `expected at most ${formatNumber(MAXIMUM_TEXT_LENGTH)} characters` };
      }
      bytes += jsonBytes(value) + 1;
    } else {
      bytes += 6;
    }
    for (const [name, item] of items) {
      const inside = isConfiguration || name.toLowerCase().endsWith('configuration');
      const itemKey = Array.isArray(value) ? Number(name) : name;
      places.push({ value: item, depth: depth + 1, key: itemKey, parent: place, isConfiguration: inside });
    }
    if (bytes > MAXIMUM_INPUT_BYTES) return { path: [], message: tooLargeMessage('is') };
  }
  return undefined;
}

/** What is wrong with the first of some inputs that exceeds a limit; undefined when all are within the limits. */
export function describeLimitViolation(inputs: readonly unknown[]): string | undefined {
  for (const input of inputs) {
    const violation = findLimitViolation(input);
    if (violation !== undefined) return describeLocatedProblems([violation]);
  }
  return undefined;
}

/** What is said of an input that is larger than Temporal takes. */
export function tooLargeMessage(is: string): string {
  return `${is} larger than ${formatNumber(MAXIMUM_INPUT_BYTES)} bytes, the most that Temporal takes: ${SIZE_ADVICE}`;
}

/** The bytes that a text takes in JSON; of one that is beyond the bound anyway, those of its characters. */
function jsonBytes(text: string): number {
  if (text.length > MAXIMUM_INPUT_BYTES) return text.length;
  let bytes = 2;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20) bytes += code === 0x0a || code === 0x0d || code === 0x09 ? 2 : 6;
    else if (code < 0x80) bytes += code === 0x22 || code === 0x5c ? 2 : 1;
    // Half of a pair, of which both together have four bytes.
    else if (code >= 0xd800 && code <= 0xdfff) bytes += 2;
    else bytes += code < 0x800 ? 2 : 3;
  }
  return bytes;
}

function pathOf(place: Place | undefined): FieldPath {
  const path: (string | number)[] = [];
  for (let at = place; at?.key !== undefined; at = at.parent) path.unshift(at.key);
  return path;
}
