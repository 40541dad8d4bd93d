import { z } from 'zod';
import { isObject } from '../../text/json-object';
import { shorten } from '../../text/shorten';
import type { CallSite } from '../calls';
import { describeIssues, errorOfUnexpectedShape } from '../responses/response-errors';

/** One row of a list: its item, or for a row that cannot be read a text that identifies it. */
export type Row<Item> = { item: Item } | { unreadable: string };

/** The readable part of a list. */
export interface ParsedList<Item> {
  /** All rows that the server sent, in its order. */
  rows: Row<Item>[];
  items: Item[];
  /** One sentence for each row that cannot be read, or only in part. */
  warnings: string[];
  /** The problem of the first of these rows. */
  problem: z.ZodError | undefined;
  /** The whole response. */
  response: LooseObject;
}

type LooseObject = Record<string, unknown>;

/** How long the name of an item in a warning may be. */
const MAXIMUM_NAME_LENGTH = 200;

/** The fields that a response may have in addition to its list. A response with no other field counts as an empty list. */
const NON_LIST_FIELDS = ['next', 'previous', 'page_size', 'totalJobCount', 'num_connections'];

const partiallyRead = new WeakSet<object>();

/**
 * Whether a list has this item without a field that could not be read. Reading the item by itself fails and names the
 * field.
 */
export function isPartiallyRead(item: object): boolean {
  return partiallyRead.has(item);
}

/**
 * The schema of a response that holds a list. Its items are read one by one, so that one invalid item does not hide the
 * others. An invalid item is read without its invalid fields, or else left out, with a warning either way. A list that
 * is missing or null is empty: servers before 0.59, and Airbyte Cloud of 2023, send `{}` for no items.
 *
 * @param field the field that holds the list; undefined where the list is the response itself
 */
export function listResponseSchema<Item>(field: string | undefined, item: z.ZodType<Item>): ListSchema<Item> {
  const known = listSchemas.get(item)?.get(field);
  // Kept by its item's schema, so its items have that type.
  if (known !== undefined) return known as ListSchema<Item>;
  const schema = createListSchema(field, item);
  listSchemas.set(item, new Map(listSchemas.get(item)).set(field, schema));
  return schema;
}

type ListSchema<Item> = z.ZodType<ParsedList<Item>>;

/** The schemas of lists by those of their items: a poll reads a list every few seconds. */
const listSchemas = new WeakMap<z.ZodType, Map<string | undefined, z.ZodType>>();

function createListSchema<Item>(field: string | undefined, item: z.ZodType<Item>): ListSchema<Item> {
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
 * Rejects a list in which no row can be read, because the caller would take it for an empty list.
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
    } else read.rows.push({ unreadable: identify(value, index) });
    read.warnings.push(part.success ? `${problem}: it is read without that field` : `${problem}: it is left out`);
  }
  return read;
}

function withoutInvalidFields(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  if (!isObject(value)) return value;
  const invalid = new Set(issues.map(({ path }) => path[0]));
  return Object.fromEntries(Object.entries(value).filter(([field]) => !invalid.has(field)));
}

/** Identifies a row by its JSON, or by its name where it is nested too deep to be written as JSON. */
function identify(value: unknown, index: number): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return nameOf(value, index);
  }
}

/** `'orders' (7a74…)`: the name and the id of an item, or its index if it has neither. */
function nameOf(value: unknown, index: number): string {
  const { job, ...fields } = Object(value) as LooseObject;
  const texts = Object.entries({ ...Object(job), ...fields }).filter(([, text]) =>
    /^(string|number)$/.test(typeof text),
  );
  const name = texts.find(([field]) => field === 'name' || field === 'streamName')?.[1];
  const id = texts.find(([field]) => field === 'id' || field.endsWith('Id'))?.[1];
  const label = [name === undefined ? '' : `'${name}'`, id === undefined ? '' : `(${id})`].filter(Boolean).join(' ');
  return shorten(label.replace(/\s+/g, ' ') || `its item ${index}`, MAXIMUM_NAME_LENGTH);
}
