/** The limits of every input: size, depth and length of texts. They are checked before anything else reads the input. */
import type { FieldPath } from '../../text/field-path';
import { formatNumber } from '../../text/formatting';
import { describeLocatedProblems } from './schema-problems';

/** Temporal's limit is 2 MiB; the difference is room for the defaults that are added to the input. */
export const MAXIMUM_INPUT_BYTES = 2_000_000;
/** The deepest configurations are those of low-code connectors, with about 30 levels. */
export const MAXIMUM_DEPTH = 100;
/** About 40,000 streams, listed one by one, have so many values, and are larger than 2 MB. */
const MAXIMUM_VALUES = 300_000;
/** The limit of texts outside of configurations. A configuration may hold whole files: keys, certificates, manifests. */
const MAXIMUM_TEXT_LENGTH = 10_000;
const MAXIMUM_KEY_LENGTH = 1_000;
/** The limit of an Airbyte id. It becomes part of workflow ids, for which Temporal's limit is 1,000 bytes. */
export const MAXIMUM_ID_LENGTH = 200;

/** The first limit that an input exceeds, and the path of the value that exceeds it. */
export interface LimitViolation {
  path: FieldPath;
  message: string;
}

/** A value and its parents. The path is built from them only for a message. */
interface ValueNode {
  value: unknown;
  depth: number;
  key: string | number | undefined;
  parent: ValueNode | undefined;
  isConfiguration: boolean;
}

const SIZE_ADVICE = 'select streams by pattern (order_*) instead of one by one, or split it into several documents';

/**
 * Finds the first limit that an input exceeds. An input that is too deep overflows the stack and one that is too large is
 * rejected by Temporal; without this check, Temporal would retry both until their timeout. The function does not recurse and
 * stops at the first violation, so it accepts every input, also one with references to itself.
 */
export function findLimitViolation(input: unknown): LimitViolation | undefined {
  const pending: ValueNode[] = [{ value: input, depth: 0, key: undefined, parent: undefined, isConfiguration: false }];
  let bytes = 0;
  let values = 1;
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const { value, depth, key, isConfiguration } = node;
    if (depth > MAXIMUM_DEPTH) {
      return { path: pathOf(node).slice(0, 3), message: `is nested more than ${MAXIMUM_DEPTH} levels deep` };
    }
    const items = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    values += items.length;
    if (values > MAXIMUM_VALUES) {
      return { path: [], message: `holds more than ${formatNumber(MAXIMUM_VALUES)} values: ${SIZE_ADVICE}` };
    }
    if (typeof key === 'string') {
      if (key.length > MAXIMUM_KEY_LENGTH) {
        return { path: pathOf(node.parent), message: `has a key of more than ${MAXIMUM_KEY_LENGTH} characters` };
      }
      bytes += jsonBytes(key) + 1;
    }
    if (typeof value === 'string') {
      if (!isConfiguration && value.length > MAXIMUM_TEXT_LENGTH) {
        return { path: pathOf(node), message: `expected at most ${formatNumber(MAXIMUM_TEXT_LENGTH)} characters` };
      }
      bytes += jsonBytes(value) + 1;
    } else {
      bytes += 6;
    }
    for (const [name, item] of items) {
      const inside = isConfiguration || name.toLowerCase().endsWith('configuration');
      const itemKey = Array.isArray(value) ? Number(name) : name;
      pending.push({ value: item, depth: depth + 1, key: itemKey, parent: node, isConfiguration: inside });
    }
    if (bytes > MAXIMUM_INPUT_BYTES) return { path: [], message: tooLargeMessage() };
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

/** The message for an input that exceeds Temporal's limit. */
export function tooLargeMessage(): string {
  return `is larger than ${formatNumber(MAXIMUM_INPUT_BYTES)} bytes, Temporal's limit: ${SIZE_ADVICE}`;
}

/** The bytes of a text in JSON. A text that exceeds the limit anyway is not counted exactly. */
function jsonBytes(text: string): number {
  if (text.length > MAXIMUM_INPUT_BYTES) return text.length;
  let bytes = 2;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20) bytes += code === 0x0a || code === 0x0d || code === 0x09 ? 2 : 6;
    else if (code < 0x80) bytes += code === 0x22 || code === 0x5c ? 2 : 1;
    // One half of a surrogate pair, which has four bytes.
    else if (code >= 0xd800 && code <= 0xdfff) bytes += 2;
    else bytes += code < 0x800 ? 2 : 3;
  }
  return bytes;
}

function pathOf(node: ValueNode | undefined): FieldPath {
  const path: (string | number)[] = [];
  for (let at = node; at?.key !== undefined; at = at.parent) path.unshift(at.key);
  return path;
}
