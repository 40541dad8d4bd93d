import { createReadStream } from 'node:fs';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';
import type { z } from 'zod';
import { type FleetDocument, fleetDocumentSchema } from '../contract/fleet-document';
import { type PipelineDocument, pipelineDocumentSchema } from '../contract/pipeline-document';
import { findLimitViolation, MAXIMUM_INPUT_BYTES, tooLargeMessage } from '../contract/validation/input-limits';
import {
  firstProblems,
  formatProblemPath,
  type LocatedProblem,
  locateProblems,
  type Problem,
} from '../contract/validation/schema-problems';
import type { FieldPath } from '../text/field-path';
import { isObject } from '../text/json-object';
import { DUPLICATE_KEY, describeSyntaxError, UNKNOWN_ALIAS } from './yaml-syntax-messages';

/** With comments and indentation, a document may be larger than what is sent of it; a larger file is none. */
const MAXIMUM_FILE_BYTES = 5 * MAXIMUM_INPUT_BYTES;
/** Each costs a walk through the document; people use a few. */
const MAXIMUM_ALIASES = 500;

/** A problem together with its place in the file; lines and columns count from 1. */
export interface DocumentProblem extends Problem {
  line?: number;
  column?: number;
}

/** A pipeline document that cannot be used. Its message has a line for each problem, and no value that was found. */
export class PipelineDocumentError extends Error {
  override readonly name = 'PipelineDocumentError';

  constructor(
    readonly fileName: string,
    readonly problems: readonly DocumentProblem[],
    options?: ErrorOptions,
  ) {
    super(problems.map((problem) => describe(fileName, problem)).join('\n'), options);
  }
}

/** `shop.yaml:12:7 connection.streams[0].syncMode: expected …`, which editors and terminals make a link of. */
function describe(fileName: string, { path, message, line, column }: DocumentProblem): string {
  const place = line === undefined ? fileName : `${fileName}:${line}:${column ?? 1}`;
  return path === '' ? `${place}: ${message}` : `${place} ${path}: ${message}`;
}

/**
 * Reads a pipeline document from a file, YAML or JSON.
 *
 * @throws PipelineDocumentError when the file cannot be read, or what it holds is not a pipeline document
 */
export async function readPipelineDocument(file: string): Promise<PipelineDocument> {
  return parsePipelineDocument(await readText(file), file);
}

/** A document that can be run: a pipeline, or a fleet, which is told by its key `fleet`. */
export type RunnableDocument =
  | { kind: 'pipeline'; document: PipelineDocument }
  | { kind: 'fleet'; document: FleetDocument };

/**
 * Reads the document of a pipeline or of a fleet from a file, YAML or JSON.
 *
 * @throws PipelineDocumentError when the file cannot be read, or what it holds is neither
 */
export async function readRunnableDocument(file: string): Promise<RunnableDocument> {
  return parseRunnableDocument(await readText(file), file);
}

/** @throws PipelineDocumentError */
async function readText(file: string): Promise<string> {
  try {
    return await readAtMost(file, MAXIMUM_FILE_BYTES);
  } catch (error) {
    if (error instanceof PipelineDocumentError) throw error;
    throw new PipelineDocumentError(file, [{ path: '', message: describeReadError(error) }], { cause: error });
  }
}

/** What is read may be a pipe, or a device that never ends. */
async function readAtMost(file: string, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of createReadStream(file)) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new PipelineDocumentError(file, [{ path: '', message: tooLargeMessage('is') }]);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function describeReadError(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'is a folder, expected the file of a pipeline document';
  return `cannot be read (${code ?? String(error)})`;
}

/**
 * Checks a pipeline document and applies its defaults.
 *
 * @param text YAML or JSON
 * @param fileName how messages call the text
 * @throws PipelineDocumentError with everything that is wrong, in the order of the text
 */
export function parsePipelineDocument(text: string, fileName = 'pipeline document'): PipelineDocument {
  const opened = readUncheckedDocument(text, fileName);
  if (!isFleet(opened)) return check(opened, pipelineDocumentSchema());
  const message = 'makes this the document of a fleet, which only `temporal-airbyte run` takes; expected a pipeline';
  return opened.refuse([{ path: ['fleet'], message }]);
}

/** The same for the document of a fleet. */
export function parseFleetDocument(text: string, fileName = 'fleet document'): FleetDocument {
  return check(readUncheckedDocument(text, fileName), fleetDocumentSchema());
}

/** The same for any other file that people write, such as rules. */
export function parseDocumentWith<Schema extends z.ZodType>(schema: Schema, text: string, fileName: string) {
  return check(readUncheckedDocument(text, fileName, 'a list'), schema);
}

function parseRunnableDocument(text: string, fileName: string): RunnableDocument {
  const opened = readUncheckedDocument(text, fileName);
  return isFleet(opened)
    ? { kind: 'fleet', document: check(opened, fleetDocumentSchema()) }
    : { kind: 'pipeline', document: check(opened, pipelineDocumentSchema()) };
}

/** The text of a document that can be read, but has not been checked. */
interface UncheckedDocument {
  json: unknown;
  /** @throws PipelineDocumentError with these problems in their places */
  refuse(problems: LocatedProblem[]): never;
}

function isFleet({ json }: UncheckedDocument): boolean {
  return isObject(json) && 'fleet' in json;
}

function check<Schema extends z.ZodType>({ json, refuse }: UncheckedDocument, schema: Schema): z.output<Schema> {
  const checked = schema.safeParse(json);
  return checked.success ? checked.data : refuse(locateProblems(checked.error.issues));
}

