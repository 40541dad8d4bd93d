import { readFile } from 'node:fs/promises';
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
import { type PipelineDocument, pipelineDocumentSchema } from './document';
import { type FieldPath, formatPath } from './field-path';
import { type FleetDocument, fleetDocumentSchema } from './fleet-document';
import { type LocatedProblem, locateProblems, type Problem } from './problems';
import { describeSyntaxError, UNKNOWN_ALIAS } from './yaml-syntax';

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
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new PipelineDocumentError(file, [{ path: '', message: whyUnreadable(error) }], { cause: error });
  }
}

function whyUnreadable(error: unknown): string {
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
  const opened = openDocument(text, fileName);
  if (!isFleet(opened)) return check(opened, pipelineDocumentSchema());
  const message = 'makes this the document of a fleet, which only `temporal-airbyte run` takes; expected a pipeline';
  return opened.refuse([{ path: ['fleet'], message }]);
}

/** The same for the document of a fleet. */
export function parseFleetDocument(text: string, fileName = 'fleet document'): FleetDocument {
  return check(openDocument(text, fileName), fleetDocumentSchema());
}

function parseRunnableDocument(text: string, fileName: string): RunnableDocument {
  const opened = openDocument(text, fileName);
  return isFleet(opened)
    ? { kind: 'fleet', document: check(opened, fleetDocumentSchema()) }
    : { kind: 'pipeline', document: check(opened, pipelineDocumentSchema()) };
}

/** The text of a document that can be read, but has not been checked. */
interface OpenedDocument {
  json: unknown;
  /** @throws PipelineDocumentError with these problems in their places */
  refuse(problems: LocatedProblem[]): never;
}

function isFleet({ json }: OpenedDocument): boolean {
  return typeof json === 'object' && json !== null && 'fleet' in json;
}

function check<Schema extends z.ZodType>({ json, refuse }: OpenedDocument, schema: Schema): z.output<Schema> {
  const checked = schema.safeParse(json);
  return checked.success ? checked.data : refuse(locateProblems(checked.error.issues));
}

function openDocument(text: string, fileName: string): OpenedDocument {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const placeOf = (offset: number): Pick<DocumentProblem, 'line' | 'column'> => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const fail = (problems: DocumentProblem[], cause?: unknown): never => {
    throw new PipelineDocumentError(fileName, problems.sort(byPlace), cause === undefined ? undefined : { cause });
  };

  // Only the first: what the parser stumbles over after it is mostly a consequence.
  const [broken] = [...yaml.errors, ...yaml.warnings].sort((one, other) => one.pos[0] - other.pos[0]);
  if (broken !== undefined) fail([{ path: '', message: describeSyntaxError(broken), ...placeOf(broken.pos[0]) }]);
  if (yaml.contents === null) fail([{ path: '', message: 'is empty, expected a pipeline document' }]);
  const unfit = findUnfitNodes(yaml);
  if (unfit.length > 0) fail(unfit.map(({ offset, message }) => ({ path: '', message, ...placeOf(offset) })));

  return {
    json: toJson(yaml, fail),
    refuse: (problems) =>
      fail(
        problems.map(({ path, message }) => {
          const offset = offsetOf(yaml, path);
          return { path: formatPath(path), message, ...(offset === undefined ? undefined : placeOf(offset)) };
        }),
      ),
  };
}

function toJson(yaml: Document, fail: (problems: DocumentProblem[]) => never): unknown {
  try {
    // By way of text: an alias inside of what it refers to makes a circle, and that is no JSON.
    return JSON.parse(JSON.stringify(yaml.toJS()));
  } catch {
    return fail([{ path: '', message: 'uses aliases (*name) in a circle, or more of them than a document can need' }]);
  }
}

/** What the parser lets pass, but JSON cannot say: it would change silently, or fail without a place. */
function findUnfitNodes(yaml: Document): { offset: number; message: string }[] {
  const found: { offset: number; message: string }[] = [];
  visit(yaml, {
    Scalar(_, { value, range }) {
      if (typeof value !== 'number') return;
      // An id of 20 digits is rounded when it is read as a number.
      const isTooLarge = Number.isInteger(value) && !Number.isSafeInteger(value);
      if (!isTooLarge && Number.isFinite(value)) return;
      found.push({ offset: range?.[0] ?? 0, message: 'this number cannot be kept as it is; put it into quotes' });
    },
    Alias(_, alias) {
      if (alias.resolve(yaml) !== undefined) return;
      found.push({ offset: alias.range?.[0] ?? 0, message: UNKNOWN_ALIAS });
    },
  });
  return found;
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

function byPlace(one: DocumentProblem, other: DocumentProblem): number {
  return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
}
