/** Reads documents from YAML or JSON, and finds the line and column of each problem. */
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
} from '../contract/validation/schema-problems';
import { type WebhookRoute, webhookRoutesSchema } from '../contract/webhook-routes';
import type { FieldPath } from '../text/field-path';
import { isObject } from '../text/json-object';
import { type DocumentProblem, PipelineDocumentError } from './document-error';
import { readDocumentText } from './document-text';
import { DUPLICATE_KEY, describeSyntaxError, UNKNOWN_ALIAS } from './yaml-syntax-messages';

/** Resolving an alias takes the parser longer the more of them there are; documents have few of them. */
const MAXIMUM_ALIASES = 500;

/**
 * Reads a pipeline document from a file, YAML or JSON.
 *
 * @throws PipelineDocumentError when the file cannot be read or is no valid pipeline document
 */
export async function readPipelineDocument(file: string): Promise<PipelineDocument> {
  return parsePipelineDocument(await readDocumentText(file), file);
}

/** The document of a pipeline, or of a fleet, which has the key `fleet`. */
export type RunnableDocument =
  | { kind: 'pipeline'; document: PipelineDocument }
  | { kind: 'fleet'; document: FleetDocument };

/**
 * Reads the document of a pipeline or of a fleet from a file, YAML or JSON.
 *
 * @throws PipelineDocumentError when the file cannot be read or is no valid document
 */
export async function readRunnableDocument(file: string): Promise<RunnableDocument> {
  return checkRunnable(readUncheckedDocument(await readDocumentText(file), file));
}

/** Any document that this project reads from YAML or JSON: that of a pipeline or a fleet, or the routes of webhooks, which have the key `routes`. */
export type AnyDocument = RunnableDocument | { kind: 'webhook routes'; document: { routes: WebhookRoute[] } };

/**
 * Reads any document from a file, YAML or JSON.
 *
 * @throws PipelineDocumentError when the file cannot be read or is no valid document
 */
export async function readAnyDocument(file: string): Promise<AnyDocument> {
  const opened = readUncheckedDocument(await readDocumentText(file), file);
  return isObject(opened.json) && 'routes' in opened.json
    ? { kind: 'webhook routes', document: check(opened, webhookRoutesSchema()) }
    : checkRunnable(opened);
}

/**
 * Checks a pipeline document and applies its defaults.
 *
 * @param text YAML or JSON
 * @param fileName the name of the text in messages
 * @throws PipelineDocumentError with all problems, in the order of the text
 */
export function parsePipelineDocument(text: string, fileName = 'pipeline document'): PipelineDocument {
  const opened = readUncheckedDocument(text, fileName);
  if (!isFleet(opened)) return check(opened, pipelineDocumentSchema());
  const message =
    'makes this the document of a fleet; expected a pipeline. `temporal-airbyte run`, `apply` and `plan` accept fleets';
  return opened.reject([{ path: ['fleet'], message }]);
}

/** Checks the document of a fleet in the same way. */
export function parseFleetDocument(text: string, fileName = 'fleet document'): FleetDocument {
  return check(readUncheckedDocument(text, fileName), fleetDocumentSchema());
}

/**
 * Reads the document of a fleet from a file in the same way.
 *
 * @throws PipelineDocumentError when the file cannot be read or is no valid fleet document
 */
export async function readFleetDocument(file: string): Promise<FleetDocument> {
  return parseFleetDocument(await readDocumentText(file), file);
}

/** Checks another file, such as the rules of secrets, in the same way. */
export function parseDocumentWith<Schema extends z.ZodType>(schema: Schema, text: string, fileName: string) {
  return check(readUncheckedDocument(text, fileName, 'a list'), schema);
}

function checkRunnable(opened: UncheckedDocument): RunnableDocument {
  return isFleet(opened)
    ? { kind: 'fleet', document: check(opened, fleetDocumentSchema()) }
    : { kind: 'pipeline', document: check(opened, pipelineDocumentSchema()) };
}

/** A document that has been read, but not checked. */
interface UncheckedDocument {
  json: unknown;
  /** @throws PipelineDocumentError with these problems and their positions */
  reject(problems: LocatedProblem[]): never;
}

function isFleet({ json }: UncheckedDocument): boolean {
  return isObject(json) && 'fleet' in json;
}

function check<Schema extends z.ZodType>({ json, reject }: UncheckedDocument, schema: Schema): z.output<Schema> {
  const checked = schema.safeParse(json);
  return checked.success ? checked.data : reject(locateProblems(checked.error.issues));
}