/** At least so long is what a text of YAML holds: without its indentation and its comments. */
function minimumContentLength(text: string): number {
  return text.replace(/^[ \t]*(?:#.*)?\r?\n?/gm, '').length;
}

function readUncheckedDocument(text: string, fileName: string, expected = 'a pipeline document'): UncheckedDocument {
  // Reading so much takes many seconds, only to find out that it is refused.
  if (text.length > MAXIMUM_INPUT_BYTES && minimumContentLength(text) > MAXIMUM_INPUT_BYTES) {
    throw new PipelineDocumentError(fileName, [{ path: '', message: tooLargeMessage('is') }]);
  }
  const lines = new LineCounter();
  // The parser compares each key with each other one; findUnrepresentableNodes looks for those that are there twice.
  const yaml = parseDocument(text, {
    ...{ lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false },
  });
  const placeOf = (offset: number): Pick<DocumentProblem, 'line' | 'column'> => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const fail = (problems: DocumentProblem[], rest?: string): never => {
    const inOrder = problems.sort(byPosition);
    throw new PipelineDocumentError(fileName, rest === undefined ? inOrder : [...inOrder, { path: '', message: rest }]);
  };
  // A large document may have as many as it has fields, and to find the place of each takes time.
  const failWith = <P extends { message: string }>(problems: P[], place: (problem: P) => DocumentProblem) => {
    const { shown, rest } = firstProblems(problems);
    return fail(shown.map(place), rest);
  };

  // Only the first: what the parser stumbles over after it is mostly a consequence.
  const [broken] = [...yaml.errors, ...yaml.warnings].sort((one, other) => one.pos[0] - other.pos[0]);
  if (broken !== undefined) fail([{ path: '', message: describeSyntaxError(broken), ...placeOf(broken.pos[0]) }]);
  if (yaml.contents === null) fail([{ path: '', message: `is empty, expected ${expected}` }]);
  const { unfit, hasAliases } = findUnrepresentableNodes(yaml);
  if (unfit.length > 0) {
    failWith(unfit, ({ offset, message }) => ({ path: '', message, ...placeOf(offset) }));
  }

  return {
    json: toJson(yaml, hasAliases, fail),
    refuse: (problems) =>
      failWith(problems, ({ path, message }) => {
        const offset = offsetOf(yaml, path);
        return { path: formatProblemPath(path), message, ...(offset === undefined ? undefined : placeOf(offset)) };
      }),
  };
}

const TOO_MANY_ALIASES = 'uses aliases (*name) in a circle, or more of them than a document can need';

function toJson(yaml: Document, hasAliases: boolean, fail: (problems: DocumentProblem[]) => never): unknown {
  try {
    const json = yaml.toJS();
    // What is too large only since aliases stand for it, too, or has no end: an alias inside of what it refers to.
    if (hasAliases && findLimitViolation(json) !== undefined) return fail([{ path: '', message: TOO_MANY_ALIASES }]);
    return JSON.parse(JSON.stringify(json));
  } catch (error) {
    if (error instanceof PipelineDocumentError) throw error;
    return fail([{ path: '', message: TOO_MANY_ALIASES }]);
  }
}

interface UnrepresentableNode {
  offset: number;
  message: string;
}

/** What the parser lets pass, but JSON cannot say: it would change silently, or fail without a place. */
function findUnrepresentableNodes(yaml: Document): { unfit: UnrepresentableNode[]; hasAliases: boolean } {
  const unfit: UnrepresentableNode[] = [];
  let aliases = 0;
  visit(yaml, {
    Scalar(_, { value, range }) {
      if (typeof value !== 'number') return;
      // An id of 20 digits is rounded when it is read as a number.
      const isTooLarge = Number.isInteger(value) && !Number.isSafeInteger(value);
      if (!isTooLarge && Number.isFinite(value)) return;
      unfit.push({ offset: range?.[0] ?? 0, message: 'this number cannot be kept as it is; put it into quotes' });
    },
    Map(_, { items }) {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (keys.has(key.value)) unfit.push({ offset: key.range?.[0] ?? 0, message: DUPLICATE_KEY });
        keys.add(key.value);
      }
    },
    Alias(_, alias) {
      aliases += 1;
      const offset = alias.range?.[0] ?? 0;
      if (aliases > MAXIMUM_ALIASES) {
        unfit.push({ offset, message: TOO_MANY_ALIASES });
        return visit.BREAK;
      }
      if (alias.resolve(yaml) === undefined) unfit.push({ offset, message: UNKNOWN_ALIAS });
      return undefined;
    },
  });
  return { unfit, hasAliases: aliases > 0 };
}

/** Where a field stands: at its key; for one that is missing, at the object that misses it. */
function offsetOf(yaml: Document, path: FieldPath): number | undefined {
  let node: Node | null = yaml.contents;
  let offset = node?.range?.[0];
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(yaml) ?? null;
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === segment);
      if (pair === undefined) break;
      offset = (pair.key as Scalar).range?.[0] ?? offset;
      next = pair.value;
    } else if (isSeq(node) && typeof segment === 'number') {
      next = node.items[segment];
      offset = (next as Node | undefined)?.range?.[0] ?? offset;
    } else {
      break;
    }
    node = (next as Node | null | undefined) ?? null;
  }
  return offset;
}

function byPosition(one: DocumentProblem, other: DocumentProblem): number {
  return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
}
