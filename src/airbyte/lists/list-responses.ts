import { z } from 'zod';
import { shorten } from '../../text/shorten';
import type { CallSite } from '../calls';
import { describeIssues, errorOfUnexpectedShape } from '../responses/response-errors';

/** One row of a list; of one that cannot be read only what tells it from others. */
export type Row<Item> = { item: Item } | { leftOut: string };

/** A list as far as it can be read. */
export interface ParsedList<Item> {
  /** What the server sent, in its order. */
  rows: Row<Item>[];
  items: Item[];
  /** What could not be read, a sentence for each row. */
  warnings: string[];
  /** Why the first of them could not. */
  problem: z.ZodError | undefined;
  /** What else the response says. */
  response: LooseObject;
}

type LooseObject = Record<string, unknown>;

/** What an item is called in a warning. */
const MAXIMUM_NAME_LENGTH = 200;

/** What may stand in a response beside its list, so that a list that is missing is an empty one. */
const NON_LIST_FIELDS = ['next', 'previous', 'page_size', 'totalJobCount', 'num_connections'];

const partiallyRead = new WeakSet<object>();

/** Whether a list gave this item without a field that could not be read. Reading the item itself fails and names the field. */
export function isPartiallyRead(item: object): boolean {
  return partiallyRead.has(item);
}

/**
 * The schema of a response that holds a list. Its items are read one by one: one odd item must not hide the others. An item
 * that cannot be read is read without its odd fields, or is left out, with a warning either way. A list that is missing or
 * null is empty: servers before 0.59, and Airbyte Cloud of 2023, answer `{}` for no items.
 *
 * @param field where the list is; undefined where it is the response itself
 */
export function listResponseSchema<Item>(field: string | undefined, item: z.ZodType<Item>) {
  if (field === undefined) {
    return z.array(z.unknown()).transform((list) => readRows(list, item, [], {}));
  }
  return z
    .looseObject({ [field]: z.array(z.unknown()).nullish() })
    .superRefine((response, context) => {
      if (field in response || Object.keys(response).every((key) => NON_LIST_FIELDS.includes(key))) return;
      context.addIssue({ code: 'custom', path: [field], message: 'Invalid input: expected array, received undefined' });
    })
    .transform((response: LooseObject) => readRows((response[field] ?? []) as unknown[], item, [field], response));
}

/**
 * A list of nothing but rows that cannot be read is no list of ours: it must not look as if there were none.
 *
 * @throws AirbyteError
 */
export function assertReadable(
  site: CallSite,
  { items, problem }: Pick<ParsedList<unknown>, 'items' | 'problem'>,
): void {
  if (items.length === 0 && problem !== undefined) throw errorOfUnexpectedShape(site, problem);
}

function readRows<Item>(
  list: readonly unknown[],
  item: z.ZodType<Item>,
  path: readonly string[],
  response: LooseObject,
): ParsedList<Item> {
  const read: ParsedList<Item> = { rows: [], items: [], warnings: [], problem: undefined, response };
  const take = (each: Item) => {
    read.rows.push({ item: each });
    read.items.push(each);
  };
  for (const [index, value] of list.entries()) {
    const whole = item.safeParse(value);
    if (whole.success) {
      take(whole.data);
      continue;
    }
    const { issues } = whole.error;
    read.problem ??= new z.ZodError(issues.map((issue) => ({ ...issue, path: [...path, index, ...issue.path] })));
    const problem = `${nameOf(value, index)} cannot be read (${describeIssues(issues)})`;
    const part = item.safeParse(withoutInvalidFields(value, issues));
    if (part.success) {
      if (typeof part.data === 'object' && part.data !== null) partiallyRead.add(part.data);
      take(part.data);
    } else read.rows.push({ leftOut: textOf(value, index) });
    read.warnings.push(part.success ? `${problem}: it is read without that` : `${problem}: it is left out`);
  }
  return read;
}

function withoutInvalidFields(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const odd = new Set(issues.map(({ path }) => path[0]));
  return Object.fromEntries(Object.entries(value).filter(([field]) => !odd.has(field)));
}

/** What tells a row from others. One that is too deep to be written is told by its name. */
function textOf(value: unknown, index: number): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return nameOf(value, index);
  }
}

/** `'orders' (7a74…)`, as far as the item tells. */
function nameOf(value: unknown, index: number): string {
  const { job, ...fields } = Object(value) as LooseObject;
  const texts = Object.entries({ ...Object(job), ...fields }).filter(([, text]) =>
    /^(string|number)$/.test(typeof text),
  );
  const name = texts.find(([field]) => field === 'name' || field === 'streamName')?.[1];
  const id = texts.find(([field]) => field === 'id' || field.endsWith('Id'))?.[1];
  const called = [name === undefined ? '' : `'${name}'`, id === undefined ? '' : `(${id})`].filter(Boolean).join(' ');
  return shorten(called.replace(/\s+/g, ' ') || `its item ${index}`, MAXIMUM_NAME_LENGTH);
}