/** The length of a YAML text without its indentation and comments. */
function minimumContentLength(text: string): number {
  return text.replace(/^[ \t]*(?:#.*)?\r?\n?/gm, '').length;
}

function readUncheckedDocument(text: string, fileName: string, expected = 'a pipeline document'): UncheckedDocument {
  // Parsing such a text takes many seconds, and the document would be rejected anyway.
  if (text.length > MAXIMUM_INPUT_BYTES && minimumContentLength(text) > MAXIMUM_INPUT_BYTES) {
    throw new PipelineDocumentError(fileName, [{ path: '', message: tooLargeMessage() }]);
  }
  const lines = new LineCounter();
  // The parser's own search for duplicate keys is quadratic; findUnrepresentableNodes finds them.
  const yaml = parseDocument(text, {
    ...{ lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false },
  });
  const positionOf = (offset: number): Pick<DocumentProblem, 'line' | 'column'> => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const fail = (problems: DocumentProblem[], rest?: string): never => {
    const inOrder = problems.sort(byPosition);
    throw new PipelineDocumentError(fileName, rest === undefined ? inOrder : [...inOrder, { path: '', message: rest }]);
  };
  // A large document may have a problem in each field, and finding all positions would take long.
  const failWith = <P extends { message: string }>(problems: P[], locate: (problem: P) => DocumentProblem) => {
    const { shown, rest } = firstProblems(problems);
    return fail(shown.map(locate), rest);
  };

  // Only the first error: the others are mostly consequences of it.
  const [broken] = [...yaml.errors, ...yaml.warnings].sort((one, other) => one.pos[0] - other.pos[0]);
  if (broken !== undefined)
    fail([{ path: '', message: describeSyntaxError(broken, text), ...positionOf(broken.pos[0]) }]);
  if (yaml.contents === null) fail([{ path: '', message: `is empty; expected ${expected}` }]);
  const { unrepresentable, hasAliases } = findUnrepresentableNodes(yaml);
  if (unrepresentable.length > 0) {
    failWith(unrepresentable, ({ offset, message }) => ({ path: '', message, ...positionOf(offset) }));
  }

  return {
    json: toJson(yaml, hasAliases, fail),
    reject: (problems) =>
      failWith(problems, ({ path, message }) => {
        const offset = offsetOf(yaml, path);
        return { path: formatProblemPath(path), message, ...(offset === undefined ? undefined : positionOf(offset)) };
      }),
  };
}

const TOO_MANY_ALIASES = 'has aliases (*name) that refer to themselves, or too many of them';

function toJson(yaml: Document, hasAliases: boolean, fail: (problems: DocumentProblem[]) => never): unknown {
  try {
    const json = yaml.toJS();
    // Aliases can make a document too large, or endless if an alias is part of its own anchor.
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

/** Finds what the parser accepts, but JSON cannot represent: it would change silently, or fail without a position. */
function findUnrepresentableNodes(yaml: Document): { unrepresentable: UnrepresentableNode[]; hasAliases: boolean } {
  const unrepresentable: UnrepresentableNode[] = [];
  let aliases = 0;
  // The parser's own search for the anchor of an alias walks through the whole document.
  const anchors = new Set<string | undefined>();
  visit(yaml, {
    Scalar(_, { anchor, value, range }) {
      anchors.add(anchor);
      if (typeof value !== 'number') return;
      // The parser rounds an id of 20 digits.
      const isTooLarge = Number.isInteger(value) && !Number.isSafeInteger(value);
      if (!isTooLarge && Number.isFinite(value)) return;
      unrepresentable.push({ offset: range?.[0] ?? 0, message: 'this number would be rounded; write it in quotes' });
    },
    Seq(_, { anchor }) {
      anchors.add(anchor);
    },
    Map(_, { anchor, items }) {
      anchors.add(anchor);
      const keys = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (keys.has(key.value)) unrepresentable.push({ offset: key.range?.[0] ?? 0, message: DUPLICATE_KEY });
        keys.add(key.value);
      }
    },
    Alias(_, alias) {
      aliases += 1;
      const offset = alias.range?.[0] ?? 0;
      if (aliases > MAXIMUM_ALIASES) {
        unrepresentable.push({ offset, message: TOO_MANY_ALIASES });
        return visit.BREAK;
      }
      if (!anchors.has(alias.source)) unrepresentable.push({ offset, message: UNKNOWN_ALIAS });
      return undefined;
    },
  });
  return { unrepresentable, hasAliases: aliases > 0 };
}

/** The offset of a field's key; for a missing field, that of the object that lacks it. */
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
