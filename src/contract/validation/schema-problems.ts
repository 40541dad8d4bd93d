import { z } from 'zod';
import { type FieldPath, formatPath } from '../../text/field-path';
import { formatNumber } from '../../text/formatting';
import { nearestName } from '../../text/nearest-name';
import { shorten } from '../../text/shorten';

/** One thing that is wrong with what a person wrote. It never holds the value that was found. */
export interface Problem {
  /** Such as `connection.streams[0].syncMode`; empty for the document as a whole. */
  path: string;
  message: string;
}

/** A problem whose path is still in parts, for those who have to find its place in a file. */
export interface LocatedProblem {
  path: FieldPath;
  message: string;
}

/** A person reads no more of them, and a failure has to fit into what Temporal takes. */
const MAXIMUM_PROBLEMS = 20;
const MAXIMUM_PATH_LENGTH = 300;
const MAXIMUM_MESSAGE_LENGTH = 1_000;
/** A longer key is no known one with a slip in it. */
const MAXIMUM_KEY_TO_COMPARE = 100;

/** An object in which an unknown key is an error, said together with the key that was probably meant. */
export function strictObject<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    // One line a key: zod reports all unknown keys of an object as one issue, locateProblems takes them apart again.
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .slice(0, MAXIMUM_PROBLEMS)
            .map((key) => unknownKeyMessage(key, known))
            .join('\n')
        : undefined,
  });
}

function unknownKeyMessage(key: string, known: readonly string[]): string {
  const meant = key.length > MAXIMUM_KEY_TO_COMPARE ? undefined : nearestName(key, known);
  return meant === undefined
    ? `is not a known key; known here are ${known.join(', ')}`
    : `is not a known key; did you mean ${meant}?`;
}

/** One of some words, where none may be left out: Zod alone does not tell a wrong word from no word. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, {
    error: ({ input }) => (input === undefined ? missing(`one of ${words.join(', ')}`) : undefined),
  });
}

/**
 * What a failed check of a pipeline document or of a workflow's input says, one sentence a field. Of many, those of the
 * first fields and how many more there are.
 */
export function toProblems(error: z.ZodError): Problem[] {
  const { shown, rest } = firstProblems(locateProblems(error.issues));
  const written = shown.map(({ path, message }) => ({ path: formatProblemPath(path), message }));
  return rest === undefined ? written : [...written, { path: '', message: rest }];
}

/** Problems as one text, a line for each; never longer than some pages. */
export function describeLocatedProblems(problems: readonly LocatedProblem[]): string {
  const { shown, rest = '' } = firstProblems(problems);
  const lines = shown.map(({ path, message }) => [formatProblemPath(path), message].filter(Boolean).join(' '));
  return [...lines, rest].filter(Boolean).join('\n');
}

/** As many problems as a person reads, and a line that says how many more there are. */
export function firstProblems<P extends { message: string }>(problems: readonly P[]): { shown: P[]; rest?: string } {
  const shown = problems
    .slice(0, MAXIMUM_PROBLEMS)
    .map((problem) => ({ ...problem, message: shorten(problem.message, MAXIMUM_MESSAGE_LENGTH) }));
  const more = problems.length - shown.length;
  return { shown, ...(more > 0 && { rest: `and ${formatNumber(more)} more` }) };
}

/** The path of a problem's field as it is shown: keys that nobody can read are cut. */
export function formatProblemPath(path: FieldPath): string {
  const text = formatPath(path);
  return text.length > MAXIMUM_PATH_LENGTH ? `${text.slice(0, MAXIMUM_PATH_LENGTH)}…` : text;
}

/** Those of a parse as one text. */
export function describeZodError(error: z.ZodError): string {
  return describeLocatedProblems(locateProblems(error.issues));
}

/** The same as {@link toProblems}, with paths in parts. */
export function locateProblems(issues: readonly z.core.$ZodIssue[]): LocatedProblem[] {
  return issues.flatMap((issue): LocatedProblem[] => {
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      return issue.keys.map((key, index) => ({
        path: [...issue.path, key],
        message: messages[index] ?? 'is not a known key',
      }));
    }
    if (issue.code === 'invalid_union') {
      const branch = intendedBranch(issue.errors);
      if (branch !== undefined) {
        return locateProblems(branch).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
      }
    }
    return [{ path: issue.path, message: sentence(issue) }];
  });
}

/**
 * The one alternative the person was writing: its kind is right, its literals (`by: temporal`) are there, and it knows all
 * the keys that are there. Undefined when that is not exactly one; then the union's own message, which lists them, says more.
 */
function intendedBranch(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const sameKind = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || !isTypeMismatch(issue)),
  );
  const sameLiterals = sameKind.filter((issues) => !issues.some(isLiteralMismatch));
  if (sameKind.length > 0 && sameLiterals.length === 0) return mergeLiteralIssues(sameKind);
  const near = sameLiterals.length === 1 ? sameLiterals : sameLiterals.filter((issues) => !issues.some(isUnknownKey));
  return near.length === 1 ? near[0] : undefined;
}

/** The field that tells the alternatives apart has the value of none: says those of all. */
function mergeLiteralIssues(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const issues = branches.flat().filter(isLiteralMismatch);
  const [first] = issues;
  return first && [{ ...first, values: [...new Set(issues.flatMap(({ values }) => values))] }];
}

function isLiteralMismatch(issue: z.core.$ZodIssue): issue is z.core.$ZodIssueInvalidValue {
  return issue.code === 'invalid_value' && issue.path.length > 0 && issue.values.length === 1;
}

function isTypeMismatch(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function isUnknownKey(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'unrecognized_keys';
}

function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type': {
      const [, received] = / received (\w+)$/.exec(issue.message) ?? [];
      if (received === undefined) return issue.message;
      if (received === 'undefined') return missing(withArticle(issue.expected));
      if (received === 'null') return `is empty: expected ${withArticle(issue.expected)}`;
      return `expected ${withArticle(issue.expected)}, found ${withArticle(received)}`;
    }
    case 'invalid_value':
      if (!issue.message.startsWith('Invalid')) return issue.message;
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
}

function missing(expected: string): string {
  return `is missing: expected ${expected} (required)`;
}

function withArticle(type: string): string {
  // An object of another realm, such as that of a workflow, is called by its class.
  const name = type === 'array' ? 'list' : type === 'int' ? 'integer' : type === 'Object' ? 'object' : type;
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
